"""Outbound trips (外出招商): vocabulary, states as data, and what may not be saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.fieldwork.rules import LeaderLevel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONGEST_TRIP = timedelta(days=60)
MOST_STOPS = 60
MOST_PEOPLE = 60
UNVISITED = "“%(name)s”还没有走访记录：请补记走访，或者在行程里写明未成行的原因。"
LEVELS: tuple[LeaderLevel, ...] = tuple(LeaderLevel)


class TripState(StrEnum):
    """How far a trip has come."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    BACK = "back"
    CLOSED = "closed"
    CANCELLED = "cancelled"


STATE_LABELS: dict[TripState, str] = {
    TripState.PLANNED: "筹备中",
    TripState.UNDER_WAY: "在途",
    TripState.BACK: "已返程",
    TripState.CLOSED: "已结题",
    TripState.CANCELLED: "已取消",
}
MOVE_LABELS: dict[tuple[TripState, TripState], str] = {
    (TripState.PLANNED, TripState.UNDER_WAY): "出发",
    (TripState.UNDER_WAY, TripState.BACK): "已返程",
    (TripState.BACK, TripState.CLOSED): "结题",
    (TripState.PLANNED, TripState.CANCELLED): "取消行程",
    (TripState.UNDER_WAY, TripState.PLANNED): "退回筹备",
    (TripState.BACK, TripState.UNDER_WAY): "退回在途",
    (TripState.CLOSED, TripState.BACK): "重新打开",
    (TripState.CANCELLED, TripState.PLANNED): "恢复行程",
}
FORWARD = frozenset(
    {
        (TripState.PLANNED, TripState.UNDER_WAY),
        (TripState.UNDER_WAY, TripState.BACK),
        (TripState.BACK, TripState.CLOSED),
    }
)
OPEN_STATES = (TripState.PLANNED, TripState.UNDER_WAY, TripState.BACK)


class MemberRole(StrEnum):
    """What somebody does in a delegation."""

    LEADER = "leader"
    DEPUTY = "deputy"
    MEMBER = "member"
    STAFF = "staff"
    GUEST = "guest"


ROLE_LABELS: dict[MemberRole, str] = {
    MemberRole.LEADER: "带队",
    MemberRole.DEPUTY: "副领队",
    MemberRole.MEMBER: "成员",
    MemberRole.STAFF: "联络保障",
    MemberRole.GUEST: "随行嘉宾",
}


class CostKind(StrEnum):
    """What money was spent on."""

    TRANSPORT = "transport"
    LODGING = "lodging"
    MEALS = "meals"
    VENUE = "venue"
    MATERIALS = "materials"
    OTHER = "other"


COST_LABELS: dict[CostKind, str] = {
    CostKind.TRANSPORT: "交通",
    CostKind.LODGING: "住宿",
    CostKind.MEALS: "伙食",
    CostKind.VENUE: "场地",
    CostKind.MATERIALS: "资料",
    CostKind.OTHER: "其他",
}


@dataclass(frozen=True, slots=True)
class TripDraft:
    """What a person typed about a trip."""

    title: str
    starts_on: date | None
    ends_on: date | None
    purpose: str | None = None
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class MemberDraft:
    """Somebody of the delegation: one of our people, or a name."""

    user_id: int | None
    name: str = ""
    post: str | None = None
    role: MemberRole = MemberRole.MEMBER
    level: LeaderLevel = LeaderLevel.STAFF


