"""Writes of periods: opened by the office, handed in by units, checked, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.assessment.periods import closing, queries
from crm.assessment.periods.models import Period, PeriodReturn
from crm.assessment.periods.rules import PeriodDraft, PeriodState, check_problems, period_problems
from crm.auth.rules import Permission
from crm.core import audit, jobs
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.tasks import enqueue

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
OVER = Problem("period.over", "账期已经核对或封账，不能再改；需要改的请招商办退回到填报。")
NOT_CHECKED = Problem("period.not_checked", "账期还没有核对，核对后才能封账。")
EARLIER = Problem("period.earlier", "前面还有没封账的同类账期，请按先后封账。")


def _demand(actor: Actor, permission: Permission) -> None:
    if not actor.may(permission):
        raise ForbiddenError(FORBIDDEN)


def create(session: Session, actor: Actor, draft: PeriodDraft, *, now: datetime) -> Period:
    """Open a period for some units."""
    _demand(actor, Permission.TARGET_MANAGE)
    others = session.execute(select(Period.start_on, Period.end_on).where(Period.kind == draft.kind)).all()
    problems = period_problems(draft, [(start, end) for start, end in others])
    if problems:
        raise DomainError(*problems)
    period = Period(
        kind=draft.kind,
        name=draft.name.strip(),
        start_on=draft.start_on,
        end_on=draft.end_on,
        state=PeriodState.OPEN,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(period)
    session.flush()
    session.add_all(PeriodReturn(period_id=period.id, unit_id=one) for one in dict.fromkeys(draft.unit_ids))
    session.flush()
    audit.record(session, actor.user_id, "period.open", ("period", period.id), now=now, units=len(draft.unit_ids))
    return period


def submit(session: Session, actor: Actor, period_id: int, unit_id: int, *, note: str, now: datetime) -> PeriodReturn:
    """Hand in for one's own unit: what is on record is complete."""
    period = _in_state(session, period_id, PeriodState.OPEN)
    if not actor.reaches(Permission.TOUCH_WRITE, unit_id):
        raise ForbiddenError(Problem("period.unit", "只能为自己的单位提交。"))
    row = _return(session, period.id, unit_id)
    if row.submitted_at is not None:
        raise ConflictError(Problem("period.submitted", "您的单位已经提交过了；要改请招商办退回。"))
    row.submitted_by, row.submitted_at, row.note = actor.user_id, now, note.strip()[:2000] or None
    audit.record(session, actor.user_id, "period.submit", ("period", period.id), now=now, unit=unit_id)
    session.flush()
    return row


def send_back(session: Session, actor: Actor, period_id: int, unit_id: int, *, now: datetime) -> PeriodReturn:
    """Give a return back to its unit."""
    _demand(actor, Permission.TARGET_MANAGE)
    period = _in_state(session, period_id, PeriodState.OPEN)
    row = _return(session, period.id, unit_id)
    row.submitted_by = row.submitted_at = None
    audit.record(session, actor.user_id, "period.send_back", ("period", period.id), now=now, unit=unit_id)
    session.flush()
    return row


def check(session: Session, actor: Actor, period_id: int, *, reason: str, now: datetime, today: date) -> Period:
    """Say that what was handed in was looked at; units that did not are waived with a reason."""
    _demand(actor, Permission.TARGET_MANAGE)
    period = _in_state(session, period_id, PeriodState.OPEN)
    missing = session.scalar(
        select(func.count()).where(PeriodReturn.period_id == period.id, PeriodReturn.submitted_at.is_(None))
    )
    problems = check_problems(period.end_on, today, missing or 0, reason)
    if problems:
        raise DomainError(*problems)
    period.state, period.checked_by, period.checked_at = PeriodState.CHECKED, actor.user_id, now
    period.waived = reason.strip() or None if missing else None
    audit.record(session, actor.user_id, "period.check", ("period", period.id), now=now, missing=missing or 0)
    session.flush()
    return period


def reopen(session: Session, actor: Actor, period_id: int, *, now: datetime) -> Period:
    """Put a checked period back to the units; a closed one never opens again."""
    _demand(actor, Permission.TARGET_MANAGE)
    period = _in_state(session, period_id, PeriodState.CHECKED)
    period.state, period.checked_by, period.checked_at, period.waived = PeriodState.OPEN, None, None, None
    audit.record(session, actor.user_id, "period.reopen", ("period", period.id), now=now)
    session.flush()
    return period


def close(session: Session, actor: Actor, period_id: int, *, now: datetime) -> Period:
    """Close a checked period: what is known now is frozen in the background; periods close in their order."""
    _demand(actor, Permission.REPORT_FREEZE)
    period = queries.get(session, period_id, lock=True)
    if period.state is not PeriodState.CHECKED:
        raise ConflictError(NOT_CHECKED if period.state is PeriodState.OPEN else OVER)
    before = select(Period.id).where(
        Period.kind == period.kind, Period.end_on < period.start_on, Period.state != PeriodState.CLOSED
    )
    if session.scalar(before.limit(1)) is not None:
        raise DomainError(EARLIER)
    period.state, period.closing_by, period.cutoff_at = PeriodState.CLOSING, actor.user_id, now
    audit.record(session, actor.user_id, "period.close", ("period", period.id), now=now)
    enqueue(session, jobs.CLOSE_PERIOD, {"period_id": period.id}, now=now, dedupe_key=f"period:{period.id}")
    session.flush()
    return period


def freeze(session: Session, period_id: int, *, now: datetime, progress: Callable[[int, str], None]) -> int:
    """Freeze a period that is closing; one that is closed stays as it is."""
    period = queries.get(session, period_id, lock=True)
    if period.state is not PeriodState.CLOSING:
        return 0
    return closing.freeze(session, period, now=now, progress=progress)


def _in_state(session: Session, period_id: int, state: PeriodState) -> Period:
    period = queries.get(session, period_id, lock=True)
    if period.state is not state:
        raise ConflictError(OVER)
    return period


def _return(session: Session, period_id: int, unit_id: int) -> PeriodReturn:
    statement = select(PeriodReturn).where(PeriodReturn.period_id == period_id, PeriodReturn.unit_id == unit_id)
    row = session.scalar(statement)
    if row is None:
        raise NotFoundError(Problem("period.no_unit", "这个账期不要求该单位提交。"))
    return row
