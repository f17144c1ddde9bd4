"""All names of all enterprises, packed: which strings there are, and whose each is."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from math import log1p
from typing import TYPE_CHECKING, TypeAlias

from crm.core.text import fold
from crm.enterprises.rules import AliasKind
from crm.linking import automaton, guards
from crm.linking.evidence import LEGAL_ENDS, Evidence, NameFacts, Owner, of_name
from crm.linking.lexicon import default_lexicon
from crm.linking.tradenames import names_nobody, trade_names
from crm.linking.wordlist import default_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EnterpriseId: TypeAlias = int | str
SHORTEST = 2
CASED_LENGTH = 4
GIVEN_LENGTH = 4
LEGAL_FORM, STOCK_FORM = 1, 2
MOST_COUNTED = 60
KINDS = (AliasKind.FULL, AliasKind.TICKER, AliasKind.BRAND, AliasKind.ENGLISH, AliasKind.SHORT, AliasKind.FORMER)
KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
KIND_BITS, AMBIGUOUS, DERIVED = 7, 8, 16
NOBODY = Owner()


@dataclass(frozen=True)
class Alias:
    """One name of one enterprise; `ambiguous` says that it may be anybody's."""

    text: str
    enterprise_id: EnterpriseId
    kind: AliasKind
    ambiguous: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """That an enterprise bears a name: what the name says by itself, and how good the claim is among several."""

    enterprise_id: EnterpriseId
    kind: AliasKind
    derived: bool
    owner: Owner
    evidence: Evidence
    rank: tuple[bool, int, int]
    legal: int = 0

    @property
    def issues(self) -> bool:
        """Tell whether the enterprise is known as one that issues shares (股份有限公司)."""
        return bool(self.owner.codes) or self.legal == STOCK_FORM


