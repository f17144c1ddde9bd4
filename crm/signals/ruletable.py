"""The rules of kinds as data: read from the packaged table and from rows of the office, checked, compiled.

A rule is a pattern with a weight between 0 and 1; a guard is a pattern that silences a rule when it matches the same
sentence. Patterns are read against the folded sentence (simplified characters, half width, lower case). Each rule
brings sentences that it must match and must not match: they are its tests.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from daachorse import CharwiseDoubleArrayAhoCorasick

from crm.core.errors import Problem
from crm.core.text import fold
from crm.signals.alternatives import alternatives
from crm.signals.backtracking import ways
from crm.signals.denials import TAKE_BACK
from crm.signals.kinds import SignalKind
from crm.signals.literals import required_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LONGEST_PATTERN = 800
LONGEST_REPEAT = 60
MOST_WAYS = 200_000  # three gaps of up to 57 characters, or a gap of 20 four times
NO_KIND = Problem("rule.kind", "没有这个类别，请从列表中选择。")
NO_WEIGHT = Problem("rule.weight", "权重应大于0且不超过1。")
NO_PATTERN = Problem("rule.pattern", "请填写匹配式。")
TOO_LONG = Problem("rule.long", "匹配式过长，请拆成几条，每条不超过800个字符。")
NOT_READ = Problem("rule.syntax", "匹配式写法有误，请检查括号和竖线。")
TOO_OPEN = Problem("rule.open", "匹配式会匹配空白或任何文字，请至少写出一个词。")
TOO_SLOW = Problem("rule.slow", "匹配式里有套在一起的重复或不设上限的重复（如 .*），请写明上限，如 .{0,20}。")
BACKWARD = Problem("rule.backward", "匹配式不能引用前面匹配到的内容。")
WRONG_YES = Problem("rule.yes", "有应当匹配的例句没有匹配到，请修改匹配式或例句。")
WRONG_NO = Problem("rule.no", "有不应匹配的例句被匹配到，请修改匹配式或例句。")


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row of the rule table as it is written; a blank pattern leaves the packaged one of that key as it is.

    One that is ``named`` counts only in sentences that name an enterprise of the register.
    """

    key: str
    kind: str
    weight: float
    pattern: str
    not_pattern: str = ""
    guards: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    enabled: bool = True
    named: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule ready for use; `key` is stable and is stored with each signal."""

    key: str
    kind: SignalKind
    weight: float
    pattern: re.Pattern[str]
    guards: tuple[re.Pattern[str], ...] = ()
    named: bool = False

    def finds(self, sentence: str) -> re.Match[str] | None:
        """Match a folded sentence, unless a guard speaks against it."""
        found = self.pattern.search(sentence)
        return found if found and not any(guard.search(sentence) for guard in self.guards) else None


@dataclass(frozen=True, slots=True)
class RuleTable:
    """Compiled rules behind one search for the words they need.

    Patterns are cut into their alternatives. What a word calls for is a number: that of an alternative of a rule,
    behind these that of one of a guard, and last that of what may take a match back.
    """

    rules: tuple[Rule, ...]
    parts: tuple[re.Pattern[str], ...]
    owners: tuple[int, ...]  # which rule an alternative is of; behind these, which guard
    first_guard: int  # the number of the first alternative of a guard
    guards_of: tuple[tuple[int, ...], ...]  # of each rule
    headings: frozenset[int]
    always: frozenset[int]
    by_word: tuple[tuple[int, ...], ...]
    automaton: CharwiseDoubleArrayAhoCorasick | None = field(repr=False)

    @property
    def takes_back(self) -> int:
        """The number called for by words of denial."""
        return len(self.parts)

    def hits(self, folded: str) -> list[tuple[int, tuple[int, ...]]]:
        """Where words stand that something needs, each with the numbers called for; in order."""
        if self.automaton is None:
            return []
        return [(start, self.by_word[word]) for start, _end, word in self.automaton.find_overlapping(folded)]


@lru_cache(maxsize=1)
def _packaged() -> tuple[tuple[RuleRow, ...], dict[str, str], tuple[str, ...]]:
    text = (files("crm.signals") / "data" / "rules.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    guards = {name: _joined(pattern) for name, pattern in table["guards"].items()}
    return tuple(_row(entry) for entry in table["rule"]), guards, tuple(table["headings"])


def packaged_rows() -> tuple[RuleRow, ...]:
    """The rules that come with the product, in the order of the file."""
    return _packaged()[0]


def packaged_guards() -> Mapping[str, str]:
    """The guards that rules name, by name."""
    return _packaged()[1]


def packaged_headings() -> tuple[str, ...]:
    """The guards that also count when they match the headline."""
    return _packaged()[2]


def _row(entry: dict[str, Any]) -> RuleRow:
    lists = {name: tuple(entry.get(name, ())) for name in ("guards", "match", "refuse")}
    return RuleRow(**{**entry, **lists, "pattern": _joined(entry["pattern"])})


def _joined(text: str) -> str:
    """A pattern may be written over several lines; the line breaks and the space around them do not count."""
    return "".join(line.strip() for line in text.splitlines())


def merged(rows: Iterable[RuleRow]) -> tuple[RuleRow, ...]:
    """Lay rows of an office over the packaged ones: equal keys replace, new keys add, what is switched off goes."""
    known = {row.key: row for row in packaged_rows()}
    for row in rows:
        base = known.get(row.key)
        if base and not row.pattern:
            known[row.key] = replace(base, kind=row.kind or base.kind, weight=row.weight, enabled=row.enabled)
        else:
            known[row.key] = row
    return tuple(row for row in known.values() if row.enabled and row.pattern)


def compiled(row: RuleRow) -> Rule:
    """Make a row ready for use; the row must be sound (see :func:`problems`)."""
    guards = [re.compile(packaged_guards()[name]) for name in row.guards]
    if row.not_pattern:
        guards.append(re.compile(row.not_pattern, re.IGNORECASE))
    plain = row.pattern == row.pattern.lower()
    return Rule(
        row.key,
        SignalKind(row.kind),
        row.weight,
        re.compile(row.pattern, 0 if plain else re.IGNORECASE),
        tuple(guards),
        row.named,
    )


def table(rows: Sequence[RuleRow]) -> RuleTable:
    """Build the table of sound rows."""
    rules = tuple(compiled(row) for row in rows)
    guards = list(dict.fromkeys(guard for rule in rules for guard in rule.guards))
    cuts = [*map(_cut, (rule.pattern for rule in rules)), *map(_cut, guards)]
    parts = tuple(part for cut in cuts for part in cut)
    owners = [number for number, cut in enumerate(cuts) for _ in cut]
    wanted = [(number, part.pattern) for number, part in enumerate(parts)]
    wanted += [(len(parts), pattern.pattern) for pattern in TAKE_BACK]
    by_word, always = _words(wanted)
    listed = sorted(by_word)
    return RuleTable(
        rules,
        parts,
        tuple(owner if owner < len(rules) else owner - len(rules) for owner in owners),
        sum(owner < len(rules) for owner in owners),
        tuple(tuple(map(guards.index, rule.guards)) for rule in rules),
        _headings(guards),
        frozenset(always),
        tuple(tuple(sorted(by_word[word])) for word in listed),
        CharwiseDoubleArrayAhoCorasick(listed) if listed else None,
    )


def _cut(pattern: re.Pattern[str]) -> list[re.Pattern[str]]:
    return [re.compile(part, pattern.flags & re.IGNORECASE) for part in alternatives(pattern.pattern)]


def _words(wanted: Iterable[tuple[int, str]]) -> tuple[Mapping[str, set[int]], set[int]]:
    """Which numbers each word calls for, and those that no word can call for."""
    by_word: defaultdict[str, set[int]] = defaultdict(set)
    always = set()
    for number, pattern in wanted:
        words = required_words(pattern)
        if not words:
            always.add(number)
        for word in words or ():
            by_word[word].add(number)
    return by_word, always


def _headings(guards: Iterable[re.Pattern[str]]) -> frozenset[int]:
    patterns = {packaged_guards()[name] for name in packaged_headings()}
    return frozenset(number for number, guard in enumerate(guards) if guard.pattern in patterns)


@lru_cache(maxsize=8)
def table_with(rows: tuple[RuleRow, ...] = ()) -> RuleTable:
    """The packaged rules with those of an office over them; rows that are not sound are left out, built once."""
    return table(merged(row for row in rows if not problems(row)))


def problems(row: RuleRow) -> list[Problem]:
    """What is wrong with a row, each as a sentence; empty when it can be used."""
    found = []
    if row.kind not in set(SignalKind):
        found.append(NO_KIND)
    if not 0 < row.weight <= 1:
        found.append(NO_WEIGHT)
    if row.pattern:
        found += pattern_problems(row.pattern, _most_ways(row.key))
    elif row.key not in {known.key for known in packaged_rows()}:
        found.append(NO_PATTERN)
    if row.not_pattern:
        found += [problem for problem in pattern_problems(row.not_pattern) if problem not in found]
    return found or _example_problems(row)


def _most_ways(key: str) -> int:
    """How long a pattern may be kept busy: a packaged one that an office changes as long as it came."""
    packaged = next((row.pattern for row in packaged_rows() if row.key == key), "")
    return max(MOST_WAYS, ways(packaged))


def pattern_problems(pattern: str, most: int = MOST_WAYS) -> list[Problem]:
    """What is wrong with a pattern of an office: it must be short, name a word, and not run away."""
    if len(pattern) > LONGEST_PATTERN:
        return [TOO_LONG]
    try:
        compiled_ = re.compile(pattern)
        words, busy = required_words(pattern), ways(pattern)
    except (re.error, RecursionError, OverflowError):
        return [NOT_READ]
    if compiled_.search("") or not words:
        return [TOO_OPEN]
    if re.search(r"(?<!\\)\\[1-9]|\(\?P=|\(\?\(", pattern):
        return [BACKWARD]
    return [TOO_SLOW] if _runs_away(pattern) or busy > most else []


def _runs_away(pattern: str) -> bool:
    """Tell repeats without a bound of at most 60, and repeats inside repeats."""
    if re.search(r"(?<!\\)(?:[*+]|\{\d*,\})", re.sub(r"(?<!\\)\[(?:\\.|[^\]\\])*\]", "x", pattern)):
        return True
    bounds = re.findall(r"(?<!\\)\{(?:\d*,)?(\d+)\}", pattern)
    return any(int(bound) > LONGEST_REPEAT for bound in bounds) or bool(
        re.search(r"[}]\??\)\??\{|[}]\??\)[*+]", pattern)
    )


def _example_problems(row: RuleRow) -> list[Problem]:
    if not row.pattern:
        return []
    wrong = failing(row)
    return [problem for problem, bad in ((WRONG_YES, wrong[0]), (WRONG_NO, wrong[1])) if bad]


def failing(row: RuleRow) -> tuple[list[str], list[str]]:
    """The examples that should match and do not, and those that should not and do."""
    rule = compiled(row)
    return (
        [text for text in row.match if not rule.finds(fold(text))],
        [text for text in row.refuse if rule.finds(fold(text))],
    )
