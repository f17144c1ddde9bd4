"""Meetings (例会、调度会、协调会…): their kinds, when they fall, what is decided and how a decision ends. Pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from crm.core.errors import Problem
from crm.core.workdays import add_workdays

AHEAD = timedelta(days=35)
WEEK, FORTNIGHT = timedelta(days=7), timedelta(days=14)
LAST_DAY = 31
SUNDAY = 6


class MeetingKind(StrEnum):
    """Kinds of meetings."""

    REGULAR = "regular"
    DISPATCH = "dispatch"
    COORDINATION = "coordination"
    JOINT = "joint"
    ON_SITE = "on_site"
    OFFICE = "office"
    SHOWING = "showing"
    EXCHANGE = "exchange"


MEETING_LABELS: dict[MeetingKind, str] = {
    MeetingKind.REGULAR: "例会",
    MeetingKind.DISPATCH: "调度会",
    MeetingKind.COORDINATION: "协调会",
    MeetingKind.JOINT: "联席会",
    MeetingKind.ON_SITE: "流动现场会",
    MeetingKind.OFFICE: "办会",
    MeetingKind.SHOWING: "观摩",
    MeetingKind.EXCHANGE: "进展交流会",
}


class Rhythm(StrEnum):
    """How often a series meets."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"


RHYTHM_LABELS: dict[Rhythm, str] = {Rhythm.WEEKLY: "每周", Rhythm.FORTNIGHTLY: "每两周", Rhythm.MONTHLY: "每月"}


class MeetingState(StrEnum):
    """Where a meeting stands; with its minutes issued its text no longer changes."""

    PLANNED = "planned"
    HELD = "held"
    ISSUED = "issued"
    CANCELLED = "cancelled"


STATE_LABELS: dict[MeetingState, str] = {
    MeetingState.PLANNED: "待开",
    MeetingState.HELD: "已开，待出纪要",
    MeetingState.ISSUED: "纪要已印发",
    MeetingState.CANCELLED: "已取消",
}


class Presence(StrEnum):
    """Whether somebody came."""

    EXPECTED = "expected"
    PRESENT = "present"
    LEAVE = "leave"
    ABSENT = "absent"


PRESENCE_LABELS: dict[Presence, str] = {
    Presence.EXPECTED: "应到",
    Presence.PRESENT: "到会",
    Presence.LEAVE: "请假",
    Presence.ABSENT: "缺席",
}


class Source(StrEnum):
    """Where an item of the agenda comes from, in the order of the agenda."""

    DECISION = "decision"
    BLOCKER = "blocker"
    INSTRUCTION = "instruction"
    EXCEPTION = "exception"
    REVIEW = "review"
    DISPUTE = "dispute"
    STALLED = "stalled"
    FOLLOW_UP = "follow_up"
    MANUAL = "manual"


SOURCE_LABELS: dict[Source, str] = {
    Source.DECISION: "上次议定、还没办结",
    Source.BLOCKER: "提请协调的项目问题",
    Source.INSTRUCTION: "超期的批示交办",
    Source.EXCEPTION: "待批的例外",
    Source.REVIEW: "待定的评审",
    Source.DISPUTE: "待裁的首报争议",
    Source.STALLED: "停滞的项目",
    Source.FOLLOW_UP: "超期的待办",
    Source.MANUAL: "其他议题",
}


class DecisionState(StrEnum):
    """How far a decision is."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


DECISION_LABELS: dict[DecisionState, str] = {
    DecisionState.OPEN: "在办",
    DecisionState.DONE: "已办结",
    DecisionState.DROPPED: "不再办",
}


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a series meets: since a day, on a day of the week or of the month."""

    rhythm: Rhythm
    first_on: date
    day: int


@dataclass(frozen=True, slots=True)
class Sitting:
    """One meeting of a series: the day the rhythm gives and the working day on which it takes place."""

    nominal_on: date
    held_on: date


def sittings(plan: Calendar, since: date, until: date) -> list[Sitting]:
    """Return the meetings that the rhythm gives between two days, both included.

    One that falls on a holiday moves to the next working day; one that would move onto the following meeting, or
    beyond it, is left out.
    """
    found: list[Sitting] = []
    nominal = _first(plan)
    while nominal <= until:
        following = _next(plan, nominal)
        held = add_workdays(nominal, 0)
        if nominal >= since and held < following:
            found.append(Sitting(nominal, held))
        nominal = following
    return found