@dataclass
class Names:
    """Folded names in order; the claims on the name with number n are ``first[n]`` to ``first[n + 1]``."""

    keys: list[str]
    first: array[int]
    owned: array[int]
    flags: array[int]
    ids: list[EnterpriseId]
    owners: Mapping[EnterpriseId, Owner]
    spelled: dict[str, frozenset[str]]
    finder: automaton.Finder = field(repr=False)
    legal: bytearray = field(default_factory=bytearray, repr=False)
    known: dict[int, tuple[Claim, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def build(cls, aliases: Iterable[Alias], owners: Mapping[EnterpriseId, Owner]) -> Names:
        """Pack names of two characters or more; those that say only a trade are left out."""
        ids: dict[EnterpriseId, int] = {}
        claims: dict[str, array[int]] = {}
        spelled: defaultdict[str, set[str]] = defaultdict(set)
        legal = bytearray()
        for alias in aliases:
            key = fold(alias.text)
            if len(key) < SHORTEST or (guards.is_generic(key) and not _given(key, alias.kind)):
                continue
            if key.isascii() and len(key) <= CASED_LENGTH:
                spelled[key] |= {alias.text, alias.text.upper()}
            number = ids.setdefault(alias.enterprise_id, len(ids))
            if number == len(legal):
                legal.append(0)
            if key.endswith(guards.COMPANY):
                legal[number] = max(legal[number], STOCK_FORM if key.endswith(guards.STOCK_COMPANY) else LEGAL_FORM)
            flag = KIND_NUMBERS[alias.kind] | (AMBIGUOUS if alias.ambiguous else 0)
            _claim(claims, key, number, flag)
        _derive(claims)
        keys = sorted(claims)
        first, owned, flags = array("q", [0]), array("q"), array("b")
        for key in keys:
            one = claims.pop(key)
            owned.extend(one[::2])
            flags.extend(one[1::2].tolist())
            first.append(len(owned))
        exact = {key: frozenset(texts) for key, texts in spelled.items()}
        return cls(keys, first, owned, flags, list(ids), owners, exact, automaton.build(keys), legal)

    def claims(self, number: int) -> tuple[Claim, ...]:
        """Give the claims on a name, worked out when it is met first."""
        found = self.known.get(number)
        if found is None:
            found = self.known[number] = self._claims(number)
        return found

    def _claims(self, number: int) -> tuple[Claim, ...]:
        places = range(self.first[number], self.first[number + 1])
        bearers = {self.owned[at] for at in places}
        others, own = self._longer(number, bearers)
        return tuple(self._one(number, at, others, own, shared=len(bearers) > 1) for at in places)

    def _one(self, number: int, at: int, others: float, own: set[int], *, shared: bool) -> Claim:
        bearer, flag = self.owned[at], self.flags[at]
        kind, enterprise_id = KINDS[flag & KIND_BITS], self.ids[bearer]
        owner = self.owners.get(enterprise_id, NOBODY)
        facts = NameFacts(
            key=self.keys[number],
            kind=kind,
            ambiguous=bool(flag & AMBIGUOUS),
            derived=bool(flag & DERIVED),
            shared=shared,
            extended=others,
            own_longer=bearer in own,
        )
        evidence = of_name(facts, owner, default_words(), default_lexicon())
        rank = (owner.lists > 0, -(flag & KIND_BITS), owner.lists)
        return Claim(enterprise_id, kind, facts.derived, owner, evidence, rank, self.legal[bearer])

    def _longer(self, number: int, bearers: set[int]) -> tuple[float, set[int]]:
        """How many others have a name that begins with this one, and which of its bearers do."""
        key, found = self.keys[number], set[int]()
        for longer in range(number + 1, min(len(self.keys), number + MOST_COUNTED)):
            if not self.keys[longer].startswith(key):
                break
            found.update(self.owned[self.first[longer] : self.first[longer + 1]])
        return min(1.0, log1p(len(found - bearers)) / 2.5), found & bearers

    def number(self, key: str) -> int | None:
        """Find the number of a folded name."""
        at = bisect_left(self.keys, key)
        return at if at < len(self.keys) and self.keys[at] == key else None

    def wrong_case(self, key: str, surface: str) -> bool:
        """Refuse a short Latin name in another case: `ge` in a sentence is not GE."""
        exact = self.spelled.get(key)
        return exact is not None and surface not in exact


def _given(key: str, kind: AliasKind) -> bool:
    """Tell whether words of trades are the very name of an enterprise on record: 交通银行, not 投资集团."""
    return len(key) >= GIVEN_LENGTH and kind in {AliasKind.FULL, AliasKind.TICKER}


def _claim(claims: dict[str, array[int]], key: str, number: int, flag: int) -> None:
    """Note a claim; of several kinds of one enterprise the first in order stands."""
    known = claims.setdefault(key, array("q"))
    for at in range(0, len(known), 2):
        if known[at] == number:
            if flag & KIND_BITS < known[at + 1] & KIND_BITS:
                known[at + 1] = flag
            return
    known.extend((number, flag))


def _derive(claims: dict[str, array[int]]) -> None:
    """Add what enterprises may be called besides, unless it is somebody's name already."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for key, known in claims.items():
        bearers = [known[at] for at in range(0, len(known), 2) if _whole_name(key, known[at + 1])]
        for name in trade_names(key) if bearers else ():
            found[name].update(bearers)
    vocabulary = default_words()
    flag = KIND_NUMBERS[AliasKind.SHORT] | AMBIGUOUS | DERIVED
    for name, numbers in found.items():
        if name not in claims and not guards.is_generic(name) and not names_nobody(name, len(numbers), vocabulary):
            claims[name] = array("q", [part for number in sorted(numbers) for part in (number, flag)])


def _whole_name(key: str, flag: int) -> bool:
    return KINDS[flag & KIND_BITS] in {AliasKind.FULL, AliasKind.TICKER} or key.endswith(LEGAL_ENDS)
