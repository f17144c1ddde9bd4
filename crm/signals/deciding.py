"""What people decide about a signal: take it up, put it aside, take the decision back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit, jobs
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.core.tasks import enqueue
from crm.signals import dismissal, queries
from crm.signals.models import Signal, SignalState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

NOT_YOURS = Problem("signal.triage", "您的角色不能采用或退回动态，请联系招商办。")
NOT_YOUR_UNIT = Problem("signal.unit", "这是别的单位作出的决定，请由该单位或招商办撤销。")
DECIDED = Problem("signal.decided", "这条动态刚刚已被他人处理，请刷新后再看。")
NOT_DECIDED = Problem("signal.undecided", "这条动态还没有处理过，不需要撤销。")


def accept(session: Session, actor: Actor, signal_id: int, *, note: str = "", now: datetime) -> Signal:
    """Take a signal up (采用)."""
    return _decide(session, actor, signal_id, SignalState.ACCEPTED, note, now)


def reject(session: Session, actor: Actor, signal_id: int, *, why: str = "", note: str = "", now: datetime) -> Signal:
    """Put a signal aside (不采用), with the reason where there is one; it no longer counts in the score."""
    return _decide(session, actor, signal_id, SignalState.REJECTED, note, now, why=why)


def dismiss(session: Session, actor: Actor, signal_id: int, why: str, note: str, *, now: datetime) -> Signal:
    """Put a signal aside with a reason of the list; raise what is missing."""
    problems = dismissal.problems(why, note)
    if problems:
        raise DomainError(*problems)
    return reject(session, actor, signal_id, why=why, note=note.strip(), now=now)


def undo(session: Session, actor: Actor, signal_id: int, *, now: datetime) -> Signal:
    """Take a decision back: the signal is new again."""
    row = triaged(session, actor, signal_id)
    if row.state is SignalState.NEW:
        raise ConflictError(NOT_DECIDED)
    if not may_undo(actor, row):
        raise ForbiddenError(NOT_YOUR_UNIT)
    before = row.state
    row.state, row.decided_by, row.decided_at = SignalState.NEW, None, None
    row.decided_unit_id = row.decision_note = row.decision_reason = row.batch_id = None
    _note(session, actor, row, "signal.undo", now, before.value)
    return row


def may_undo(actor: Actor, row: Signal) -> bool:
    """Whether the decision was made in a unit whose signals the actor may decide."""
    return row.state is not SignalState.NEW and actor.reaches(Permission.SIGNAL_TRIAGE, row.decided_unit_id)


def _decide(
    session: Session, actor: Actor, signal_id: int, state: SignalState, note: str, now: datetime, *, why: str = ""
) -> Signal:
    row = triaged(session, actor, signal_id)
    if row.state is state:
        return row
    if row.state is not SignalState.NEW:
        raise ConflictError(DECIDED)
    row.state, row.decided_by, row.decided_at = state, actor.user_id, now
    row.decided_unit_id = next(iter(actor.unit_ids), None)
    row.decision_note, row.decision_reason = note[: dismissal.NOTE_LENGTH] or None, why or None
    _note(session, actor, row, f"signal.{state.value}", now, SignalState.NEW.value)
    return row


def triaged(session: Session, actor: Actor, signal_id: int) -> Signal:
    """Find a signal the actor may decide on."""
    locked = select(Signal).where(Signal.id == signal_id).with_for_update()  # one decision after the other
    session.scalar(locked, execution_options={"populate_existing": True})
    row = queries.signal(session, actor, signal_id)
    if not actor.may(Permission.SIGNAL_TRIAGE):
        raise ForbiddenError(NOT_YOURS)
    return row


def _note(session: Session, actor: Actor, row: Signal, action: str, now: datetime, before: str) -> None:
    audit.record(session, actor.user_id, action, ("signal", row.id), now=now, before=before, kind=row.kind)
    session.flush()
    have_scored(session, row.enterprise_id, now)


def have_scored(session: Session, enterprise_id: int, now: datetime) -> None:
    """Have an enterprise scored anew, once however many of its signals changed."""
    payload = {"enterprise_id": enterprise_id, "cause": "signal"}
    enqueue(session, jobs.RESCORE, payload, now=now, dedupe_key=f"rescore:{enterprise_id}")