def _first(plan: Calendar) -> date:
    if plan.rhythm is not Rhythm.MONTHLY:
        return plan.first_on + timedelta(days=(plan.day - plan.first_on.weekday()) % 7)
    here = _day_of(plan.first_on.year, plan.first_on.month, plan.day)
    return here if here >= plan.first_on else _next(plan, here)


def _next(plan: Calendar, nominal: date) -> date:
    if plan.rhythm is Rhythm.MONTHLY:
        year, month = divmod(nominal.year * 12 + nominal.month, 12)
        return _day_of(year, month + 1, plan.day)
    return nominal + (WEEK if plan.rhythm is Rhythm.WEEKLY else FORTNIGHT)


def _day_of(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class SeriesDraft:
    """What a person typed about a series."""

    name: str
    kind: MeetingKind
    rhythm: Rhythm
    day: int
    first_on: date
    starts_at: str = "09:00"
    place: str = ""
    unit_id: int | None = None
    chair_id: int | None = None
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MeetingDraft:
    """What a person typed about one meeting."""

    title: str
    kind: MeetingKind
    held_on: date
    starts_at: str = "09:00"
    place: str = ""
    unit_id: int | None = None
    chair_id: int | None = None
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """What was decided: by which unit and person, until when, and what it is about."""

    text: str
    unit_id: int
    owner_id: int
    due_on: date
    project_id: int | None = None
    enterprise_id: int | None = None
    item_id: int | None = None


def series_problems(draft: SeriesDraft) -> list[Problem]:
    """Reasons why a series cannot be kept as typed."""
    problems = [] if draft.name.strip() else [Problem("series.name", "请填写会议名称。", "name")]
    monthly = draft.rhythm is Rhythm.MONTHLY
    if monthly and not 1 <= draft.day <= LAST_DAY:
        problems.append(Problem("series.day", "每月几号开，请填 1 到 31；没有这一天的月份在月底开。", "month_day"))
    if not monthly and not 0 <= draft.day <= SUNDAY:
        problems.append(Problem("series.weekday", "请选择星期几开。", "weekday"))
    return problems + clock_problems(draft.starts_at)


def meeting_problems(draft: MeetingDraft) -> list[Problem]:
    """Reasons why a meeting cannot be kept as typed."""
    problems = [] if draft.title.strip() else [Problem("meeting.title", "请填写会议名称。", "title")]
    return problems + clock_problems(draft.starts_at)


def clock_problems(text: str) -> list[Problem]:
    """Reasons why this is no time of the day."""
    hour, sign, minute = text.partition(":")
    fits = hour.isdigit() and minute.isdigit() and len(minute) == 2 and int(hour) < 24 and int(minute) < 60  # noqa: PLR2004 (hours and minutes of a day)
    return [] if sign and fits else [Problem("meeting.clock", "请填开始时间，例如 09:00。", "starts_at")]


def decision_problems(draft: DecisionDraft, *, held_on: date) -> list[Problem]:
    """Reasons why a decision cannot be kept."""
    problems = [] if draft.text.strip() else [Problem("decision.text", "请写明议定什么。", "text")]
    if draft.due_on < held_on:
        problems.append(Problem("decision.due", "办理期限不能早于会议当天。", "due_on"))
    return problems


def done_problems(state: DecisionState, note: str) -> list[Problem]:
    """Reasons why a decision cannot be closed as done: only with what was done."""
    if state is not DecisionState.OPEN:
        return [Problem("decision.closed", "这项议定事项已经了结。")]
    return (
        [] if note.strip() else [Problem("decision.note", "请写明办理结果，例如办到什么程度、凭什么算办结。", "note")]
    )


def drop_problems(
    state: DecisionState, reason: str, number: str, dropped_on: date | None, *, held_on: date, today: date
) -> list[Problem]:
    """Reasons why a decision cannot be dropped: only by a later, dated decision with its number and reason."""
    if state is not DecisionState.OPEN:
        return [Problem("decision.closed", "这项议定事项已经了结。")]
    problems = []
    if not number.strip():
        problems.append(Problem("drop.number", "请填写决定不再办的会议纪要或文件编号。", "number"))
    if dropped_on is None:
        problems.append(Problem("drop.date", "请填写作出这个决定的日期。", "dropped_on"))
    elif dropped_on > today or dropped_on < held_on:
        problems.append(Problem("drop.day", "决定的日期要在原会议当天到今天之间。", "dropped_on"))
    if not reason.strip():
        problems.append(Problem("drop.reason", "请写明为什么不再办。", "reason"))
    return problems


def days_late(due_on: date, today: date) -> int:
    """Days by which something is late, 0 if it is not."""
    return max((today - due_on).days, 0)
