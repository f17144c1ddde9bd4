"""All open projects matched by a job: asked for by a person, done in small steps, watched and stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from crm.auth.rules import Permission
from crm.core import audit, jobs
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.tasks import enqueue
from crm.matching import needs, reading
from crm.matching.models import MatchLine, MatchRun, RunState
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.db import Database
    from crm.matching.reading import Stock

SUBJECT = "match_run"
STEP = 25
HUNDRED = 100
NO_RIGHT = Problem("matches.right", "您的角色不能批量匹配，请联系招商办。")
BUSY = Problem("matches.busy", "正在匹配，请等它结束，或先停止它。")
MISSING = Problem("matches.run", "没有这次匹配的记录。")


def is_open() -> list[ColumnElement[bool]]:
    """Condition: the project goes on and still looks for a place and for policies."""
    return [Project.exit_kind.is_(None), Project.stage.in_(reading.LOOKING)]


def may_start(actor: Actor) -> bool:
    """Whether a person may have all open projects matched."""
    return actor.may(Permission.RESOURCE_MANAGE)


def start(session: Session, actor: Actor, *, now: datetime, today: date) -> MatchRun:
    """Ask for all open projects to be matched; one run at a time.

    Raises:
        DomainError: one is under way.

    """
    if not may_start(actor):
        raise ForbiddenError(NO_RIGHT)
    before = latest(session)
    if before is not None and before.state is RunState.QUEUED:
        raise DomainError(BUSY)
    total = session.scalar(select(func.count()).select_from(Project).where(*is_open())) or 0
    run = MatchRun(day=today, total=total, created_by=actor.user_id, created_at=now)
    try:
        with session.begin_nested():
            session.add(run)
    except IntegrityError as error:  # somebody else asked just now
        raise DomainError(BUSY) from error
    audit.record(session, actor.user_id, "matches.start", (SUBJECT, run.id), now=now, total=total)
    enqueue(session, jobs.MATCH_ALL, {"run_id": run.id}, now=now, dedupe_key=f"match-run:{run.id}")
    return run


def latest(session: Session) -> MatchRun | None:
    """Return the last run."""
    return session.scalar(select(MatchRun).order_by(MatchRun.id.desc()).limit(1))


def get(session: Session, run_id: int, *, lock: bool = False) -> MatchRun:
    """Return a run; raise NotFoundError."""
    run = session.get(MatchRun, run_id, with_for_update=lock or None, populate_existing=lock)
    if run is None:
        raise NotFoundError(MISSING)
    return run


def stop(session: Session, actor: Actor, run_id: int, *, now: datetime) -> MatchRun:
    """Stop a run between two steps; what it found stays."""
    if not may_start(actor):
        raise ForbiddenError(NO_RIGHT)
    run = get(session, run_id, lock=True)
    if run.state is RunState.QUEUED:
        run.state, run.finished_at = RunState.STOPPED, now
        audit.record(session, actor.user_id, "matches.stop", (SUBJECT, run.id), now=now, looked=run.looked)
    return run


def percent(run: MatchRun) -> int:
    """How far a run is."""
    return HUNDRED if not run.total else min(HUNDRED, run.looked * HUNDRED // run.total)


def work(database: Database, run_id: int, clock: Callable[[], datetime], told: Callable[[int, str], None]) -> int:
    """Do a run to its end or until it is stopped; begun anew it goes on behind the last project done."""
    with database.reading() as session:
        run = get(session, run_id)
        known = reading.stock(session, run.day) if run.state is RunState.QUEUED else None
    going = known is not None
    while going and known is not None:
        with database.transaction() as session:
            run = get(session, run_id, lock=True)
            going = run.state is RunState.QUEUED and step(session, run, known, now=clock())
            done, share = run.looked, percent(run)
        told(share, str(done))
    with database.reading() as session:
        return get(session, run_id).looked


def step(session: Session, run: MatchRun, known: Stock, *, now: datetime) -> bool:
    """Match the next projects; False when there are none left, which ends the run."""
    statement = select(Project).where(*is_open(), Project.id > run.after_id).order_by(Project.id).limit(STEP)
    projects = session.scalars(statement).all()
    ids = [project.id for project in projects]
    stated = needs.stated_of(session, ids)
    lines = {line.project_id: line for line in session.scalars(select(MatchLine).where(MatchLine.project_id.in_(ids)))}
    for project in projects:
        found = reading.counted(project, known, stated.get(project.id))
        line = lines.get(project.id) or MatchLine(project_id=project.id)
        line.run_id, line.at = run.id, now
        line.carrier_id, line.points = found.carrier_id, found.points
        line.carriers, line.clauses = found.carriers, found.clauses
        session.add(line)
    run.looked += len(projects)
    run.after_id = ids[-1] if ids else run.after_id
    if len(projects) < STEP:
        run.state, run.finished_at = RunState.DONE, now
    session.flush()
    return run.state is RunState.QUEUED
