"""Blockers of projects (问题台账): what is in the way, who clears it until when, and when it is really gone. Pure.

Source: practice of the trade: problems of a project are handed to a unit with a deadline, climb to the leader when
they are late, go to a coordination meeting when nobody can clear them alone, and are struck off only when the firm
says so. A unit that was asked to clear a problem cannot strike it off itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem

if TYPE_CHECKING:
    from datetime import date

FOLLOW_UP_KIND = "blocker"
LONGEST_TERM = timedelta(days=731)
LINE = 200
SHORT = 80


class BlockerSource(StrEnum):
    """Where a blocker was raised."""

    PROJECT = "project"
    VISIT = "visit"
    MEETING = "meeting"
    INSPECTION = "inspection"
    PHONE = "phone"
    INSTRUCTION = "instruction"


SOURCE_LABELS: dict[BlockerSource, str] = {
    BlockerSource.PROJECT: "项目跟踪",
    BlockerSource.VISIT: "走访座谈",
    BlockerSource.MEETING: "会议",
    BlockerSource.INSPECTION: "现场督查",
    BlockerSource.PHONE: "企业来电",
    BlockerSource.INSTRUCTION: "领导批示",
}


class BlockerState(StrEnum):
    """How far a blocker is."""

    OVERDUE = "overdue"
    OPEN = "open"
    REPORTED = "reported"
    CLOSED = "closed"


STATE_LABELS: dict[BlockerState, str] = {
    BlockerState.OVERDUE: "超期未解决",
    BlockerState.OPEN: "办理中",
    BlockerState.REPORTED: "已报解决，待企业确认",
    BlockerState.CLOSED: "已销号",
}
STATE_TONES: dict[BlockerState, str] = {
    BlockerState.OVERDUE: "seal",
    BlockerState.OPEN: "blue",
    BlockerState.REPORTED: "amber",
    BlockerState.CLOSED: "green",
}
STATE_ICONS: dict[BlockerState, str] = {
    BlockerState.OVERDUE: "alert-circle",
    BlockerState.OPEN: "tool",
    BlockerState.REPORTED: "eye",
    BlockerState.CLOSED: "circle-check",
}


class StepKind(StrEnum):
    """What happened to a blocker."""

    RAISED = "raised"
    PROGRESS = "progress"
    REPORTED = "reported"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    REOPENED = "reopened"
    ASSIGNED = "assigned"
    COORDINATE = "coordinate"
    DECIDED = "decided"
    ESCALATED = "escalated"


STEP_LABELS: dict[StepKind, str] = {
    StepKind.RAISED: "登记交办",
    StepKind.PROGRESS: "进展",
    StepKind.REPORTED: "报已解决",
    StepKind.RETURNED: "退回再办",
    StepKind.CONFIRMED: "企业确认，销号",
    StepKind.REOPENED: "重新打开",
    StepKind.ASSIGNED: "改派改期",
    StepKind.COORDINATE: "提请协调会",
    StepKind.DECIDED: "会议议定",
    StepKind.ESCALATED: "超期上报",
}
STEP_ICONS: dict[StepKind, str] = {
    StepKind.RAISED: "flag",
    StepKind.PROGRESS: "note",
    StepKind.REPORTED: "check",
    StepKind.RETURNED: "arrow-back-up",
    StepKind.CONFIRMED: "circle-check",
    StepKind.REOPENED: "arrow-back-up",
    StepKind.ASSIGNED: "user-check",
    StepKind.COORDINATE: "users",
    StepKind.DECIDED: "gavel",
    StepKind.ESCALATED: "alert-triangle",
}


class Way(StrEnum):
    """How the firm said that a blocker is gone."""

    PHONE = "phone"
    FACE = "face"
    MESSAGE = "message"
    LETTER = "letter"


WAY_LABELS: dict[Way, str] = {
    Way.PHONE: "电话",
    Way.FACE: "当面",
    Way.MESSAGE: "微信或短信",
    Way.LETTER: "书面回函",
}
CLOSED = Problem("blocker.closed", "这个问题已经销号，确有反复的请重新打开。")
STILL_OPEN = Problem("blocker.open", "这个问题还没有销号，不用重新打开。")
SELF = Problem("blocker.self", "责任单位不能给自己承办的问题销号，请由项目单位、登记人或招商办听取企业意见后办理。")
NOT_ADDRESSED = Problem("blocker.addressee", "只有责任单位的人能填办理进展、报已解决。")
NOT_REPORTED = Problem("blocker.unreported", "责任单位还没有报已解决，不用退回。")
REPORTED_ALREADY = Problem("blocker.reported", "已经报过解决，等待企业确认。")


@dataclass(frozen=True, slots=True)
class BlockerDraft:
    """A blocker as typed; of a project, or of an enterprise alone; ``client_id`` makes a double tap one blocker."""

    client_id: str
    title: str
    category: str
    unit_id: int
    responsible_id: int
    due_on: date | None
    source: BlockerSource = BlockerSource.PROJECT
    ref_id: int | None = None
    detail: str = ""
    project_id: int | None = None
    enterprise_id: int | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The firm's word: who of the firm said so, when, and how."""

    person: str
    confirmed_on: date | None
    way: Way | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """Who is to clear a blocker, until when."""

    unit_id: int
    responsible_id: int
    due_on: date | None


