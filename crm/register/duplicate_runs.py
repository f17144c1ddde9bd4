"""Looking through the whole register for doubles: asked for by a person, done by a job, watched and stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Actor, Permission
from crm.core import audit, jobs
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.tasks import enqueue
from crm.register import duplicate_finding as finding
from crm.register.merge_fields import CONTACT, ENTERPRISE
from crm.register.models import BulkRun

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.core.db import Database

PAGE = "duplicates"
QUEUED, DONE, STOPPED = "queued", "done", "cancelled"
HUNDRED = 100
NO_RIGHT = Problem("duplicates.right", "您的角色不能全库查重，请联系招商办。")
BUSY = Problem("duplicates.busy", "正在查重，请等它结束，或先停止它。")
MISSING = Problem("duplicates.run", "没有这次查重的记录。")
KINDS = (ENTERPRISE, CONTACT)


def start(session: Session, actor: Actor, kind: str, *, now: datetime) -> BulkRun:
    """Ask for a look through all enterprises or contacts; one at a time.

    Raises:
        DomainError: one is under way.

    """
    if not actor.may(Permission.REGISTER_MERGE):
        raise ForbiddenError(NO_RIGHT)
    if kind not in KINDS:
        raise NotFoundError(MISSING)
    running = latest(session, kind)
    if running is not None and running.status == QUEUED:
        raise DomainError(BUSY)
    run = BulkRun(page=PAGE, state={"kind": kind}, changes={}, status=QUEUED, created_by=actor.user_id, created_at=now)
    run.counts = {"percent": 0, "looked": 0, "kept": 0}
    session.add(run)
    session.flush()
    audit.record(session, actor.user_id, "duplicates.start", ("bulk_run", run.id), now=now, kind=kind)
    enqueue(session, jobs.FIND_DUPLICATES, {"run_id": run.id}, now=now, dedupe_key=f"duplicates-run:{run.id}")
    return run


def latest(session: Session, kind: str) -> BulkRun | None:
    """Return the last look through records of a kind."""
    rows = session.scalars(select(BulkRun).where(BulkRun.page == PAGE).order_by(BulkRun.id.desc()).limit(HUNDRED))
    return next((run for run in rows if run.state.get("kind") == kind), None)


def get(session: Session, run_id: int, *, lock: bool = False) -> BulkRun:
    """Return a run; raise NotFoundError."""
    statement = select(BulkRun).where(BulkRun.id == run_id, BulkRun.page == PAGE)
    run = session.scalar(statement.with_for_update() if lock else statement)
    if run is None:
        raise NotFoundError(MISSING)
    return run


def stop(session: Session, actor: Actor, run_id: int, *, now: datetime) -> BulkRun:
    """Stop a run between two steps; the pairs it found stay."""
    if not actor.may(Permission.REGISTER_MERGE):
        raise ForbiddenError(NO_RIGHT)
    run = get(session, run_id, lock=True)
    if run.status == QUEUED:
        run.status, run.finished_at = STOPPED, now
        audit.record(session, actor.user_id, "duplicates.stop", ("bulk_run", run.id), now=now)
    return run


def work(database: Database, run_id: int, clock: Callable[[], datetime], told: Callable[[int, str], None]) -> int:
    """Do a run to its end or until it is stopped; begun anew, it finds the same pairs again. Return how many."""
    with database.reading() as session:
        run = get(session, run_id)
        kind, started, going = str(run.state["kind"]), run.created_at, run.status == QUEUED
    if going and finding.full(database, kind, started, lambda session, step: _tell(session, run_id, step), told):
        with database.transaction() as session:
            run = get(session, run_id, lock=True)
            if run.status == QUEUED:
                run.status, run.finished_at = DONE, clock()
    with database.reading() as session:
        return int(get(session, run_id).counts["kept"])


def _tell(session: Session, run_id: int, step: finding.Step) -> bool:
    run = get(session, run_id, lock=True)
    run.counts = {"percent": step.percent, "looked": step.looked, "kept": step.kept}
    return run.status == QUEUED
