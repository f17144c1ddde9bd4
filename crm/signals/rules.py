"""From sentences to signals: evidence of a kind, tied to the enterprises it is about, with its facts. Pure.

A signal is always a quoted sentence with exact offsets, so that a reader can check it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crm.signals.bearers import FACTORS, Bearer, actors
from crm.signals.facts.found import Facts
from crm.signals.gathering import ACT, REVIEW, Evidence, pairs
from crm.signals.kinds import KIND_LABELS, SEED_CLASSES, SignalKind
from crm.signals.reading import read, sentences

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from crm.core.money import Amount
    from crm.linking.matcher import EnterpriseId, Mention
    from crm.signals.facts.amounts import Deal
    from crm.signals.reading import FoldedLike
    from crm.signals.ruletable import RuleTable

__all__ = [
    "ACT",
    "KIND_LABELS",
    "REVIEW",
    "SEED_CLASSES",
    "Signal",
    "SignalKind",
    "detect",
    "find_signals",
    "sentences",
]

AT_HOME = frozenset({SignalKind.LAND, SignalKind.CAPX, SignalKind.RELO})  # a firm named after a place builds there


@dataclass(frozen=True, slots=True)
class Signal:
    """Evidence about one enterprise (None: not in the register); ``part[start:end] == quote`` in title or body.

    ``deals`` are the sums of the deal, the one that says most first.
    """

    kind: SignalKind
    enterprise_id: EnterpriseId | None
    quote: str
    part: str
    start: int
    end: int
    weight: float
    confidence: float
    reasons: tuple[str, ...]
    deals: tuple[Deal, ...] = ()
    place: str | None = None
    event_date: date | None = None
    industry: str | None = None

    @property
    def sure(self) -> bool:
        """Whether the product acts on it without a look by a person."""
        return self.confidence >= ACT

    @property
    def amount(self) -> Amount | None:
        """The sum of the deal, in yuan when the text says so."""
        return self.deals[0].best if self.deals else None

    @property
    def amount_wan(self) -> Decimal | None:
        """The sum in 万元, None in another currency."""
        return self.amount.cny_wan if self.amount else None


def detect(
    title: str,
    body: str,
    title_mentions: Sequence[Mention],
    body_mentions: Sequence[Mention],
    *,
    published: date | None = None,
    rules: RuleTable | None = None,
) -> list[Signal]:
    """Find the signals of an article about the enterprises of the register that it names.

    The enterprise is named in the clause or the sentence itself, or else it is the subject of the title, or else the
    one named last shortly before the sentence. Those who only comment are left out. Mention offsets count from the
    beginning of their part. One signal per kind, enterprise and part: the strongest, and among equals the first.
    """
    return reduced(every(title, body, title_mentions, body_mentions, published=published, rules=rules))


def every(
    title: str,
    body: str,
    title_mentions: Sequence[Mention],
    body_mentions: Sequence[Mention],
    *,
    published: date | None = None,
    rules: RuleTable | None = None,
) -> list[Signal]:
    """Find what :func:`detect` chooses from: all signals of title and body, also several of a kind."""
    heads = actors(title, title_mentions)
    return [
        *find_signals(title, title_mentions, part="title", published=published, rules=rules),
        *find_signals(body, body_mentions, subject=heads[0] if heads else None, published=published, rules=rules),
    ]


def reduced(found: Sequence[Signal]) -> list[Signal]:
    """Choose one signal per kind, enterprise of the register and part."""
    strongest: dict[tuple[SignalKind, EnterpriseId, str], Signal] = {}
    for signal in found:
        if signal.enterprise_id is None:
            continue
        key = (signal.kind, signal.enterprise_id, signal.part)
        known = strongest.get(key)
        strongest[key] = signal if known is None else _joined(known, signal)
    return list(strongest.values())


def _joined(known: Signal, new: Signal) -> Signal:
    """The stronger of two signals of a kind, with facts of the other where it has none."""
    return with_facts_of(new, known) if new.confidence > known.confidence else with_facts_of(known, new)


def with_facts_of(lead: Signal, other: Signal | None) -> Signal:
    """A signal with facts of another of its kind and enterprise where it has none."""
    if other is None:
        return lead
    return replace(
        lead,
        deals=lead.deals or other.deals,
        place=lead.place or other.place,
        event_date=lead.event_date or other.event_date,
        industry=lead.industry or other.industry,
    )


def find_signals(
    text: str,
    mentions: Sequence[Mention] = (),
    *,
    subject: Mention | None = None,
    part: str = "body",
    published: date | None = None,
    rules: RuleTable | None = None,
    folded: FoldedLike | None = None,
) -> list[Signal]:
    """Find all signals of a text, also those about firms that are not in the register, sentence by sentence.

    ``mentions`` are those that count.
    """
    reading = read(text, rules, folded)
    if not reading.matches:
        return []
    known = actors(text, mentions)
    facts = Facts(reading, known, published)
    found = [_signal(part, facts, *one) for one in pairs(reading, known, mentions, subject)]
    better = any(not deal.capital for signal in found for deal in signal.deals)
    return [_without_capital(signal) for signal in found] if better else found


def _without_capital(signal: Signal) -> Signal:
    """Leave registered capital out, since the text names a better sum elsewhere."""
    kept = tuple(deal for deal in signal.deals if not deal.capital)
    return signal if len(kept) == len(signal.deals) else replace(signal, deals=kept)


def _signal(part: str, facts: Facts, evidence: Evidence, bearer: Bearer, sums: tuple[Deal, ...]) -> Signal:
    """Put evidence, enterprise and facts together."""
    text, span = facts.reading.text, facts.reading.sentences[evidence.number]
    factor = FACTORS[bearer.how]
    place, day, industry = facts.of(evidence.number)
    start, end = span.raw_start, span.raw_end
    return Signal(
        kind=evidence.kind,
        enterprise_id=bearer.mention.enterprise_id if bearer.mention else None,
        quote=text[start:end],
        part=part,
        start=start,
        end=end,
        weight=round(evidence.weight * factor, 3),
        confidence=round(evidence.confidence * factor, 3),
        reasons=(*evidence.reasons, bearer.how),
        deals=sums,
        place=place or (facts.faint if evidence.kind in AT_HOME else None),
        event_date=day,
        industry=industry,
    )
