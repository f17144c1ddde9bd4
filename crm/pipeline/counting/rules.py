"""Whether a project counts: one decision with its reasons, from facts and the office's rules of its signing day. Pure.

Source: practice of the trade against inflated figures (assessed once, kinds that are never recognised, money from
outside only). Everything that counts signed projects reads the marks this decision leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from crm.core.money import digits
from crm.core.text import fold
from crm.pipeline.counting.words import BLANK, RULED, SPECS, Rule
from crm.pipeline.deals.rules import months_later
from crm.pipeline.intake.dimensions import COOPERATION_LABELS, Cooperation
from crm.pipeline.words import AREA_LABELS, EXIT_LABELS, ExitKind, SourceArea

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from crm.pipeline.counting.book import Book

FISCAL_WAYS = frozenset({Cooperation.BT, Cooperation.PPP})
NO_AREA = "没有填"
YEAR = 12
ENDS = frozenset({ExitKind.TERMINATED, ExitKind.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Contract:
    """A formal contract of a project: where its money comes from, blank when nobody said."""

    id: int
    signed_on: date
    amount: Decimal
    area: SourceArea | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the decision rests on. Sums in 万元; ``signed_on`` is the day it first stood as signed in the office.

    ``gap``: the most days without a record of progress between registration and signing. ``earlier``: a project of
    the same investor that was signed before. ``ended``: when and how it was terminated or withdrawn.
    """

    created_on: date
    texts: tuple[str, ...]
    investor: str = ""
    region_code: str = ""
    total: Decimal | None = None
    cooperation: Cooperation | None = None
    contracts: tuple[Contract, ...] = ()
    signed_on: date | None = None
    gap: int = 0
    earlier: str = ""
    ended: tuple[date, ExitKind] | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the office ruled by hand: under this rule the project counts, or does not."""

    counts: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Why something does not count: the whole project, one contract, or what happens from a day on."""

    rule: Rule
    params: Mapping[str, str] = field(default_factory=dict)
    ruled: bool = False
    agreement_id: int | None = None
    from_on: date | None = None

    @property
    def text(self) -> str:
        """The reason as a sentence with gaps for ``params``."""
        return RULED if self.ruled else SPECS[self.rule].why


def verdict(facts: Facts, book: Book, rulings: Mapping[Rule, Ruling]) -> tuple[Bar, ...]:
    """Decide; empty means that all of it counts. Only rules that are on are asked, a ruling goes before the facts."""
    found: list[Bar] = []
    for rule, check in CHECKS.items():
        ruling = rulings.get(rule)
        if not book[rule].on or (ruling and ruling.counts):
            continue
        if ruling:
            found.append(Bar(rule, {"reason": ruling.reason}, ruled=True))
        else:
            found += check(facts, book)
    return tuple(found)


def _named(rule: Rule, words: Sequence[str], texts: Iterable[str]) -> list[Bar]:
    whole = fold(" ".join(texts))
    word = next((one for one in words if fold(one) in whole), None)
    return [] if word is None else [Bar(rule, {"word": word})]


def _by_words(rule: Rule) -> Callable[[Facts, Book], list[Bar]]:
    return lambda facts, book: _named(rule, book[rule].words, facts.texts)


def _branch(facts: Facts, book: Book) -> list[Bar]:
    return _named(Rule.BRANCH, book[Rule.BRANCH].words, (*facts.texts, facts.investor))


def _home(facts: Facts, book: Book) -> bool:
    return bool(facts.region_code) and facts.region_code.startswith(book[Rule.LOCAL].words or ("-",))


def _local(facts: Facts, book: Book) -> list[Bar]:
    return [Bar(Rule.LOCAL, {"code": facts.region_code})] if _home(facts, book) else []


def _relocation(facts: Facts, book: Book) -> list[Bar]:
    return _named(Rule.RELOCATION, book[Rule.RELOCATION].words, facts.texts) if _home(facts, book) else []


def _phase(facts: Facts, book: Book) -> list[Bar]:
    found = _named(Rule.PHASE, book[Rule.PHASE].words, facts.texts) if facts.earlier else []
    return [Bar(Rule.PHASE, {**bar.params, "earlier": facts.earlier}) for bar in found]