@dataclass(frozen=True, slots=True)
class StopDraft:
    """One stop: whom, when, where, and what to bring along; sites, policies and points are a line each."""

    on_day: date | None
    enterprise_id: int | None = None
    title: str | None = None
    at_clock: str | None = None
    place: str | None = None
    meets: str | None = None
    points: str | None = None
    proposals: str | None = None
    sites: str | None = None
    policies: str | None = None
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class CostDraft:
    """Budget and cost of one kind, in 万元."""

    kind: CostKind
    budget: Decimal | None
    spent: Decimal | None


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved a trip, when, and under which number."""

    by: str
    on: date | None
    paper_no: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class TripFacts:
    """What a move of state looks at; ``unvisited`` are stops with neither a touch nor a reason."""

    state: TripState
    led: bool
    stops: int
    approved: bool
    minutes: bool
    unvisited: tuple[str, ...] = ()


def trip_problems(draft: TripDraft) -> list[Problem]:
    """Reasons why a trip cannot be saved; empty means it can."""
    problems = []
    if not draft.title.strip():
        problems.append(Problem("trip.title", "请写行程名称，例如“赴苏州拜访电子企业”。", "title"))
    if draft.starts_on is None:
        problems.append(Problem("trip.starts_on", "请选择出发日期。", "starts_on"))
    if draft.ends_on is None:
        problems.append(Problem("trip.ends_on", "请选择返程日期。", "ends_on"))
    if draft.starts_on and draft.ends_on:
        if draft.ends_on < draft.starts_on:
            problems.append(Problem("trip.dates", "返程日期不能早于出发日期。", "ends_on"))
        elif draft.ends_on - draft.starts_on > LONGEST_TRIP:
            problems.append(Problem("trip.long", "一次行程最长60天；常驻外地的请登记为驻点。", "ends_on"))
    return problems


def stop_problems(draft: StopDraft, starts_on: date, ends_on: date) -> list[Problem]:
    """Reasons why a stop cannot be saved; empty means it can."""
    problems = []
    if draft.enterprise_id is None and not (draft.title or "").strip():
        problems.append(Problem("stop.whom", "请选择拜访的企业；拜访商会、机构的，写明名称。", "enterprise_id"))
    if draft.on_day is None:
        problems.append(Problem("stop.day", "请选择拜访日期。", "on_day"))
    elif not starts_on <= draft.on_day <= ends_on:
        problems.append(Problem("stop.day_outside", "拜访日期要在行程起止日期之内；需要时先改行程日期。", "on_day"))
    return problems


def member_problems(draft: MemberDraft) -> list[Problem]:
    """Reasons why somebody cannot join the delegation; empty means they can."""
    if draft.user_id is None and not draft.name.strip():
        return [Problem("member.who", "请选择同事，或填写姓名。", "name")]
    return []


def cost_problems(drafts: Iterable[CostDraft]) -> list[Problem]:
    """Reasons why budget and cost cannot be saved; empty means they can."""
    negative = [draft for draft in drafts for sum_ in (draft.budget, draft.spent) if sum_ is not None and sum_ < 0]
    return [Problem("cost.negative", "金额不能是负数。", f"{negative[0].kind}_budget")] if negative else []


def approval_problems(approval: Approval, today: date) -> list[Problem]:
    """Reasons why an approval cannot be written down; empty means it can."""
    problems = []
    if not approval.by.strip():
        problems.append(Problem("approval.by", "请写明谁批准的，例如“分管副县长”。", "approved_by"))
    if approval.on is None:
        problems.append(Problem("approval.on", "请选择批准日期。", "approved_on"))
    elif approval.on > today:
        problems.append(Problem("approval.future", "批准日期不能晚于今天。", "approved_on"))
    return problems


def move_problems(facts: TripFacts, target: TripState) -> list[Problem]:
    """Reasons why a trip cannot go on to a state; empty means it can."""
    if (facts.state, target) not in MOVE_LABELS:
        return [Problem("trip.move", "行程现在不能这样变更，请刷新页面后再看。")]
    problems = []
    if target is TripState.UNDER_WAY and facts.state is TripState.PLANNED:
        if not facts.led:
            problems.append(Problem("trip.leader", "出发前请在代表团里写明谁带队。"))
        if not facts.stops:
            problems.append(Problem("trip.stops", "出发前请至少安排一站拜访。"))
        if not facts.approved:
            problems.append(Problem("trip.approval", "出发前请登记审批情况：谁批准、哪天、文号。"))
    if target is TripState.CLOSED:
        if not facts.minutes:
            problems.append(Problem("trip.minutes", "结题前请写出访纪要。"))
        problems += [
            Problem(
                "trip.unvisited",
                "“%(name)s”还没有走访记录：请补记走访，或者在行程里写明未成行的原因。",
                None,
                {"name": name},
            )
            for name in facts.unvisited
        ]
    return problems


def moves_from(state: TripState) -> tuple[TripState, ...]:
    """States a trip may be put into from here, forward first."""
    targets = [target for origin, target in MOVE_LABELS if origin is state]
    return tuple(sorted(targets, key=lambda target: (state, target) not in FORWARD))


def highest(levels: Iterable[LeaderLevel]) -> LeaderLevel:
    """Return the highest rank of a delegation; without anybody it is staff."""
    return max(levels, key=LEVELS.index, default=LeaderLevel.STAFF)


def lines(text: str | None) -> tuple[str, ...]:
    """Return the rows of a text, blank ones left out."""
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def total(sums: Sequence[Decimal | None]) -> Decimal | None:
    """Add up what is known; None when nothing is."""
    known = [one for one in sums if one is not None]
    return sum(known, Decimal(0)) if known else None
