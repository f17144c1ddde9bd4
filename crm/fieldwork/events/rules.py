"""Events (推介会、圆桌会、节会…): vocabulary, what may be written, what a lead cost. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.core.money import half_up

if TYPE_CHECKING:
    from datetime import date

LONGEST = timedelta(days=92)
LARGEST = Decimal(100_000)
FEN_DIGITS = 6
MOST_LINES = 300
LINE = 200
NUMBERED = re.compile(r"^[0-9]{1,3}[.、．)）]\s*")
CUT = re.compile("[\t，,]")


class EventKind(StrEnum):
    """Kinds of events."""

    PROMOTION = "promotion"
    ROUNDTABLE = "roundtable"
    FESTIVAL = "festival"
    FORUM = "forum"
    MONTH = "month"
    TEA = "tea"
    OTHER = "other"


EVENT_LABELS: dict[EventKind, str] = {
    EventKind.PROMOTION: "推介会",
    EventKind.ROUNDTABLE: "圆桌会",
    EventKind.FESTIVAL: "节会",
    EventKind.FORUM: "座谈会",
    EventKind.MONTH: "招商月",
    EventKind.TEA: "茶话会",
    EventKind.OTHER: "其他活动",
}


class GuestState(StrEnum):
    """Where an invitation stands."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ATTENDED = "attended"
    ABSENT = "absent"
    WALK_IN = "walk_in"


GUEST_LABELS: dict[GuestState, str] = {
    GuestState.INVITED: "已邀请",
    GuestState.ACCEPTED: "答应来",
    GuestState.DECLINED: "谢绝",
    GuestState.ATTENDED: "到场",
    GuestState.ABSENT: "未到",
    GuestState.WALK_IN: "临时到场",
}
CAME = frozenset({GuestState.ATTENDED, GuestState.WALK_IN})
PRESENCE = frozenset({GuestState.ATTENDED, GuestState.ABSENT, GuestState.WALK_IN})
EXPECTED = frozenset({GuestState.INVITED, GuestState.ACCEPTED})


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What a person typed about an event; money in 万元, the last day included."""

    kind: EventKind
    name: str
    start_on: date
    end_on: date
    place: str = ""
    hours: str = ""
    host: str = ""
    partners: str = ""
    theme: str = ""
    channel: str = "other"
    budget: Decimal | None = None
    cost: Decimal | None = None
    owner_id: int | None = None
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Delegate:
    """One of ours who goes: a colleague by id, or a name; with the topic of a speech."""

    name: str
    user_id: int | None = None
    post: str = ""
    speech: str = ""


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom to invite: an enterprise of the register, a contact of it, or only names somebody typed."""

    enterprise_id: int | None = None
    contact_id: int | None = None
    firm: str = ""
    person: str = ""


def event_problems(draft: EventDraft) -> list[Problem]:
    """Reasons why an event cannot be kept as typed."""
    problems = [] if draft.name.strip() else [Problem("event.name", "请填写活动名称。", "name")]
    if draft.end_on < draft.start_on:
        problems.append(Problem("event.dates", "结束日期不能早于开始日期。", "end_on"))
    elif draft.end_on - draft.start_on > LONGEST:
        problems.append(Problem("event.long", "一次活动最长92天，请核对日期；更长的请分开登记。", "end_on"))
    problems += _money(draft.budget, "budget") + _money(draft.cost, "cost")
    return problems


def _money(amount: Decimal | None, field: str) -> list[Problem]:
    if amount is None:
        return []
    if not amount.is_finite() or amount < 0:
        return [Problem("event.money", "金额不能为负，单位是万元。", field)]
    if amount > LARGEST:
        return [Problem("event.money_large", "金额超过十亿元，请核对单位（应为万元）。", field)]
    if amount != round(amount, FEN_DIGITS):
        return [Problem("event.money_fine", "金额最多精确到分（六位小数）。", field)]
    return []


def delegate_problems(one: Delegate) -> list[Problem]:
    """Reasons why somebody cannot be put on the delegation."""
    if one.user_id is None and not one.name.strip():
        return [Problem("delegate.name", "请选择同事，或填写姓名。", "name")]
    return []


def guest_problems(one: Guest) -> list[Problem]:
    """Reasons why somebody cannot be invited."""
    if one.enterprise_id is None and one.contact_id is None and not one.firm.strip() and not one.person.strip():
        return [Problem("guest.name", "请选择企业，或填写单位或姓名。", "firm")]
    return []


def state_problems(
    before: GuestState, after: GuestState, *, start_on: date, today: date, cancelled: bool
) -> list[Problem]:
    """Reasons why an invitation cannot go from one state to another."""
    if cancelled:
        return [Problem("event.cancelled", "活动已取消，不再登记到场。")]
    if (before is GuestState.WALK_IN) is not (after is GuestState.WALK_IN):
        return [Problem("guest.walk_in", "临时到场的来宾没有邀请，不能改成别的状态；登记错了请删除。")]
    if after in PRESENCE and today < start_on:
        return [Problem("guest.early", "活动还没开始，先登记答应来或谢绝。")]
    return []


def per(cost: Decimal | None, count: int) -> Decimal | None:
    """Return what one of ``count`` cost in 万元, two decimals, half up; None without a cost or a count."""
    return half_up(cost / count, 2) if cost is not None and count > 0 else None


def typed_lines(text: str) -> list[tuple[str, str]]:
    """Read a typed list: one guest a line, the enterprise and maybe a person after a tab or comma; repeats once."""
    found: dict[tuple[str, str], None] = {}
    for raw in text.splitlines():
        firm, _cut, person = CUT.sub(",", NUMBERED.sub("", raw.strip()), count=1).partition(",")
        if firm.strip() or person.strip():
            found[firm.strip()[:LINE], person.strip()[:LINE]] = None
    return list(found)