def _fiscal(facts: Facts, book: Book) -> list[Bar]:
    if facts.cooperation in FISCAL_WAYS:
        return [Bar(Rule.FISCAL, {"word": COOPERATION_LABELS[facts.cooperation]})]
    return _named(Rule.FISCAL, book[Rule.FISCAL].words, facts.texts)


def _source(facts: Facts, book: Book) -> list[Bar]:
    """Bar contracts one by one, and the project when none of its contracts is left."""
    barred = book[Rule.SOURCE].words
    found = [
        Bar(Rule.SOURCE, {"area": AREA_LABELS[one.area] if one.area else NO_AREA}, agreement_id=one.id)
        for one in facts.contracts
        if (one.area or BLANK) in barred
    ]
    if found and len(found) == len(facts.contracts):
        return [Bar(Rule.SOURCE, found[0].params)]
    return found


def _floor(facts: Facts, book: Book) -> list[Bar]:
    least = book[Rule.FLOOR].number or Decimal(0)
    if facts.total is None and not facts.contracts:
        return []
    total = facts.total if facts.total is not None else sum((one.amount for one in facts.contracts), Decimal(0))
    return [Bar(Rule.FLOOR, {"sum": digits(total), "floor": digits(least)})] if total < least else []


def _late(facts: Facts, book: Book) -> list[Bar]:
    """Bar what happens from so many years on; the whole project when it was signed only then."""
    until = months_later(facts.created_on, int(book[Rule.LATE].number or 0) * YEAR)
    params = {"since": facts.created_on.isoformat(), "until": until.isoformat()}
    late = facts.signed_on is not None and facts.signed_on >= until
    return [Bar(Rule.LATE, params, from_on=None if late else until)]


def _unregistered(facts: Facts, book: Book) -> list[Bar]:
    signed = min((one.signed_on for one in facts.contracts), default=None)
    grace = int(book[Rule.UNREGISTERED].number or 0)
    if signed is None or (facts.created_on - signed).days <= grace:
        return []
    return [Bar(Rule.UNREGISTERED, {"signed": signed.isoformat(), "since": facts.created_on.isoformat()})]


def _unreported(facts: Facts, book: Book) -> list[Bar]:
    late = facts.gap > int(book[Rule.UNREPORTED].number or 0)
    return [Bar(Rule.UNREPORTED, {"days": str(facts.gap)})] if late else []


def _rush(facts: Facts, book: Book) -> list[Bar]:
    days = (facts.signed_on - facts.created_on).days if facts.signed_on else None
    quick = days is not None and days < int(book[Rule.RUSH].number or 0)
    return [Bar(Rule.RUSH, {"days": str(days)})] if quick else []


def _ended(facts: Facts, _book: Book) -> list[Bar]:
    if facts.ended is None:
        return []
    day, kind = facts.ended
    return [Bar(Rule.ENDED, {"day": day.isoformat(), "kind": EXIT_LABELS[kind]})]


CHECKS: dict[Rule, Callable[[Facts, Book], list[Bar]]] = {
    Rule.SOURCE: _source,
    Rule.LOCAL: _local,
    Rule.FISCAL: _fiscal,
    Rule.BRANCH: _branch,
    Rule.EXTRACTION: _by_words(Rule.EXTRACTION),
    Rule.ESTATE: _by_words(Rule.ESTATE),
    Rule.RETAIL: _by_words(Rule.RETAIL),
    Rule.PHASE: _phase,
    Rule.RELOCATION: _relocation,
    Rule.FLOOR: _floor,
    Rule.LATE: _late,
    Rule.UNREGISTERED: _unregistered,
    Rule.UNREPORTED: _unreported,
    Rule.RUSH: _rush,
    Rule.ENDED: _ended,
}


def longest_gap(days: Iterable[date]) -> int:
    """Most days between two days that follow each other."""
    return max(((later - sooner).days for sooner, later in pairwise(sorted(set(days)))), default=0)
