"""Find the listed enterprises in a text: every name, what speaks for it, and of overlapping ones the likelier."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from crm.core.text import fold, fold_company
from crm.enterprises.rules import AliasKind
from crm.linking import guards
from crm.linking.context import Candidate, Context
from crm.linking.folding import fold_article
from crm.linking.names import Alias, EnterpriseId, Names
from crm.linking.reasons import reasons_of
from crm.linking.scorer import Scorer, default_scorer
from crm.linking.thresholds import LINK, REVIEW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from crm.linking.evidence import Owner
    from crm.linking.folding import FoldedLike

__all__ = ["Alias", "AliasIndex", "EnterpriseId", "Mention", "derived_aliases"]
SHORT_NAME = 3
MOST = 6_000  # occurrences looked at in one text: whoever writes more writes a table


@dataclass(frozen=True)
class Mention:
    """One linked name; `start` and `end` count code points of the text given to `find`."""

    enterprise_id: EnterpriseId
    surface: str
    start: int
    end: int
    kind: AliasKind
    reasons: tuple[str, ...]
    confidence: float = 1.0

    @property
    def sure(self) -> bool:
        """Tell whether the product acts on it; otherwise it waits for a person."""
        return self.confidence >= LINK


@dataclass(frozen=True)
class AliasIndex:
    """All names of all enterprises, ready to be looked up in texts."""

    names: Names = field(repr=False)
    scorer: Scorer = field(repr=False)

    @classmethod
    def build(
        cls,
        aliases: Iterable[Alias],
        owners: Mapping[EnterpriseId, Owner] | None = None,
        scorer: Scorer | None = None,
    ) -> AliasIndex:
        """Index names of two characters or more."""
        return cls(Names.build(aliases, owners or {}), scorer or default_scorer())

    @property
    def enterprise_ids(self) -> Sequence[EnterpriseId]:
        """The enterprises that have a name here."""
        return self.names.ids

    def find(self, text: str, folded: FoldedLike | None = None) -> list[Mention]:
        """Find the mentions in a text, in order and without overlap; doubtful ones too, but none below REVIEW.

        Whoever has folded the text already (:func:`crm.linking.folding.fold_article`) gives it along.
        """
        found, known = self._found(text, folded)
        if not found:
            return []
        context = Context(found, known.text)
        return [_mention(text, one, confidence) for confidence, one in self._chosen(found, context)]

    def candidates(self, text: str, folded: FoldedLike | None = None) -> list[Candidate]:
        """Give every occurrence of every name with what speaks for and against it."""
        found, known = self._found(text, folded)
        context = Context(found, known.text)
        for one in found:
            if one.outer:
                context.describe(one)
        return found

    def _found(self, text: str, folded: FoldedLike | None) -> tuple[list[Candidate], FoldedLike]:
        known = folded or fold_article(text)
        found = []
        for start, end, number in islice(self.names.finder.hits(known.text), MOST):
            place = guards.Place(known.text, start, end)
            if guards.breaks_ascii_word(place) or guards.is_code_of(place):
                continue
            raw = known.span(start, end)
            key = self.names.keys[number]
            surface = text[raw[0] : raw[1]]
            if not self.names.wrong_case(key, surface) and not guards.is_common_noun(place, surface):
                found.append(Candidate(place, key, raw, self.names.claims(number)))
        return found, known

    def _chosen(self, found: Iterable[Candidate], context: Context) -> list[tuple[float, Candidate]]:
        """Choose among overlapping names; one inside another is described only when it is asked."""

        def judge(one: Candidate) -> float:
            if one.outer and not one.here:
                context.describe(one)
            return self.scorer.judge(one)

        return choose(found, judge)


def choose(found: Iterable[Candidate], judge: Callable[[Candidate], float]) -> list[tuple[float, Candidate]]:
    """Of overlapping names take the longest that is not out of the question, with its confidence, in order of places.

    One inside it is not even asked; of two that share only a part (云岭达 and 岭达股份 in 云岭达股份) the likelier
    stands.
    """
    taken: list[tuple[float, Candidate]] = []
    ordered = sorted(found, key=lambda one: (-one.size, one.place.start))
    filled = bytearray(max((one.place.end for one in ordered), default=0))
    for one in ordered:
        start, end = one.place.start, one.place.end
        if filled.find(1, start, end) >= 0:
            continue
        confidence = judge(one)
        if confidence >= REVIEW and not any(judge(other) > confidence for other in one.rivals):
            taken.append((confidence, one))
            filled[start:end] = b"\1" * (end - start)
    return sorted(taken, key=lambda pair: pair[1].place.start)


def _mention(text: str, one: Candidate, confidence: float) -> Mention:
    start, end = one.raw
    claim = one.claim
    reasons = reasons_of(claim.kind, derived=claim.derived, sure=confidence >= LINK, name=claim.evidence, here=one.here)
    return Mention(claim.enterprise_id, text[start:end], start, end, claim.kind, reasons, round(confidence, 3))


def derived_aliases(name: str, enterprise_id: EnterpriseId) -> list[Alias]:
    """Give the names that follow from a registered name: itself, and without its legal suffix.

    A remainder of up to three characters is ambiguous: 兴业 of 兴业股份有限公司 may be anybody's.
    """
    short = fold_company(name)
    aliases = [Alias(name, enterprise_id, AliasKind.FULL)]
    if short != fold(name) and not guards.is_generic(short):
        aliases.append(Alias(short, enterprise_id, AliasKind.SHORT, len(short) <= SHORT_NAME))
    return aliases
