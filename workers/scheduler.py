"""The scheduler: turns each period of a schedule into exactly one task row.

Two schedulers never double a period: ``next_run_at`` moves on by conditional UPDATE, and
the task carries the unique key ``name:period``. Periods missed while nothing ran are
made up by one task, not by many.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError

import config
from crm.core import clock, scheduling
from crm.core.db import Database
from crm.core.scheduling import Rhythm
from crm.core.tasks import Schedule, enqueue
from workers import lifeline
from workers.schedules import PLANS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workers.schedules import Plan

POLL_SECONDS = 2.0
log = logging.getLogger("yinfeng.scheduler")


def align(session: Session, plans: Sequence[Plan], now: datetime) -> None:
    """Make the table equal to the list; what an administrator switched off stays off."""
    session.execute(delete(Schedule).where(Schedule.name.not_in([plan.name for plan in plans])))
    for plan in plans:
        _align_one(session, plan, now)


def _align_one(session: Session, plan: Plan, now: datetime) -> None:
    row = session.get(Schedule, plan.name)
    if row is None:
        row = Schedule(name=plan.name, next_run_at=scheduling.next_run(plan.rhythm, now))
        session.add(row)
    elif _rhythm(row) != plan.rhythm:
        row.next_run_at = scheduling.next_run(plan.rhythm, now)
    row.kind, row.payload, row.queue = plan.kind, plan.payload, plan.queue
    row.every_minutes = plan.rhythm.every_minutes
    row.daily_at, row.weekday = plan.rhythm.daily_at, plan.rhythm.weekday


def tick(database: Database, now: datetime) -> int:
    """Enqueue one task for every schedule whose time has come; return how many."""
    is_due = (Schedule.enabled, Schedule.next_run_at <= now)
    with database.reading() as session:
        if session.scalar(select(Schedule.name).where(*is_due).limit(1)) is None:
            return 0
    with database.transaction() as session:
        return sum(_turn(session, row, now) for row in session.scalars(select(Schedule).where(*is_due)))


def _turn(session: Session, row: Schedule, now: datetime) -> bool:
    moved = session.execute(
        update(Schedule)
        .where(Schedule.name == row.name, Schedule.next_run_at == row.next_run_at)
        .values(next_run_at=scheduling.next_run(_rhythm(row), now)),
        execution_options={"synchronize_session": False},
    )
    if not moved.rowcount:  # type: ignore[attr-defined]  # CursorResult of an UPDATE
        return False
    key = f"{row.name}:{scheduling.period(row.next_run_at)}"
    return enqueue(session, row.kind, row.payload, now=now, queue=row.queue, dedupe_key=key, keep_key=True)


def _rhythm(row: Schedule) -> Rhythm:
    return Rhythm(row.every_minutes, row.daily_at, row.weekday)


def attempt(database: Database) -> None:
    """Do one round; a busy database is tried again next time."""
    try:
        tick(database, clock.now())
    except OperationalError as error:
        log.warning("scheduler waits: %s", error)


def main() -> None:
    """Bring the table in line with the list, then run until SIGTERM."""
    stop = lifeline.stop_event()
    database = Database(config.load().database_url, pool_size=1)
    with database.transaction() as session:
        align(session, PLANS, clock.now())
    lifeline.repeat(partial(attempt, database), POLL_SECONDS, stop)
    database.dispose()


if __name__ == "__main__":
    main()
