"""Vocabulary and limits of field work: touches and follow-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from crm.auth.rules import ROLE_PERMISSIONS, Actor, Permission, Role
from crm.core.errors import Problem

CLOCK_SKEW = timedelta(minutes=10)
OLDEST = timedelta(days=366)
BACKDATED_AFTER = timedelta(days=3)
AMENDABLE = timedelta(days=30)
NEXT_AFTER = timedelta(days=7)
LINE_LENGTH = 200
MOST_PEOPLE = 500


class TouchKind(StrEnum):
    """Kinds of dated contact with an enterprise."""

    VISIT = "visit"
    RECEPTION = "reception"
    INSPECTION = "inspection"
    NEGOTIATION = "negotiation"
    CALL = "call"
    LETTER = "letter"
    MAIL = "mail"
    WECHAT = "wechat"


TOUCH_LABELS: dict[TouchKind, str] = {
    TouchKind.VISIT: "走访",
    TouchKind.RECEPTION: "接待",
    TouchKind.INSPECTION: "来区考察",
    TouchKind.NEGOTIATION: "洽谈",
    TouchKind.CALL: "电话",
    TouchKind.LETTER: "函件",
    TouchKind.MAIL: "邮件",
    TouchKind.WECHAT: "微信",
}


class Intention(StrEnum):
    """How keen the enterprise sounded (投资意向)."""

    UNKNOWN = "unknown"
    NONE = "none"
    WATCHING = "watching"
    INTERESTED = "interested"
    STRONG = "strong"


INTENTION_LABELS: dict[Intention, str] = {
    Intention.UNKNOWN: "未了解",
    Intention.NONE: "暂无意向",
    Intention.WATCHING: "观望",
    Intention.INTERESTED: "有意向",
    Intention.STRONG: "意向强烈",
}


class LeaderLevel(StrEnum):
    """Highest rank on our side who took part."""

    STAFF = "staff"
    TEAM = "team"
    DEPARTMENT = "department"
    COUNTY = "county"


LEADER_LABELS: dict[LeaderLevel, str] = {
    LeaderLevel.STAFF: "工作人员",
    LeaderLevel.TEAM: "组长带队",
    LeaderLevel.DEPARTMENT: "部门领导带队",
    LeaderLevel.COUNTY: "县区领导带队",
}


class DueState(StrEnum):
    """Lateness of a follow-up, worst first."""

    OVERDUE = "overdue"
    TODAY = "today"
    PLANNED = "planned"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TouchDraft:
    """What a person typed about a touch, before it is accepted."""

    kind: TouchKind
    occurred_at: datetime
    summary: str
    next_step: str = ""
    next_due: date | None = None
    people: str | None = None
    contact_ids: tuple[int, ...] = ()
    intention: Intention = Intention.UNKNOWN
    place: str | None = None
    leader_level: LeaderLevel = LeaderLevel.STAFF
    headcount: int | None = None
    report: str | None = None


@dataclass(frozen=True, slots=True)
class TouchTarget:
    """What a touch belongs to; ``client_id`` makes a double tap one touch.

    ``unit_id`` None means the person's main unit; ``auto_link`` lets the only open
    project of the enterprise be linked when ``project_id`` is None.
    """

    enterprise_id: int
    client_id: str
    unit_id: int | None = None
    project_id: int | None = None
    auto_link: bool = True


@dataclass(frozen=True, slots=True)
class TouchCorrection:
    """The four things that may still be corrected after logging."""

    summary: str
    people: str | None
    intention: Intention
    report: str | None


@dataclass(frozen=True, slots=True)
class FollowUpDraft:
    """A promise to be kept: what, until when, and what it is about."""

    title: str
    due_on: date | None
    enterprise_id: int | None = None
    project_id: int | None = None
    touch_id: int | None = None


def writing_units(actor: Actor) -> tuple[int, ...]:
    """Units in whose name the person may log touches, main one first."""
    posts = (post for post in actor.posts if Permission.TOUCH_WRITE in ROLE_PERMISSIONS[post.role])
    return tuple(dict.fromkeys(post.unit_id for post in posts))


def may_correct(actor: Actor, author_id: int, unit_id: int) -> bool:
    """Whether the person wrote it, leads the unit, or keeps the register (招商办)."""
    own = actor.user_id == author_id
    leads = any(post.role is Role.TEAM_LEAD and unit_id in post.covers for post in actor.posts)
    return own or leads or Role.REGISTRAR in actor.roles


def touch_problems(draft: TouchDraft, *, now: datetime, today: date) -> list[Problem]:
    """Reasons why a touch cannot be logged; empty means it can."""
    problems = []
    if draft.occurred_at > now + CLOCK_SKEW:
        problems.append(Problem("touch.future", "走访时间不能晚于现在；还没发生的请记为下步打算。", "occurred_at"))
    if draft.occurred_at < now - OLDEST:
        problems.append(Problem("touch.too_old", "只能补记一年以内的走访，请核对年份。", "occurred_at"))
    if not draft.summary.strip():
        problems.append(Problem("touch.summary", "请写一句谈了什么，哪怕只有十个字。", "summary"))
    if draft.next_due and not draft.next_step.strip():
        problems.append(Problem("touch.next_step", "填了期限，请同时写明下步做什么。", "next_step"))
    if draft.next_step.strip() and not draft.next_due:
        problems.append(Problem("touch.next_due", "请给下步打算定一个日期，到期会提醒。", "next_due"))
    if draft.next_due and draft.next_due < today:
        problems.append(Problem("touch.next_due_past", "下步期限不能早于今天。", "next_due"))
    if draft.headcount is not None and not 0 < draft.headcount <= MOST_PEOPLE:
        problems.append(Problem("touch.headcount", "人数请填 1 到 500 之间的整数。", "headcount"))
    if draft.report and draft.kind is not TouchKind.INSPECTION:
        problems.append(Problem("touch.report_kind", "只有来区考察才写考察报告；请改选类型或清空报告。", "report"))
    return problems


def correction_problems(correction: TouchCorrection, kind: TouchKind) -> list[Problem]:
    """Reasons why a correction cannot be saved; empty means it can."""
    problems = []
    if not correction.summary.strip():
        problems.append(Problem("touch.summary", "请写一句谈了什么，哪怕只有十个字。", "summary"))
    if correction.report and kind is not TouchKind.INSPECTION:
        problems.append(Problem("touch.report_kind", "只有来区考察才写考察报告。", "report"))
    return problems


def is_amendable(recorded_at: datetime, now: datetime) -> bool:
    """Whether a touch is young enough to be corrected: figures of past months stay put."""
    return now - recorded_at <= AMENDABLE


def follow_up_problems(draft: FollowUpDraft, today: date) -> list[Problem]:
    """Reasons why a follow-up cannot be added; empty means it can."""
    problems = []
    if not draft.title.strip():
        problems.append(Problem("follow_up.title", "请写明要做什么。", "title"))
    if draft.due_on and draft.due_on < today:
        problems.append(Problem("follow_up.due_past", "期限不能早于今天。", "due_on"))
    return problems


def is_backdated(occurred_at: datetime, recorded_at: datetime) -> bool:
    """Whether a touch was entered so late that it is marked 补记."""
    return recorded_at - occurred_at > BACKDATED_AFTER


def due_state(due_on: date | None, today: date) -> DueState:
    """Lateness of an open follow-up."""
    if due_on is None:
        return DueState.NONE
    if due_on < today:
        return DueState.OVERDUE
    return DueState.TODAY if due_on == today else DueState.PLANNED
