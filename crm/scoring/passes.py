"""Passes over all enterprises: every night, and after another table of points was put in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from crm.core import audit, jobs
from crm.core.tasks import enqueue
from crm.enterprises.models import Enterprise
from crm.scoring import overriding, queries, sweep
from crm.scoring.causes import Cause
from crm.scoring.models import ScorePass
from crm.scoring.span import Span

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

CHUNK = 4000
NIGHTLY = "nightly"


def start(
    session: Session, cause: str, *, now: datetime, actor_id: int | None = None, model_id: int | None = None
) -> ScorePass:
    """Begin a pass and queue its first slice."""
    row = _begin(session, cause, now, actor_id, model_id)
    go_on(session, row.id, now=now)
    return row


def named(session: Session, pass_id: int | None, *, now: datetime) -> int:
    """Give the pass a task names; a task of the schedule names none, and begins one."""
    if pass_id is not None:
        return int(pass_id)
    overriding.end_expired(session, now=now)
    return _begin(session, NIGHTLY, now, None, None).id


def step(session: Session, pass_id: int, *, now: datetime) -> bool:
    """Score the next chunk; False at the end, or when somebody stopped it."""
    row = session.get(ScorePass, pass_id, with_for_update=True)
    if row is None or row.finished_at is not None or row.cancelled_at is not None:
        return False
    ids = Span(queries.enterprise_ids(session, after=row.reached, limit=CHUNK))
    if ids:
        row.changed += sweep.swept(session, ids, now=now, asked=Cause(row.cause))
        row.reached, row.done = ids[-1], row.done + len(ids)
    if len(ids) < CHUNK:
        row.finished_at, row.total = now, row.done
    session.flush()
    return row.finished_at is None


def go_on(session: Session, pass_id: int, *, now: datetime) -> None:
    """Queue the next slice of a pass."""
    row = session.get_one(ScorePass, pass_id)
    enqueue(session, jobs.RESCORE_ALL, {"pass_id": row.id}, now=now, dedupe_key=f"score_pass:{row.id}:{row.reached}")


def cancel(session: Session, actor: Actor, pass_id: int, *, now: datetime) -> None:
    """Stop a pass; what it has done stays, and the next night does the rest."""
    row = session.get(ScorePass, pass_id, with_for_update=True)
    if row is not None and row.finished_at is None and row.cancelled_at is None:
        row.cancelled_at = now
        audit.record(session, actor.user_id, "score.cancel", ("score_pass", row.id), now=now, done=row.done)
        session.flush()


def told(session: Session, pass_id: int) -> dict[str, int]:
    """Say how far a pass came."""
    row = session.get_one(ScorePass, pass_id)
    return {"pass_id": row.id, "done": row.done, "total": row.total, "changed": row.changed}


def _begin(session: Session, cause: str, now: datetime, actor_id: int | None, model_id: int | None) -> ScorePass:
    """A pass that still runs is overtaken: this one does all it had left."""
    unfinished = (ScorePass.finished_at.is_(None), ScorePass.cancelled_at.is_(None))
    session.execute(update(ScorePass).where(*unfinished).values(cancelled_at=now))
    total = session.scalar(select(func.count()).select_from(Enterprise)) or 0
    row = ScorePass(cause=cause, model_id=model_id, started_at=now, started_by_id=actor_id, total=total)
    session.add(row)
    session.flush()
    return row
