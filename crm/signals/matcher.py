"""Find the listed enterprises in a text: longest name first, then guards against false friends."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from crm.core.text import Folded, fold, fold_company, fold_with_offsets
from crm.enterprises.rules import AliasKind
from crm.signals.guards import (
    SHORT_NAME,
    Place,
    begins_apart,
    breaks_ascii_word,
    crosses_word,
    cues,
    inside_longer_name,
    is_generic,
)
from crm.signals.lexicon import Lexicon, default_lexicon

EnterpriseId: TypeAlias = int | str
PREFIX = 2
CASED_LENGTH = 4
LEGAL_ENDS = ("公司", "合伙)")
STRONG_CUES = frozenset({"stock_code", "legal_suffix", "group_suffix"})
SURE_CUES = STRONG_CUES - {"group_suffix"}


PRIORITY = {
    kind: rank
    for rank, kind in enumerate(
        (
            AliasKind.FULL,
            AliasKind.TICKER,
            AliasKind.BRAND,
            AliasKind.ENGLISH,
            AliasKind.SHORT,
            AliasKind.FORMER,
        )
    )
}


@dataclass(frozen=True)
class Alias:
    """One name of one enterprise; an ambiguous one is linked only with a cue.

    A kind that stands earlier in PRIORITY wins when two enterprises share a string.
    """

    text: str
    enterprise_id: EnterpriseId
    kind: AliasKind
    ambiguous: bool = False


@dataclass(frozen=True)
class Mention:
    """One linked name; `start` and `end` count code points of the text given to `find`."""

    enterprise_id: EnterpriseId
    surface: str
    start: int
    end: int
    kind: AliasKind
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class AliasIndex:
    """All names of all enterprises, ready to be looked up in texts."""

    entries: dict[str, Alias]
    lengths: dict[str, tuple[int, ...]]
    lexicon: Lexicon = field(repr=False)

    @classmethod
    def build(cls, aliases: Iterable[Alias], lexicon: Lexicon | None = None) -> "AliasIndex":
        """Index names of two characters or more; the stronger kind wins a shared string."""
        entries: dict[str, Alias] = {}
        for alias in aliases:
            key = fold(alias.text)
            known = entries.get(key)
            if len(key) >= PREFIX and not is_generic(key) and (known is None or _stronger(alias, known)):
                entries[key] = alias
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for key in entries:
            lengths[key[:PREFIX]].add(len(key))
        ordered = {prefix: tuple(sorted(all_, reverse=True)) for prefix, all_ in lengths.items()}
        return cls(entries, ordered, lexicon or default_lexicon())

    def find(self, text: str) -> list[Mention]:
        """Find the mentions in a text, leftmost-longest, without overlap, in order.

        An ambiguous name without a cue of its own is linked when the same enterprise is named
        beyond doubt elsewhere in the text.
        """
        folded = fold_with_offsets(text)
        found = [
            (mention, certain)
            for key, place in self._candidates(folded)
            for mention, certain in self._judge(text, folded, key, place)
        ]
        named = {mention.enterprise_id for mention, certain in found if certain}
        return [
            mention if certain else _with_reason(mention, "named_elsewhere")
            for mention, certain in found
            if certain or mention.enterprise_id in named
        ]

    def _candidates(self, folded: Folded) -> Iterable[tuple[str, Place]]:
        text, index = folded.text, 0
        while index < len(text) - 1:
            place = self._longest(text, index)
            if place is None:
                index += 1
                continue
            yield place.name, place
            index = place.end

    def _longest(self, text: str, index: int) -> Place | None:
        """Take the longest name at this position that stands on word boundaries."""
        for length in self.lengths.get(text[index : index + PREFIX], ()):
            place = Place(text, index, index + length)
            if (
                place.end <= len(text)
                and place.name in self.entries
                and not breaks_ascii_word(place)
                and not crosses_word(place, self.lexicon)
            ):
                return place
        return None

    def _judge(self, text: str, folded: Folded, key: str, place: Place) -> Iterable[tuple[Mention, bool]]:
        """Give the mention and whether it is beyond doubt; nothing for another organisation."""
        alias = self.entries[key]
        start, end = folded.span(place.start, place.end)
        if not key.endswith(LEGAL_ENDS) and inside_longer_name(place, self.lexicon):
            return
        if _wrong_case(key, alias.text, text[start:end]):
            return
        seen = cues(place, self.lexicon)
        needs_cue = self._doubtful(key, alias)
        certain = not needs_cue or bool(seen)
        if needs_cue and key in self.lexicon.ordinary:
            strong = bool(STRONG_CUES.intersection(seen)) or len(seen) > 1
            certain = strong and begins_apart(place, self.lexicon)
        if alias.ambiguous and alias.kind is AliasKind.SHORT and len(key) <= PREFIX:
            certain = bool(SURE_CUES.intersection(seen)) and begins_apart(place, self.lexicon)
        reasons = (f"name_{alias.kind}", *seen)
        yield Mention(alias.enterprise_id, text[start:end], start, end, alias.kind, reasons), certain

    def _doubtful(self, key: str, alias: Alias) -> bool:
        return (
            alias.ambiguous
            or key in self.lexicon.ordinary
            or (alias.kind is AliasKind.FORMER and len(key) <= SHORT_NAME)
            or (alias.kind is AliasKind.TICKER and len(key) <= PREFIX)
            or (key.isascii() and len(key) <= PREFIX)
        )


def derived_aliases(name: str, enterprise_id: EnterpriseId) -> list[Alias]:
    """Give the names that follow from a registered name: itself, and without its legal suffix.

    A remainder of up to three characters is ambiguous: 兴业 of 兴业股份有限公司 may be anybody's.
    """
    short = fold_company(name)
    aliases = [Alias(name, enterprise_id, AliasKind.FULL)]
    if short != fold(name) and not is_generic(short):
        aliases.append(Alias(short, enterprise_id, AliasKind.SHORT, len(short) <= SHORT_NAME))
    return aliases


def _stronger(new: Alias, known: Alias) -> bool:
    return PRIORITY[new.kind] < PRIORITY[known.kind]


def _wrong_case(key: str, name: str, surface: str) -> bool:
    """Refuse a short Latin name in another case: `ge` in a sentence is not GE."""
    return key.isascii() and len(key) <= CASED_LENGTH and surface not in {name, name.upper()}


def _with_reason(mention: Mention, reason: str) -> Mention:
    return Mention(
        mention.enterprise_id,
        mention.surface,
        mention.start,
        mention.end,
        mention.kind,
        (*mention.reasons, reason),
    )
