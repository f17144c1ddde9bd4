"""Reckoning a book of rules for all units: lines that explain themselves, totals, places, grades and what follows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crm.assessment.engine.book import EVERYBODY, LAST, LIMIT, NO_HONOUR, TOTAL, ZERO_ALL
from crm.assessment.engine.evaluate import MissingError, UnsettledError, holds
from crm.assessment.engine.facts import Frame
from crm.assessment.engine.items import points_of
from crm.assessment.engine.kinds import ERROR, EXEMPT, FULL
from crm.assessment.engine.numbers import ONE, ZERO, half_up, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from crm.assessment.engine.book import Book, Grade, Rule, Verdict
    from crm.assessment.engine.facts import Unit, UnitScope

MOST_POINTS = 10**9
TOO_DEEP = "公式套得太深，请拆开或少套几层"
TOO_MANY = "得分太大，请核对数值和单位"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a score: a rule with its points and how they were reckoned; ``problem`` says what is missing."""

    key: str
    label: str
    text: str
    points: Fraction
    working: str
    section: str = ""
    applies: bool = True
    problem: str = ""


@dataclass(slots=True)
class Result:
    """The score of a unit: its lines add up to its total."""

    unit: Unit
    lines: list[Line]
    total: Fraction = ZERO
    rank: int | None = None
    of: int = 0
    grade: str = ""
    verdicts: list[str] = field(default_factory=list)
    honour: bool = False
    bottom: bool = False
    bottom_runs: int = 0
    lifted: int = 0
    _last: bool = False
    _barred: bool = False

    @property
    def problems(self) -> list[str]:
        """What is missing for a score that counts."""
        return [f"{line.label}：{line.problem}" for line in self.lines if line.problem]


def run(book: Book, units: Sequence[Unit]) -> list[Result]:
    """Reckon all units, in the order they came; each rule for everybody before the next one."""
    frame = Frame(book, units)
    results = [Result(unit, []) for unit in units]
    known = frame.scopes()
    pairs = [(result, known[result.unit.key]) for result in results]
    exempt: dict[str, Fraction] = {}
    for rule in book.rules:
        for result, scope in pairs:
            result.lines.append(_line(rule, scope, exempt))
        frame.points[rule.key] = {result.unit.key: result.lines[-1].points for result in results}
    for result in results:
        _close(book, result, exempt.get(result.unit.key, ZERO))
    frame.points[TOTAL] = {result.unit.key: result.total for result in results}
    for result, scope in pairs:
        for verdict in (*book.verdicts, *book.promotions):
            _pronounce(verdict, result, scope)
    for group in _groups(book, results):
        _rank(book, group)
    return results


def _line(rule: Rule, scope: UnitScope, exempt: dict[str, Fraction]) -> Line:
    empty = Line(rule.key, rule.label, rule.text, ZERO, "", rule.section)
    scope.frame.begin()
    try:
        found = points_of(rule, scope)
    except UnsettledError as error:
        return replace(empty, problem=str(error))
    except MissingError as error:
        return _missing(rule, scope, replace(empty, working=str(error)), exempt)
    except RecursionError:
        return replace(empty, problem=TOO_DEEP)
    if found is None:
        return replace(empty, working="不适用", applies=False)
    if abs(found.points) > MOST_POINTS:
        return replace(empty, problem=TOO_MANY)
    return replace(empty, points=found.points, working=f"{found.working}＝{shown(found.points)}")


def _missing(rule: Rule, scope: UnitScope, line: Line, exempt: dict[str, Fraction]) -> Line:
    """Do what the rule says of a missing value: refuse, count nothing, count all, or leave the rule out."""
    if rule.missing == ERROR:
        return replace(line, problem=line.working)
    full = rule.full or ZERO
    if rule.missing == FULL:
        return replace(line, points=full, working=f"{line.working}，按满分{shown(full)}计")
    if rule.missing == EXEMPT:
        exempt[scope.key] = exempt.get(scope.key, ZERO) + _worth(scope.frame.book, rule)
        return replace(line, applies=False, working=f"{line.working}，本项不考核，权重{shown(full)}分摊到其他各项")
    return replace(line, working=f"{line.working}，计0")


def _close(book: Book, result: Result, left_out: Fraction) -> None:
    """Add up: sections with their caps, weight of rules left out, adjustments, the cap of all."""
    extra = [*_sections(book, result.lines)]
    total = sum((line.points for line in (*result.lines, *extra)), ZERO)
    shared = _shared(book, result.lines, total, left_out) if left_out else None
    if shared is not None:
        extra.append(shared)
        total += shared.points
    for one in result.unit.adjustments:
        extra.append(Line("adjustment", f"调整：{one.reason}", "", one.points, f"{one.signed_by} 签批"))
        total += one.points
    if book.cap is not None and total > book.cap:
        extra.append(Line("cap", "总分封顶", "", book.cap - total, f"{shown(total)}，封顶{shown(book.cap)}"))
        total = book.cap
    rounded = half_up(total, book.places)
    if rounded != total:
        extra.append(Line("round", "四舍五入", "", rounded - total, f"保留{book.places}位小数"))
    result.lines += extra
    result.total = rounded


