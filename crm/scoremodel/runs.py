"""Previews and tests as jobs: begun, watched, stopped, found again. Nothing here commits, but ``step``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.auth.rules import Permission
from crm.core import audit, jobs
from crm.core.db import ReadingSession
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.tasks import enqueue
from crm.scoremodel.models import Purpose, RunState, ScoreRun

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.db import Database

OFFICE = "office"
SILENT = timedelta(hours=1)
KINDS = {Purpose.PREVIEW: jobs.PREVIEW_SCORES, Purpose.BACKTEST: jobs.BACKTEST_SCORES}
NO_RIGHT = Problem("score.manage", "评分模型由招商办管理，您的角色只能查看。")
BUSY = Problem("run.busy", "上一次还没有结束，请等它结束，或先停止它。")
MISSING = Problem("run.missing", "没有这次运行的记录。")
Subject = tuple[Purpose, str]


def may_manage(actor: Actor | None) -> None:
    """Raise unless the person may work on models; the scheduler is nobody and may."""
    if actor is not None and not actor.may(Permission.SCORE_MANAGE):
        raise ForbiddenError(NO_RIGHT)


def start(
    session: Session, actor: Actor | None, subject: Subject, *, model_id: int | None = None, now: datetime
) -> ScoreRun:
    """Ask for a run; of two who ask at once, one gets it and the other is told that it runs."""
    may_manage(actor)
    purpose, about = subject
    _clear(session, subject, now)
    by = actor.user_id if actor else None
    run = ScoreRun(purpose=purpose, subject=about, model_id=model_id, result={}, created_by=by, created_at=now)
    run.beat_at = now
    try:
        with session.begin_nested():
            session.add(run)
    except IntegrityError as error:
        raise DomainError(BUSY) from error
    audit.record(session, by, f"score.{purpose}", ("score_run", run.id), now=now, about=about)
    enqueue(session, KINDS[purpose], {"run_id": run.id}, now=now, dedupe_key=f"score_run:{run.id}")
    return run


def get(session: Session, run_id: int, *, lock: bool = False) -> ScoreRun:
    """Return a run; raise NotFoundError."""
    statement = select(ScoreRun).where(ScoreRun.id == run_id).execution_options(populate_existing=lock)
    run = session.scalar(statement.with_for_update() if lock else statement)
    if run is None:
        raise NotFoundError(MISSING)
    return run


def latest(session: Session, subject: Subject) -> ScoreRun | None:
    """Return the newest run of a purpose and subject."""
    purpose, about = subject
    statement = select(ScoreRun).where(ScoreRun.purpose == purpose, ScoreRun.subject == about)
    return session.scalar(statement.order_by(ScoreRun.id.desc()).limit(1))


def latest_done(session: Session, subject: Subject) -> ScoreRun | None:
    """Return the newest run of a purpose and subject that came to its end."""
    purpose, about = subject
    statement = select(ScoreRun).where(ScoreRun.purpose == purpose, ScoreRun.subject == about)
    done = statement.where(ScoreRun.state == RunState.DONE)
    return session.scalar(done.order_by(ScoreRun.id.desc()).limit(1))


def stop(session: Session, actor: Actor, run_id: int, *, now: datetime) -> ScoreRun:
    """Stop a run between two steps; what it wrote goes away with it."""
    may_manage(actor)
    run = get(session, run_id, lock=True)
    if run.going:
        run.state, run.finished_at = RunState.STOPPED, now
        audit.record(session, actor.user_id, f"score.{run.purpose}.stop", ("score_run", run.id), now=now)
        session.flush()
    return run


def step(database: Database, run_id: int, percent: int, note: str, now: datetime) -> bool:
    """Say how far a run is, in a transaction of its own; False when somebody stopped it or threw its version away."""
    with database.transaction() as session:
        run = going(session, run_id)
        if run is not None:
            run.percent, run.note, run.beat_at = max(run.percent, min(percent, 99)), note, now
        return run is not None


def going(session: Session, run_id: int) -> ScoreRun | None:
    """Return a run that still goes on, locked where the session writes; None when there is nothing left to do."""
    run = session.get(ScoreRun, run_id, with_for_update=None if isinstance(session, ReadingSession) else True)
    return run if run is not None and run.going else None


def finish(session: Session, run_id: int, result: dict[str, Any], *, now: datetime, failed: bool = False) -> bool:
    """Keep the result of a run, unless somebody stopped it meanwhile."""
    run = going(session, run_id)
    if run is None:
        return False
    run.state = RunState.FAILED if failed else RunState.DONE
    run.percent, run.note, run.result = 100, None, result
    run.beat_at = run.finished_at = now
    session.flush()
    return True


def _clear(session: Session, subject: Subject, now: datetime) -> None:
    """Give up a run that nobody heard of for an hour: its worker is gone for good."""
    run = latest(session, subject)
    if run is not None and run.going and run.beat_at <= now - SILENT:
        run = get(session, run.id, lock=True)
        if run.going:
            run.state, run.finished_at = RunState.FAILED, now
            session.flush()
