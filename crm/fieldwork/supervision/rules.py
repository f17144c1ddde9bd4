"""Inspections on site (现场督查): what was found, who mends it until when, and who looks again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem

if TYPE_CHECKING:
    from datetime import date, datetime

CLOCK_SKEW = timedelta(minutes=10)
OLDEST = timedelta(days=366)
LONGEST_TERM = timedelta(days=731)
MOST_FINDINGS = 30
FOLLOW_UP_KIND = "site_finding"


class FindingState(StrEnum):
    """How far a finding is."""

    OVERDUE = "overdue"
    OPEN = "open"
    MENDED = "mended"
    CLOSED = "closed"


STATE_LABELS: dict[FindingState, str] = {
    FindingState.OVERDUE: "超期未整改",
    FindingState.OPEN: "整改中",
    FindingState.MENDED: "待复查",
    FindingState.CLOSED: "已销号",
}
STATE_ICONS: dict[FindingState, str] = {
    FindingState.OVERDUE: "alert-circle",
    FindingState.OPEN: "tool",
    FindingState.MENDED: "eye",
    FindingState.CLOSED: "circle-check",
}
STATE_TONES: dict[FindingState, str] = {
    FindingState.OVERDUE: "seal",
    FindingState.OPEN: "blue",
    FindingState.MENDED: "amber",
    FindingState.CLOSED: "green",
}


@dataclass(frozen=True, slots=True)
class InspectionDraft:
    """An inspection as typed; ``client_id`` makes a double tap one inspection."""

    client_id: str
    unit_id: int
    inspected_at: datetime
    summary: str
    enterprise_id: int | None = None
    project_id: int | None = None
    place: str | None = None
    inspector_ids: tuple[int, ...] = ()
    outside_people: str | None = None


@dataclass(frozen=True, slots=True)
class FindingDraft:
    """A finding as typed."""

    body: str
    responsible_id: int
    due_on: date | None


@dataclass(frozen=True, slots=True)
class RecheckDraft:
    """What the second look said: passed, or a new deadline."""

    passed: bool
    note: str
    new_due_on: date | None = None


def inspection_problems(draft: InspectionDraft, *, now: datetime) -> list[Problem]:
    """Reasons why an inspection cannot be recorded."""
    problems = []
    if draft.enterprise_id is None and not (draft.place or "").strip():
        problems.append(Problem("inspection.target", "请选择企业，或写明督查的地点。", "place"))
    if draft.inspected_at > now + CLOCK_SKEW:
        problems.append(Problem("inspection.future", "督查时间不能晚于现在。", "inspected_at"))
    if draft.inspected_at < now - OLDEST:
        problems.append(Problem("inspection.too_old", "只能补记一年以内的督查，请核对年份。", "inspected_at"))
    if not draft.summary.strip():
        problems.append(Problem("inspection.summary", "请写一句看到的情况。", "summary"))
    if not draft.inspector_ids and not (draft.outside_people or "").strip():
        problems.append(Problem("inspection.people", "请勾选督查人员，或写明外单位的人。", "inspector_ids"))
    return problems


def finding_problems(draft: FindingDraft, *, today: date) -> list[Problem]:
    """Reasons why a finding cannot be kept: it needs words, one responsible person and a deadline."""
    problems = [] if draft.body.strip() else [Problem("finding.body", "请写明问题是什么。", "body")]
    if not draft.responsible_id:
        problems.append(Problem("finding.responsible", "请选择整改责任人。", "responsible_id"))
    if draft.due_on is None:
        problems.append(Problem("finding.due", "请定一个整改期限。", "due_on"))
    elif not today <= draft.due_on <= today + LONGEST_TERM:
        problems.append(Problem("finding.due_range", "整改期限要在今天到两年之内。", "due_on"))
    return problems


def recheck_problems(draft: RecheckDraft, *, today: date) -> list[Problem]:
    """Reasons why a second look cannot be kept."""
    problems = [] if draft.note.strip() else [Problem("recheck.note", "请写明复查看到的情况。", "note")]
    if not draft.passed and (draft.new_due_on is None or not today <= draft.new_due_on <= today + LONGEST_TERM):
        problems.append(Problem("recheck.due", "没整改到位的，请定一个今天以后的新期限。", "new_due_on"))
    return problems


def state_of(*, closed: bool, mended: bool, due_on: date, today: date) -> FindingState:
    """Say how far a finding is; mended but not looked at again is not late."""
    if closed:
        return FindingState.CLOSED
    if mended:
        return FindingState.MENDED
    return FindingState.OVERDUE if due_on < today else FindingState.OPEN
