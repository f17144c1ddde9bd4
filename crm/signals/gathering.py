"""What of a reading is evidence, and about whom: each piece with one enterprise and the sums that are its. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from math import prod
from typing import TYPE_CHECKING

from crm.signals.bearers import NOBODY, Bearer, bearers, opines
from crm.signals.denials import DENIED_HEADLINE
from crm.signals.facts.amounts import Deal, deals, deals_told_of, largest, yuan_of
from crm.signals.generals import is_general
from crm.signals.kinds import SignalKind
from crm.signals.reading import WRAP_WORDS, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crm.linking.matcher import Mention
    from crm.signals.reading import Match

ACT, REVIEW = 0.6, 0.3
FEW, MANY = 2, 8
WRAPPED = 3
MOST = 40
MOST_EVIDENCE = 1_000  # pieces of one text: what holds more is a table
LISTED = re.compile(r"总投资|投资(?:额)?[约近]?\d")
SEGMENT = re.compile(r"[、;]|,(?!\d{3})")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that speaks for a kind."""

    kind: SignalKind
    number: int
    triggers: tuple[tuple[int, int], ...]
    weight: float
    confidence: float
    reasons: tuple[str, ...]


def pairs(
    reading: Reading, known: list[Mention], mentions: Sequence[Mention], subject: Mention | None
) -> Iterator[tuple[Evidence, Bearer, tuple[Deal, ...]]]:
    """Each piece of evidence with one enterprise and the sums that are its."""
    wrap, yuan = _is_wrap(reading, known), yuan_of(reading.text, reading.folded.text)
    if DENIED_HEADLINE.search(reading.sentence(0)):
        return
    silent = not known and any(opines(reading.text, mention) for mention in mentions)
    for evidence in islice(_evidence(reading, known), MOST_EVIDENCE):
        sentence = reading.sentence(evidence.number)
        span = reading.sentences[evidence.number]
        if wrap and WRAP_WORDS.search(sentence):
            continue
        won = evidence.kind is SignalKind.ORDR
        whole = (span.raw_start, span.raw_end)
        found = bearers(reading.text, whole, evidence.triggers, known, subject, won=won)
        if (wrap or silent) and (len(found) > FEW or NOBODY in found):
            continue
        if NOBODY in found and is_general(sentence, reading.sentence(0)):
            continue
        sums = deals(sentence, yuan)[:MOST]
        if sums:
            yield from _with_deals(reading, evidence, found, sums)
        else:
            beside = _ordered(_deals_beside(reading, evidence, yuan))
            yield from ((evidence, bearer, beside) for bearer in found)


def _deals_beside(reading: Reading, evidence: Evidence, yuan: str) -> list[Deal]:
    """Sums of the next sentence, else of the one before, when no evidence stands there (中标项目。总价3亿元。)."""
    taken = {match.sentence for match in reading.matches}
    for number in (evidence.number + 1, evidence.number - 1):
        if 0 <= number < len(reading.sentences) and number not in taken:
            found = deals_told_of(reading.sentence(number), yuan)
            if found:
                return found
    return []


def _is_wrap(reading: Reading, known: list[Mention]) -> bool:
    firms = len({mention.enterprise_id for mention in known})
    return (reading.wraps_the_market and (firms == 0 or firms >= WRAPPED)) or firms > MANY


def _evidence(reading: Reading, known: list[Mention]) -> Iterator[Evidence]:
    """What speaks for a kind, sentence by sentence; rules that want a name count only beside one."""
    starts = sorted(mention.start for mention in known)
    for number, kind, found in reading.by_sentence():
        span = reading.sentences[number]
        named = bisect_left(starts, span.raw_start) < bisect_left(starts, span.raw_end)
        matches = [match for match in found if named or not match.rule.named]
        weights = {match.rule.key: match.rule.weight for match in matches}
        confidence = 1 - prod(1 - weight for weight in weights.values())
        if confidence >= REVIEW:
            spans = tuple(sorted(reading.folded.span(match.start, match.end) for match in matches[:MOST]))
            yield Evidence(kind, number, spans, max(weights.values()), confidence, _by_weight(matches))


def _by_weight(matches: Iterable[Match]) -> tuple[str, ...]:
    weights = {match.rule.key: match.rule.weight for match in matches}
    return tuple(sorted(weights, key=lambda key: -weights[key]))


def _with_deals(
    reading: Reading, evidence: Evidence, found: list[Bearer], sums: list[Deal]
) -> Iterator[tuple[Evidence, Bearer, tuple[Deal, ...]]]:
    """Give every enterprise its own sum of a list of projects; sums of firms not in the register stand alone."""
    sentence = reading.sentence(evidence.number)
    listed = len(sums) > 1 and (len(found) > 1 or len(LISTED.findall(sentence)) > 1)
    if not listed:
        for bearer in found:
            yield evidence, bearer, _ordered(sums)
        return
    owned: defaultdict[int, list[Deal]] = defaultdict(list)
    for deal in sums:
        owner = _owner(reading, evidence, found, deal)
        owned[owner].append(deal)
    for place, bearer in enumerate(found):
        yield evidence, bearer, _ordered(owned.pop(place, []))
    for deal in owned.pop(-1, []):
        yield evidence, NOBODY, (deal,)


def _owner(reading: Reading, evidence: Evidence, found: list[Bearer], deal: Deal) -> int:
    """The number of the enterprise named in the same item of the list, -1 for none."""
    sentence = reading.sentence(evidence.number)
    base = reading.sentences[evidence.number].start
    cuts = [cut.start() for cut in SEGMENT.finditer(sentence)]
    first = max((cut for cut in cuts if cut < deal.start), default=0)
    last = min((cut for cut in cuts if cut >= deal.start), default=len(sentence))
    if first >= last:
        return -1
    start, end = reading.folded.span(base + first, base + last)
    for number, bearer in enumerate(found):
        if bearer.mention is not None and start <= bearer.mention.start < end:
            return number
    return -1 if len(cuts) > 1 or not found else 0


def _ordered(sums: list[Deal]) -> tuple[Deal, ...]:
    best = largest(sums)
    return (best, *[deal for deal in sums if deal is not best]) if best else ()
