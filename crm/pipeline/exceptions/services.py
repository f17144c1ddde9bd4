"""Writes on exceptions: ask, decide, revoke, renew the fair-competition review. Nothing here commits."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.pipeline import queries
from crm.pipeline.deals import setting
from crm.pipeline.exceptions.models import GateException
from crm.pipeline.exceptions.rules import (
    Decision,
    ExceptionKind,
    ExceptionState,
    FairReview,
    Request,
    decision_problems,
    request_problems,
)
from crm.pipeline.facts import facts_of

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project

SUBJECT = "gate_exception"
ABSENT = Problem("exception.absent", "没有这项申请。")


def ask(
    session: Session, actor: Actor, project_id: int, request: Request, *, now: datetime, today: date, zone: tzinfo
) -> GateException:
    """Ask a leader to waive a demand or to grant a policy; one open request for one demand."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    longest = setting.current(session).exception_days
    left = project.exit_kind is not None
    signed = facts_of(session, project).bound.signed
    problems = request_problems(request, today=today, longest=longest, left=left, stage=project.stage, signed=signed)
    _refuse(problems or _open_problems(session, project, request))
    case = request.kind is ExceptionKind.CASE
    row = GateException(
        project_id=project.id,
        kind=request.kind,
        demand=None if case else request.demand,
        reason=request.reason.strip(),
        granted=request.granted.strip() if case else None,
        legal_basis=request.legal_basis.strip() if case else None,
        fair_review=request.fair_review if case else FairReview.NOT_NEEDED,
        valid_until=request.valid_until,
        expires_at=datetime.combine(request.valid_until + timedelta(days=1), time(), zone),
        state=ExceptionState.ASKED,
        asked_by=actor.user_id,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    detail = {"project": project.id, "kind": str(row.kind), "demand": row.demand, "until": str(row.valid_until)}
    audit.record(session, actor.user_id, "exception.ask", (SUBJECT, row.id), now=now, **detail)
    return row


def decide(
    session: Session, actor: Actor, project_id: int, exception_id: int, decision: Decision, *, now: datetime
) -> GateException:
    """Grant or refuse a request, once, by a leader who neither asked nor owns the project."""
    project = queries.get_for(session, actor, project_id, Permission.EXCEPTION_DECIDE)
    row = _locked(session, project, exception_id)
    problems = decision_problems(
        decision,
        state=row.state,
        by_asker=row.asked_by == actor.user_id,
        by_owner=project.owner_id == actor.user_id,
        ended=row.expires_at <= now,
    )
    if row.state is not ExceptionState.ASKED:
        raise ConflictError(*problems)
    _refuse(problems)
    row.state = ExceptionState.GRANTED if decision.grants else ExceptionState.REFUSED
    row.decided_by, row.decided_at = actor.user_id, now
    row.decision_no, row.note = decision.number.strip() or None, decision.note.strip() or None
    detail = {"project": project.id, "grants": decision.grants, "number": row.decision_no}
    audit.record(session, actor.user_id, "exception.decide", (SUBJECT, row.id), now=now, **detail)
    session.flush()
    return row


def revoke(session: Session, actor: Actor, project_id: int, exception_id: int, *, now: datetime) -> GateException:
    """Take a granted exception back; what went through its gate before stays as it is."""
    project = queries.get_for(session, actor, project_id, Permission.EXCEPTION_DECIDE)
    row = _locked(session, project, exception_id)
    if row.state is not ExceptionState.GRANTED:
        raise ConflictError(Problem("exception.revoke", "只有已批准的例外可以撤回。"))
    row.state, row.revoked_by, row.revoked_at = ExceptionState.REVOKED, actor.user_id, now
    audit.record(session, actor.user_id, "exception.revoke", (SUBJECT, row.id), now=now, project=project.id)
    session.flush()
    return row


def set_fair_review(
    session: Session, actor: Actor, project_id: int, exception_id: int, state: FairReview, *, now: datetime
) -> GateException:
    """Write down where the fair-competition review of a grant stands."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    row = _locked(session, project, exception_id)
    if row.kind is not ExceptionKind.CASE:
        raise DomainError(Problem("exception.fair", "只有一事一议须登记公平竞争审查。"))
    before, row.fair_review = row.fair_review, state
    detail = {"project": project.id, "from": str(before), "to": str(state)}
    audit.record(session, actor.user_id, "exception.fair_review", (SUBJECT, row.id), now=now, **detail)
    session.flush()
    return row


def _locked(session: Session, project: Project, exception_id: int) -> GateException:
    statement = select(GateException).where(GateException.id == exception_id, GateException.project_id == project.id)
    row = session.scalar(statement.with_for_update())
    if row is None:
        raise NotFoundError(ABSENT)
    return row


def _open_problems(session: Session, project: Project, request: Request) -> list[Problem]:
    if request.kind is ExceptionKind.CASE:
        return []
    statement = select(GateException.id).where(
        GateException.project_id == project.id,
        GateException.demand == request.demand,
        GateException.state == ExceptionState.ASKED,
    )
    if session.scalar(statement) is None:
        return []
    return [Problem("exception.open", "这一条件已有申请在等领导决定。", "demand")]


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DomainError(*problems)
