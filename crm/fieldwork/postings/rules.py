"""Posts of resident teams: who is where, who is there today, and whether the leaders take their turns. Pure.

A check-in is a fact somebody told: a visit logged on that day, or a note signed by hand. No place is ever read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.fieldwork.rules import TouchKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

ON_THE_ROAD = frozenset({TouchKind.VISIT, TouchKind.NEGOTIATION})  # what is done face to face and away from home
SIGN_BACK = 2  # days a note may be signed after the day it speaks of
MOST_PEOPLE = 200


class PostRole(StrEnum):
    """What a person is at a post."""

    HEAD = "head"
    MEMBER = "member"
    ROTATING = "rotating"


POST_ROLE_LABELS: dict[PostRole, str] = {
    PostRole.HEAD: "驻点负责人",
    PostRole.MEMBER: "队员",
    PostRole.ROTATING: "轮值领导",
}


class Rank(StrEnum):
    """Ranks of cadres as far as posts ask for them, lowest first."""

    STAFF = "staff"
    DEPUTY_SECTION = "deputy_section"
    SECTION = "section"
    DEPUTY_COUNTY = "deputy_county"
    COUNTY = "county"


RANK_LABELS: dict[Rank, str] = {
    Rank.STAFF: "不限职级",
    Rank.DEPUTY_SECTION: "副科职",
    Rank.SECTION: "正科职",
    Rank.DEPUTY_COUNTY: "副县职",
    Rank.COUNTY: "正县职",
}
RANK_ORDER = {rank: place for place, rank in enumerate(Rank)}


class AbsenceReason(StrEnum):
    """Why somebody is not at the post."""

    LEAVE = "leave"
    TRAVEL = "travel"
    RECALLED = "recalled"


ABSENCE_LABELS: dict[AbsenceReason, str] = {
    AbsenceReason.LEAVE: "请假",
    AbsenceReason.TRAVEL: "外出出差",
    AbsenceReason.RECALLED: "召回",
}


class Presence(StrEnum):
    """What is known of one person on one day."""

    VISITED = "visited"
    SIGNED = "signed"
    LATE_SIGNED = "late_signed"
    ABSENT = "absent"
    GAP = "gap"
    OPEN = "open"
    OFF = "off"
    TURN = "turn"


PRESENCE_LABELS: dict[Presence, str] = {
    Presence.VISITED: "走访在岗",
    Presence.SIGNED: "已签到",
    Presence.LATE_SIGNED: "补签",
    Presence.ABSENT: "不在岗",
    Presence.GAP: "缺签",
    Presence.OPEN: "待签到",
    Presence.OFF: "休息日",
    Presence.TURN: "轮值，不逐日考勤",
}
PRESENCE_ICONS: dict[Presence, str] = {
    Presence.VISITED: "map-pin",
    Presence.SIGNED: "circle-check",
    Presence.LATE_SIGNED: "history",
    Presence.ABSENT: "calendar-event",
    Presence.GAP: "alert-circle",
    Presence.OPEN: "clock",
    Presence.OFF: "circle-dashed",
    Presence.TURN: "circle-dashed",
}
PRESENCE_TONES: dict[Presence, str] = {
    Presence.VISITED: "green",
    Presence.SIGNED: "green",
    Presence.LATE_SIGNED: "amber",
    Presence.ABSENT: "blue",
    Presence.GAP: "seal",
    Presence.OPEN: "amber",
    Presence.OFF: "grey",
    Presence.TURN: "grey",
}
THERE = frozenset({Presence.VISITED, Presence.SIGNED, Presence.LATE_SIGNED})


@dataclass(frozen=True, slots=True)
class PostDraft:
    """A post as typed."""

    name: str
    region: str
    address: str | None
    unit_id: int
    managing_unit_id: int | None
    opened_on: date
    target_people: int
    target_rank: Rank = Rank.DEPUTY_SECTION
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PostingDraft:
    """A person sent to a post, as typed."""

    user_id: int
    role: PostRole
    rank: Rank
    full_time: bool
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class AbsenceDraft:
    """Days away and why, as typed."""

    reason: AbsenceReason
    from_day: date
    to_day: date
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """One posting as plain facts: at which post, from when to when, all the time or by turns."""

    id: int
    post_id: int
    full_time: bool
    valid_from: date
    valid_to: date | None

    def covers(self, day: date) -> bool:
        """Whether the person is posted there on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What was told of one person of one post on one day."""

    visited: bool = False
    signed_late: bool | None = None
    absence: AbsenceReason | None = None


def post_problems(draft: PostDraft, *, today: date) -> list[Problem]:
    """Reasons why a post cannot be opened."""
    problems = [] if draft.name.strip() else [Problem("post.name", "请填写驻点名称，例如 昆山驻点。", "name")]
    if not draft.region.strip():
        problems.append(Problem("post.region", "请填写负责区域，例如 苏州昆山。", "region"))
    if not 0 < draft.target_people <= MOST_PEOPLE:
        problems.append(Problem("post.target_people", "应派人数请填 1 到 200 之间的整数。", "target_people"))
    if draft.opened_on.year > today.year + 1:
        problems.append(Problem("post.opened_on", "设立日期最晚到明年年底，请核对年份。", "opened_on"))
    return problems


def posting_problems(
    draft: PostingDraft, *, opened_on: date, closed_on: date | None, others: Iterable[Stay]
) -> list[Problem]:
    """Reasons why a person cannot be sent to a post for that time; ``others`` are the person's other postings."""
    problems = []
    if draft.valid_to is not None and draft.valid_to < draft.valid_from:
        problems.append(Problem("posting.dates", "结束日期不能早于开始日期。", "valid_to"))
    if draft.valid_from < opened_on:
        problems.append(Problem("posting.before", "开始日期不能早于驻点设立日期。", "valid_from"))
    if closed_on is not None and (draft.valid_to is None or draft.valid_to > closed_on):
        problems.append(Problem("posting.after", "驻点已定撤销日期，结束日期不能晚于它。", "valid_to"))
    if draft.role is PostRole.ROTATING and draft.full_time:
        problems.append(Problem("posting.rotating", "轮值领导按轮次到点，不勾“全职驻点”。", "full_time"))
    clash = draft.full_time and any(one.full_time and overlaps(one, draft.valid_from, draft.valid_to) for one in others)
    if clash:
        text = "此人这段时间已在别的驻点全职驻点，请先结束那边，或改为不全职。"
        problems.append(Problem("posting.overlap", text, "valid_from"))
    return problems