def _shared(book: Book, lines: Sequence[Line], total: Fraction, left_out: Fraction) -> Line:
    """Share the weight of rules left out among those that were reckoned."""
    line = Line("exempt", "不考核项权重分摊", "", ZERO, "")
    kept = sum((_worth(book, rule) for rule, found in zip(book.rules, lines, strict=True) if found.applies), ZERO)
    if kept <= 0:
        return replace(line, problem="各项都不考核，没有可以分摊的项")
    whole = kept + left_out
    text = f"{shown(total)}×{shown(whole)}÷{shown(kept)}－{shown(total)}"
    return replace(line, points=total * left_out / kept, working=text)


def _worth(book: Book, rule: Rule) -> Fraction:
    section = book.sections.get(rule.section)
    return (rule.full or ZERO) * (ONE if section is None else section.scale)


def _sections(book: Book, lines: Sequence[Line]) -> Iterable[Line]:
    for section in book.sections.values():
        bare = sum((line.points for line in lines if line.section == section.key), ZERO)
        counted = bare * section.scale
        if section.cap is not None:
            counted = min(counted, section.cap)
        if counted != bare:
            scale = f"×{shown(section.scale)}" if section.scale != 1 else ""
            cap = f"，封顶{shown(section.cap)}" if section.cap == counted else ""
            name = section.label or section.key
            yield Line(
                f"section_{section.key}", f"{name}折算", "", counted - bare, f"{shown(bare)}{scale}{cap}", section.key
            )


def _pronounce(verdict: Verdict, result: Result, scope: UnitScope) -> None:
    scope.frame.begin()
    try:
        met = holds(verdict.when, scope)
    except (MissingError, RecursionError) as error:
        problem = str(error) if isinstance(error, MissingError) else TOO_DEEP
        result.lines.append(Line(verdict.key, verdict.label, "", ZERO, "", problem=problem))
        return
    if not met:
        return
    result.verdicts.append(verdict.label)
    result.lifted += verdict.steps
    result._last |= verdict.effect == LAST  # noqa: SLF001 (its own record)
    result._barred |= verdict.effect in {LAST, NO_HONOUR, ZERO_ALL}  # noqa: SLF001
    limit = ZERO if verdict.effect == ZERO_ALL else verdict.value if verdict.effect == LIMIT else None
    if limit is not None and result.total > limit:
        result.lines.append(Line(verdict.key, verdict.label, "", limit - result.total, f"最高{shown(limit)}分"))
        result.total = limit


def _groups(book: Book, results: Sequence[Result]) -> list[list[Result]]:
    if book.rank_within == EVERYBODY:
        return [list(results)]
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.unit.group, []).append(result)
    return list(groups.values())


def _rank(book: Book, group: Sequence[Result]) -> None:
    """Give places; equals share one, who lacks a value has none, who was voted to the end stands there."""
    counted = [result for result in group if not result.problems]
    order = sorted(counted, key=_standing, reverse=True)
    for place, result in enumerate(order, start=1):
        before = order[place - 2] if place > 1 else None
        same = before is not None and _standing(before) == _standing(result)
        result.rank = before.rank if same and before is not None else place
        result.of = len(counted)
    worse = {standing: len(order) - at for at, standing in enumerate(map(_standing, order), start=1)}
    for result in order:
        result.bottom = result.rank != 1 and len(order) > book.bottom > worse[_standing(result)]
        result.bottom_runs = result.unit.bottom_before + 1 if result.bottom else 0
        first = result.rank is not None and result.rank <= book.honours
        result.honour = first and not result.bottom and not result._barred  # noqa: SLF001 (its own record)
    _grade(book, order)


def _standing(result: Result) -> tuple[bool, Fraction]:
    return not result._last, result.total  # noqa: SLF001 (its own record)


def _grade(book: Book, order: Sequence[Result]) -> None:
    """Give grades from the top; a grade for a share of units is full when the share is reached.

    Equals get the same grade, and who was voted out of honours gets none of the highest one.
    """
    given: dict[str, int] = {}
    before: tuple[tuple[bool, Fraction], bool, int | None] | None = None
    for result in order:
        place = (_standing(result), result._barred)  # noqa: SLF001 (its own record)
        at = before[2] if before is not None and before[:2] == place else _seat(book, result, given, len(order))
        before = (*place, at)
        if at is None:
            continue
        given[book.grades[at].label] = given.get(book.grades[at].label, 0) + 1
        result.grade = book.grades[max(at - result.lifted, _highest(book, result))].label


def _highest(book: Book, result: Result) -> int:
    return 1 if result._barred and len(book.grades) > 1 else 0  # noqa: SLF001 (its own record)


def _seat(book: Book, result: Result, given: dict[str, int], units: int) -> int | None:
    """Give the place of the first grade that the points reach and that has a seat left."""

    def free(grade: Grade) -> bool:
        return grade.share is None or given.get(grade.label, 0) < int(grade.share * units)

    reached = (
        at
        for at, grade in enumerate(book.grades)
        if at >= _highest(book, result) and result.total >= grade.at_least and free(grade)
    )
    return next(reached, None)
