"""Read a text once: its sentences, and in each what speaks for a kind of signal. Pure.

The folded text is searched once for the words that rules need; only the rules whose word stands in a sentence are
tried on it, and only when no guard of theirs speaks against them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from crm.linking.folding import fold_article
from crm.signals.alternatives import matches
from crm.signals.denials import NO_PLANS, RUMOUR, TakenBack, core, taken_back
from crm.signals.ruletable import table_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crm.signals.kinds import SignalKind
    from crm.signals.ruletable import Rule, RuleTable

BREAK = re.compile(  # begins with one set of characters, which the engine skips to
    r"[。!?;\n.](?:(?<=[^.])[。!?;\n]*[”’」』)]*"
    r"|(?<=[a-z0-9)%\"”]{2}\.)(?<!\bco\.)(?<!\binc\.)(?<!corp\.)(?<!\bltd\.)(?<!\bno\.)(?<!\bmr\.)(?<!\bms\.)"
    r"(?=[a-z\"“(]))"
)
WRAP_WORDS = re.compile(
    r"板块|个股|涨停|跌停|领涨|领跌|沪指|概念股|涨超|跌超|涨幅|收涨|收跌|走强|拉升|涨逾|跌逾|主力资金|成交额"
)
WRAP = 3
LONGEST = 20_000  # characters of a sentence
NEAR = 60
BLANK = " \n\t"
ENDS = "。!?;.\n \t”’」』)"


Called = defaultdict[int, list[re.Pattern[str]]]


class FoldedLike(Protocol):
    """A folded text with the way back to the text it was folded from."""

    @property
    def text(self) -> str:
        """The folded text."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the original half-open span of a non-empty folded half-open span."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: half-open spans in the folded text and in the text as it was given."""

    start: int
    end: int
    folded: FoldedLike

    @property
    def raw_start(self) -> int:
        """Where it begins in the text as it was given."""
        return self.folded.span(self.start, self.end)[0]

    @property
    def raw_end(self) -> int:
        """Where it ends in the text as it was given."""
        return self.folded.span(self.start, self.end)[1]


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that speaks in a sentence, with the span of the words in the folded text."""

    rule: Rule
    sentence: int
    start: int
    end: int


@dataclass(slots=True)
class Reading:
    """What was read out of one text."""

    text: str
    folded: FoldedLike
    sentences: list[Sentence]
    matches: list[Match] = field(default_factory=list)
    backs: list[TakenBack] = field(default_factory=list)

    def sentence(self, number: int) -> str:
        """A sentence as folded text."""
        one = self.sentences[number]
        return self.folded.text[one.start : one.end]

    def by_sentence(self) -> Iterator[tuple[int, SignalKind, list[Match]]]:
        """Matches grouped by sentence and kind, in order."""
        grouped: defaultdict[tuple[int, SignalKind], list[Match]] = defaultdict(list)
        for match in self.matches:
            grouped[match.sentence, match.rule.kind].append(match)
        for (number, kind), found in sorted(grouped.items(), key=lambda item: item[0][0]):
            yield number, kind, found

    @property
    def wraps_the_market(self) -> bool:
        """Tell a market wrap, which names many firms and is about none."""
        return len(WRAP_WORDS.findall(self.folded.text)) >= WRAP


def read(text: str, rules: RuleTable | None = None, folded: FoldedLike | None = None) -> Reading:
    """Read a text by the rules given (the packaged ones when none are)."""
    rules = rules or table_with()
    folded = folded or fold_article(text)
    hits = rules.hits(folded.text)
    if not hits and not rules.always:
        return Reading(text, folded, [])
    reading = Reading(text, folded, _sentences(text, folded))
    starts = [sentence.start for sentence in reading.sentences]
    wanted: defaultdict[int, set[int]] = defaultdict(set)
    for at, numbers in hits:
        number = bisect_right(starts, at) - 1
        if number >= 0:
            wanted[number].update(numbers)
    said = _said(reading, rules, wanted.get(0, set()) | rules.always) if starts else {}
    for number in range(len(starts)) if rules.always else sorted(wanted):
        if not rules.always and min(wanted[number]) >= rules.first_guard:
            continue  # words of guards and denials only
        _apply(reading, number, rules, wanted[number] | rules.always, said)
    _drop_rumours(reading)
    return reading


def sentences(text: str) -> list[tuple[int, int]]:
    """Split a text into sentences, as half-open spans without surrounding white space."""
    return [(one.raw_start, one.raw_end) for one in _sentences(text, fold_article(text))]


