"""Whom a squad should call this week: the order, the reason and the suggested next step. Pure.

The order is points x reach x timing x turn: how promising the enterprise is, how well the squad can reach it,
whether now is the moment, and whether it is this squad's turn. Each factor has words, so that the page can show
the whole product.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.core.workdays import add_workdays, is_workday
from crm.fieldwork.rules import Intention

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PAGE = 15
PER_PERSON = 5
QUIET_DAYS = 7
CROWDED_TOUCHES = 4
CROWDED_DAYS = 30
FRESH_DAYS = 30
WARM_DAYS = 30
OTHERS_DAYS = 180
OTHERS_QUIET_DAYS = 30
SUNDAY = 6
NOT_OURS = 0.6
LONGEST_WEEKS = 8
REASON_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the enterprise whom the squad may call: neither asked to be left alone nor just called by others."""

    id: int
    name: str
    post: str | None = None


@dataclass(frozen=True, slots=True)
class FreshNews:
    """The newest favourable signal since the squad's last meeting: its row, kind in Chinese, day."""

    id: int
    kind_zh: str
    day: date


@dataclass(frozen=True, slots=True)
class OpenProject:
    """The squad's own project on the way to signing: its row, name and stage in Chinese."""

    id: int
    name: str
    stage_zh: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the order looks at.

    ``known_elsewhere``: another unit has people there; ``others_last``: when another unit was in contact last;
    ``ours``: the squad has ties to it or its industry; ``turn``: dealt to this squad.
    """

    enterprise_id: int
    points: int
    person: Person | None = None
    relations: int = 0
    last_touch: date | None = None
    intention: Intention = Intention.UNKNOWN
    news: FreshNews | None = None
    project: OpenProject | None = None
    known_elsewhere: bool = False
    others_last: date | None = None
    ours: bool = False
    turn: bool = True


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of the order with its words (Chinese, holes as ``%(name)s``)."""

    words: str
    value: float
    params: Mapping[str, object] | None = None


class StepKind(StrEnum):
    """What to do next."""

    PROJECT = "project"
    NEWS = "news"
    KEEN = "keen"
    REVIVE = "revive"
    FIRST = "first"
    RELATION = "relation"
    COLLEAGUE = "colleague"
    FIND = "find"