def overlaps(one: Stay, start: date, end: date | None) -> bool:
    """Whether two times at posts share a day; no end means open."""
    return (end is None or one.valid_from <= end) and (one.valid_to is None or start <= one.valid_to)


def sign_problems(day: date, note: str, *, stay: Stay, today: date) -> list[Problem]:
    """Reasons why a note cannot be signed for a day."""
    problems = []
    if day > today:
        problems.append(Problem("check_in.future", "只能为今天或以前的日子签到。", "day"))
    if (today - day).days > SIGN_BACK:
        problems.append(Problem("check_in.late", "只能补签前两天；更早的请由负责人登记缺勤原因。", "day"))
    if not stay.covers(day):
        problems.append(Problem("check_in.elsewhere", "这一天您不在这个驻点的花名册上。", "day"))
    if not note.strip():
        problems.append(Problem("check_in.note", "请写一句在做什么，例如 在岗。", "note"))
    return problems


def absence_problems(draft: AbsenceDraft, stay: Stay, taken: Iterable[tuple[date, date]]) -> list[Problem]:
    """Reasons why an absence cannot be put down; ``taken`` are those known already."""
    start, end = draft.from_day, draft.to_day
    if end < start:
        return [Problem("absence.dates", "结束日期不能早于开始日期。", "to_day")]
    if not (stay.covers(start) and stay.covers(end)):
        return [Problem("absence.outside", "缺勤日期要在驻点期限之内。", "from_day")]
    if any(first <= end and start <= last for first, last in taken):
        return [Problem("absence.twice", "这几天已经登记过缺勤，请核对日期。", "from_day")]
    return []


def post_of_visit(stays: Sequence[Stay], day: date) -> int | None:
    """Return the posting from which a visit of that day was made: the full-time one, else the only one."""
    here = [stay for stay in stays if stay.covers(day)]
    full = [stay for stay in here if stay.full_time]
    chosen = full or here
    return chosen[0].id if len(chosen) == 1 else None


def presence(facts: DayFacts, *, day: date, today: date, workday: bool, full_time: bool) -> Presence:
    """Say in one word what is known of a person's day; a fact that speaks of being there goes before an absence."""
    if facts.visited:
        return Presence.VISITED
    if facts.signed_late is not None:
        return Presence.LATE_SIGNED if facts.signed_late else Presence.SIGNED
    if facts.absence is not None:
        return Presence.ABSENT
    if not full_time:
        return Presence.TURN
    if not workday:
        return Presence.OFF
    return Presence.GAP if day < today else Presence.OPEN


def strength_gaps(people: int, ranks: Iterable[Rank], *, target_people: int, target_rank: Rank) -> list[str]:
    """What a post lacks today, as sentences to translate: people, and a head of the rank it must have."""
    gaps = [] if people >= target_people else ["人数不足"]
    if not any(RANK_ORDER[rank] >= RANK_ORDER[target_rank] for rank in ranks):
        gaps.append("缺负责人" if target_rank is Rank.STAFF else "负责人职级不足")
    return gaps