def _sentences(text: str, folded: FoldedLike) -> list[Sentence]:
    start, whole = 0, folded.text
    found: list[Sentence] = []
    for cut in BREAK.finditer(whole):
        end = cut.end()
        if whole[end - 1] == "." and cut[0] == "." and not text[folded.span(end - 1, end)[1]].isspace():
            continue
        found += _pieces(folded, start, end)
        start = end
    return found + _pieces(folded, start, len(whole))


def _pieces(folded: FoldedLike, start: int, end: int) -> list[Sentence]:
    """The sentence in a stretch of text; one without end is cut, because patterns would take its length squared."""
    if end - start <= LONGEST:
        one = _sentence(folded, start, end)
        return [one] if one else []
    cuts = [_sentence(folded, at, min(end, at + LONGEST)) for at in range(start, end, LONGEST)]
    return [one for one in cuts if one]


def _sentence(folded: FoldedLike, start: int, end: int) -> Sentence | None:
    """The sentence in a stretch of text, without the space around it; none of mere punctuation."""
    whole = folded.text
    while start < end and whole[start] in BLANK:
        start += 1
    while start < end and whole[end - 1] in BLANK:
        end -= 1
    if start < end and (whole[start] not in ENDS or whole[start:end].strip(ENDS)):
        return Sentence(start, end, folded)
    return None


def _said(reading: Reading, rules: RuleTable, wanted: set[int]) -> dict[int, bool]:
    """Guards that also count in the headline and match it."""
    guards = _called(rules, wanted, rules.first_guard, rules.takes_back)
    headline = reading.sentence(0)
    return {
        number: True
        for number, parts in guards.items()
        if number in rules.headings and any(part.search(headline) for part in parts)
    }


def _called(rules: RuleTable, wanted: Iterable[int], first: int, last: int) -> Called:
    """The alternatives with numbers from the first to before the last that words in a sentence call for, by owner."""
    found: Called = defaultdict(list)
    for one in sorted([one for one in wanted if first <= one < last]):
        found[rules.owners[one]].append(rules.parts[one])
    return found


def _apply(
    reading: Reading, number: int, rules: RuleTable, wanted: set[int] | frozenset[int], said: dict[int, bool]
) -> None:
    """Try on a sentence the rules that words in it call for."""
    sentence = reading.sentence(number)
    base = reading.sentences[number].start
    silent = dict(said)
    doubtful = rules.takes_back in wanted
    by_guard: Called | None = None
    for owner, parts in _called(rules, wanted, 0, rules.first_guard).items():
        rule = rules.rules[owner]
        found = matches(parts, sentence)
        first = next(found, None)
        if first is None:
            continue
        if by_guard is None:
            by_guard = _called(rules, wanted, rules.first_guard, rules.takes_back)
        if _silenced(rules.guards_of[owner], sentence, by_guard, silent):
            continue
        for one in chain((first,), found):
            why = taken_back(rule.kind, sentence, one.start(), one.end()) if doubtful else None
            if why is None:
                reading.matches.append(Match(rule, number, base + one.start(), base + one.end()))
            else:
                reading.backs.append(TakenBack(rule.kind, why, core(one[0]), base + one.start()))


def _silenced(guards: Iterable[int], sentence: str, called: Called, known: dict[int, bool]) -> bool:
    """Try the guards of a rule that words in the sentence call for, each once."""
    for guard in guards:
        if guard not in known:
            known[guard] = guard in called and any(part.search(sentence) for part in called[guard])
        if known[guard]:
            return True
    return False


def _drop_rumours(reading: Reading) -> None:
    """Forget matches that the text itself takes back elsewhere.

    A sentence only reports what another one denies (回应停产：没有停产), or the plan it names was called off.
    """
    if not reading.matches:
        return
    none = core(" ".join(NO_PLANS.findall(reading.folded.text)))
    if none or reading.backs:
        reading.matches[:] = [one for one in reading.matches if not _taken_back_elsewhere(reading, one, none)]


def _taken_back_elsewhere(reading: Reading, match: Match, none: frozenset[str]) -> bool:
    words = core(reading.folded.text[match.start : match.end])
    if none & words and RUMOUR.search(reading.sentence(match.sentence)):
        return True
    for back in reading.backs:
        if back.kind is not match.rule.kind:
            continue
        if back.why == "ended" and back.core and words <= back.core:
            return True
        near = bool(back.core & words) or 0 < back.start - match.start < NEAR
        if back.why == "denied" and near and RUMOUR.search(reading.sentence(match.sentence)):
            return True
    return False
