"""Receptions and inspections (来区考察): vocabulary, and what may not be saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from crm.core.errors import Problem
from crm.fieldwork.rules import Intention, LeaderLevel, TouchKind

LONGEST = timedelta(days=15)
STEP = timedelta(minutes=30)
FIVE_MINUTES = 5
MOST_SLOTS = 80
MOST_PEOPLE = 60
LARGEST_PARTY = 500


class ReceptionState(StrEnum):
    """How far a reception has come."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


STATE_LABELS: dict[ReceptionState, str] = {
    ReceptionState.PLANNED: "待接待",
    ReceptionState.HELD: "已接待",
    ReceptionState.CANCELLED: "已取消",
}
KIND_LABELS: dict[TouchKind, str] = {
    TouchKind.INSPECTION: "来区考察",
    TouchKind.RECEPTION: "接待",
}


class Side(StrEnum):
    """Whose side somebody stands on."""

    VISITOR = "visitor"
    HOST = "host"


class PersonRole(StrEnum):
    """What somebody is there for: visitors by what they decide, hosts by what they do."""

    DECIDER = "decider"
    MANAGER = "manager"
    TECHNICAL = "technical"
    FINANCE = "finance"
    LEGAL = "legal"
    ADVISER = "adviser"
    LEADER = "leader"
    ESCORT = "escort"
    EXPLAINER = "explainer"
    STAFF = "staff"
    OTHER = "other"


ROLE_LABELS: dict[PersonRole, str] = {
    PersonRole.DECIDER: "决策人",
    PersonRole.MANAGER: "管理人员",
    PersonRole.TECHNICAL: "技术人员",
    PersonRole.FINANCE: "财务人员",
    PersonRole.LEGAL: "法务人员",
    PersonRole.ADVISER: "中介顾问",
    PersonRole.LEADER: "主陪领导",
    PersonRole.ESCORT: "陪同",
    PersonRole.EXPLAINER: "讲解",
    PersonRole.STAFF: "后勤保障",
    PersonRole.OTHER: "其他",
}
VISITOR_ROLES = (
    PersonRole.DECIDER,
    PersonRole.MANAGER,
    PersonRole.TECHNICAL,
    PersonRole.FINANCE,
    PersonRole.LEGAL,
    PersonRole.ADVISER,
    PersonRole.OTHER,
)
HOST_ROLES = (PersonRole.LEADER, PersonRole.ESCORT, PersonRole.EXPLAINER, PersonRole.STAFF, PersonRole.OTHER)


class SlotKind(StrEnum):
    """What happens in a half hour."""

    SITE = "site"
    TALK = "talk"
    MEAL = "meal"
    ROAD = "road"
    OTHER = "other"


SLOT_LABELS: dict[SlotKind, str] = {
    SlotKind.SITE: "看现场",
    SlotKind.TALK: "座谈",
    SlotKind.MEAL: "用餐",
    SlotKind.ROAD: "路途",
    SlotKind.OTHER: "其他",
}


@dataclass(frozen=True, slots=True)
class ReceptionDraft:
    """What a person typed about a reception."""

    kind: TouchKind
    title: str
    enterprise_id: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    place: str | None = None
    purpose: str | None = None
    project_id: int | None = None
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """A visitor or host: one of our people, a known contact, a name, or some people of a role without names."""

    side: Side
    role: PersonRole
    user_id: int | None = None
    contact_id: int | None = None
    name: str = ""
    post: str | None = None
    level: LeaderLevel = LeaderLevel.STAFF
    heads: int = 1


@dataclass(frozen=True, slots=True)
class SlotDraft:
    """One item of the itinerary."""

    starts_at: datetime | None
    ends_at: datetime | None
    title: str
    kind: SlotKind = SlotKind.SITE
    place: str | None = None
    user_id: int | None = None
    responsible: str = ""
    feedback: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went, as it becomes a touch."""

    summary: str
    feedback: str
    intention: Intention = Intention.UNKNOWN
    next_step: str = ""
    next_due: date | None = None


def reception_problems(draft: ReceptionDraft) -> list[Problem]:
    """Reasons why a reception cannot be saved; empty means it can."""
    problems = []
    if draft.enterprise_id is None:
        problems.append(
            Problem("reception.enterprise", "请选择来访的企业；库里没有的，先到企业页新建。", "enterprise_id")
        )
    if not draft.title.strip():
        problems.append(Problem("reception.title", "请写接待事由，例如“考察精密制造产业园”。", "title"))
    if draft.starts_at is None:
        problems.append(Problem("reception.starts_at", "请选择开始时间。", "starts_at"))
    if draft.ends_at is None:
        problems.append(Problem("reception.ends_at", "请选择结束时间。", "ends_at"))
    if draft.starts_at and draft.ends_at:
        if draft.ends_at <= draft.starts_at:
            problems.append(Problem("reception.times", "结束时间要晚于开始时间。", "ends_at"))
        elif draft.ends_at - draft.starts_at > LONGEST:
            problems.append(Problem("reception.long", "一次接待最长15天，请核对日期。", "ends_at"))
    return problems


def person_problems(draft: PersonDraft) -> list[Problem]:
    """Reasons why somebody cannot be put down; empty means they can."""
    problems = []
    if draft.side is Side.HOST and draft.user_id is None and not draft.name.strip():
        problems.append(Problem("person.who", "请选择同事，或填写姓名。", "name"))
    if not 0 < draft.heads <= LARGEST_PARTY:
        problems.append(Problem("person.heads", "人数请填 1 到 500 之间的整数。", "heads"))
    named = draft.user_id is not None or draft.contact_id is not None or draft.name.strip()
    if named and draft.heads > 1:
        problems.append(Problem("person.heads_named", "写了姓名的一行只算1人；其余的人另加一行。", "heads"))
    return problems


def slot_problems(draft: SlotDraft, starts_at: datetime, ends_at: datetime) -> list[Problem]:
    """Reasons why an item cannot stand in the itinerary; empty means it can."""
    problems = []
    if not draft.title.strip():
        problems.append(Problem("slot.title", "请写这一项做什么。", "title"))
    if draft.starts_at is None or draft.ends_at is None:
        field = "starts_at" if draft.starts_at is None else "ends_at"
        problems.append(Problem("slot.times", "请选择起止时间。", field))
        return problems
    if draft.ends_at <= draft.starts_at:
        problems.append(Problem("slot.order", "结束时间要晚于开始时间。", "ends_at"))
    elif draft.starts_at < starts_at or draft.ends_at > ends_at:
        problems.append(Problem("slot.outside", "时间要在这次接待的起止时间之内；需要时先改接待时间。", "starts_at"))
    if any(at.minute % FIVE_MINUTES or at.second for at in (draft.starts_at, draft.ends_at)):
        problems.append(Problem("slot.minutes", "时间请取整到5分钟，通常按半小时安排。", "starts_at"))
    return problems


def overlaps(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    """Whether two items run at the same time."""
    return one[0] < other[1] and other[0] < one[1]


def party(heads: list[tuple[PersonRole, int]]) -> list[tuple[str, int]]:
    """Count visitors by role, in the order of the vocabulary: (label, people)."""
    counted = {role: sum(count for one, count in heads if one is role) for role in VISITOR_ROLES}
    return [(ROLE_LABELS[role], count) for role, count in counted.items() if count]