def raising_problems(draft: BlockerDraft, *, categories: set[str], today: date) -> list[Problem]:
    """Reasons why a blocker cannot be raised."""
    problems = [] if draft.title.strip() else [Problem("blocker.title", "请用一句话写明是什么问题。", "title")]
    if draft.project_id is None and draft.enterprise_id is None:
        problems.append(Problem("blocker.subject", "请选择是哪个项目的问题。", "project_id"))
    if draft.category not in categories:
        problems.append(Problem("blocker.category", "请选择问题类别。", "category"))
    return problems + charge_problems(Charge(draft.unit_id, draft.responsible_id, draft.due_on), today=today)


def charge_problems(charge: Charge, *, today: date) -> list[Problem]:
    """Reasons why nobody can be charged so: a unit, one person of it, and a deadline from today on are needed."""
    problems = []
    if not charge.unit_id or not charge.responsible_id:
        problems.append(Problem("blocker.responsible", "请选择责任单位和责任人。", "to"))
    if charge.due_on is None:
        problems.append(Problem("blocker.due", "请定办理时限。", "due_on"))
    elif not today <= charge.due_on <= today + LONGEST_TERM:
        problems.append(Problem("blocker.due_range", "办理时限要在今天到两年之内。", "due_on"))
    return problems


def confirming_problems(
    word: Confirmation, *, raised_on: date, today: date, again_on: date | None = None
) -> list[Problem]:
    """Reasons why a blocker cannot be closed on this word: who of the firm, when and how must be known.

    ``again_on``: the day it was last sent back or reopened; a word of before says nothing of it any more.
    """
    problems = []
    if not word.person.strip():
        problems.append(Problem("blocker.person", "请写明企业由谁确认，例如“晟澜精密 李工”。", "person"))
    if word.confirmed_on is None or not raised_on <= word.confirmed_on <= today:
        problems.append(Problem("blocker.confirmed_on", "企业确认的日期要在登记当天到今天之间。", "confirmed_on"))
    elif again_on is not None and word.confirmed_on < again_on:
        text = "这个问题%(day)s退回或重新打开过，要重新听取企业意见：确认日期不能早于这一天。"
        problems.append(Problem("blocker.again", text, "confirmed_on", {"day": again_on.isoformat()}))
    if word.way is None:
        problems.append(Problem("blocker.way", "请选择企业是怎么确认的。", "way"))
    return problems


def reason_problems(text: str, field: str = "reason") -> list[Problem]:
    """Reasons why something that needs a reason cannot be done: there is none."""
    return [] if text.strip() else [Problem("blocker.reason", "请写明原因。", field)]


def state_of(*, closed: bool, reported: bool, due_on: date, today: date) -> BlockerState:
    """Say how far a blocker is; reported as solved and waiting for the firm it is not late."""
    if closed:
        return BlockerState.CLOSED
    if reported:
        return BlockerState.REPORTED
    return BlockerState.OVERDUE if due_on < today else BlockerState.OPEN