@dataclass(frozen=True, slots=True)
class Step:
    """A suggested next step: words (Chinese, holes as ``%(name)s``), and whether somebody can be called at once."""

    kind: StepKind
    words: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its place in the order: the product, its factors, and what to do next."""

    candidate: Candidate
    worth: float
    factors: tuple[Factor, ...]
    step: Step


def ranked(candidates: Iterable[Candidate], today: date) -> list[Ranked]:
    """Put candidates in order, the most worthwhile first; equal ones by their ids, so that pages stay put."""
    rows = [rank(one, today) for one in candidates]
    return sorted(rows, key=lambda row: (-row.worth, -row.candidate.points, row.candidate.enterprise_id))


def rank(candidate: Candidate, today: date) -> Ranked:
    """Say what a candidate is worth to the squad this week, why, and what to do."""
    factors = (reach(candidate), *timing(candidate, today), *_turn(candidate))
    worth = float(candidate.points)
    for factor in factors:
        worth *= factor.value
    return Ranked(candidate, worth, factors, next_step(candidate, today))


def reach(one: Candidate) -> Factor:
    """How well the squad can reach the enterprise."""
    if one.person is not None:
        return Factor("有联系人可以直接打电话", 1.2)
    if one.relations:
        return Factor("有关联企业可以引荐", 1.0)
    if one.known_elsewhere:
        return Factor("别的单位认识那里的人", 0.95)
    if one.last_touch is not None:
        return Factor("以前去过，但没有登记联系人", 0.9)
    return Factor("还不知道找谁", 0.75)


def timing(one: Candidate, today: date) -> list[Factor]:
    """Whether now is the moment: what is new, how keen they were, how long ago it was."""
    found = []
    if one.news is not None:
        found.append(Factor("刚有新动态，有由头上门", 1.25))
    if one.intention is Intention.STRONG:
        found.append(Factor("上次谈得很有意向", 1.25))
    elif one.intention is Intention.INTERESTED:
        found.append(Factor("上次谈得有意向", 1.1))
    elif one.intention is Intention.NONE and one.news is None:
        found.append(Factor("上次说暂无意向，又没有新动态", 0.5))
    if one.last_touch is not None and (today - one.last_touch).days <= WARM_DAYS:
        found.append(Factor("一个月内刚联系过，可以再等等", 0.7))
    if one.others_last is not None and (today - one.others_last).days <= OTHERS_DAYS:
        found.append(Factor("别的单位半年内联系过，先与招商办通个气", 0.8))
    return found


def _turn(one: Candidate) -> list[Factor]:
    if one.ours or one.turn:
        return []
    return [Factor("没有归口，本周轮到别的组先联系", NOT_OURS)]


def next_step(one: Candidate, today: date) -> Step:
    """Suggest what to do: the strongest occasion first, then the road that is open."""
    who = _who(one.person)
    if one.project is not None:
        params = {"project": one.project.name, "stage": one.project.stage_zh}
        return Step(StepKind.PROJECT, "约下一次洽谈，推进项目“%(project)s”（现在%(stage)s）", params)
    if one.news is not None:
        params = {"kind": one.news.kind_zh, "who": who}
        return Step(StepKind.NEWS, _on_news(one, known=bool(who)), params)
    silent = (today - one.last_touch).days if one.last_touch is not None else None
    if silent is not None:
        keen = one.intention in {Intention.STRONG, Intention.INTERESTED}
        kind = StepKind.KEEN if keen else StepKind.REVIVE
        return Step(kind, _again(keen=keen, known=bool(who)), {"days": silent, "who": who})
    return _first_call(one, who)


def _first_call(one: Candidate, who: str) -> Step:
    """Suggest how to begin with an enterprise nobody of the squad has met."""
    if who:
        return Step(StepKind.FIRST, "打第一个电话给%(who)s，介绍我们，约见面", {"who": who})
    if one.relations:
        return Step(StepKind.RELATION, "请关联企业引荐，问到负责投资的人", {})
    if one.known_elsewhere:
        return Step(StepKind.COLLEAGUE, "别的单位认识那里的人，请招商办牵线，约一次见面", {})
    return Step(StepKind.FIND, "先找到负责投资的人：查官网和年报，或请商协会介绍", {})


def _on_news(one: Candidate, *, known: bool) -> str:
    if known:
        return "借“%(kind)s”的动态打电话给%(who)s，约上门"
    if one.known_elsewhere:
        return "借“%(kind)s”的动态约上门：别的单位认识那里的人，请招商办牵线"
    return "借“%(kind)s”的动态联系总机，问清谁负责选址"


def _again(*, keen: bool, known: bool) -> str:
    if keen:
        return (
            "回访%(who)s：%(days)s天前谈得有意向，问问进展，约来考察"
            if known
            else "回访：%(days)s天前谈得有意向，问问进展，约来考察"
        )
    return "打电话给%(who)s恢复联系，已经%(days)s天没有往来" if known else "恢复联系，已经%(days)s天没有往来"


def _who(person: Person | None) -> str:
    if person is None:
        return ""
    return f"{person.name}（{person.post}）" if person.post else person.name


def whom(person_choices: Sequence[Person], crowded: frozenset[int]) -> Person | None:
    """Choose whom to call: the first one whom no other unit has just called."""
    return next((one for one in person_choices if one.id not in crowded), None)


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many enterprises a squad can look after in a week, and how many are planned already."""

    people: int
    planned: int

    @property
    def total(self) -> int:
        """Enterprises the squad can look after."""
        return self.people * PER_PERSON

    @property
    def left(self) -> int:
        """Enterprises that can still be planned."""
        return max(self.total - self.planned, 0)


def week(today: date) -> tuple[date, date]:
    """Give Monday and Sunday of this week."""
    monday = today - timedelta(days=today.weekday())
    return monday, monday + timedelta(days=SUNDAY)


def plan_day(today: date) -> date:
    """Give the day a planned call is due: the last working day of this week, or later if that is today."""
    _monday, sunday = week(today)
    last = next((day for day in _back_from(sunday, today) if is_workday(day)), today)
    return last if last > today else add_workdays(today + timedelta(days=1), 1)


def _back_from(last: date, first: date) -> list[date]:
    return [last - timedelta(days=step) for step in range((last - first).days + 1)]


def back_on(today: date, weeks: int) -> date:
    """Give the Monday on which a deferral of some weeks ends."""
    return week(today)[0] + timedelta(weeks=weeks)


def deferral_problems(reason: str, weeks: int) -> list[Problem]:
    """Reasons why an enterprise cannot be put off; empty means it can."""
    problems = []
    if not reason.strip():
        problems.append(Problem("deferral.reason", "请写明为什么这周先不找，组里其他人会看到。", "reason"))
    if len(reason.strip()) > REASON_LENGTH:
        problems.append(Problem("deferral.reason", "原因请控制在100字以内。", "reason"))
    if not 1 <= weeks <= LONGEST_WEEKS:
        problems.append(Problem("deferral.weeks", "请选择推到哪一周，最多推后8周。", "weeks"))
    return problems
