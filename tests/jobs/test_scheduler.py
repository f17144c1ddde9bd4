from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.scheduling import Rhythm
from crm.core.tasks import Schedule, Task
from tests.support.builders import NOW
from workers import scheduler
from workers.schedules import Plan

if TYPE_CHECKING:
    from crm.core.db import Database

NIGHTLY = Plan("nightly", "rescore", Rhythm(daily_at="02:30"), {"all": True})
TWO_DAYS = timedelta(days=2)


@pytest.fixture
def planned(database: Database) -> Database:
    with database.transaction() as session:
        scheduler.align(session, [NIGHTLY], NOW)
    return database


def keys(database: Database) -> list[str | None]:
    with database.reading() as session:
        return list(session.scalars(select(Task.dedupe_key).order_by(Task.id)))


def test_nothing_is_due_before_its_time(planned: Database) -> None:
    assert scheduler.tick(planned, NOW) == 0
    assert keys(planned) == []


def test_each_period_makes_one_task_however_often_one_looks(planned: Database) -> None:
    tomorrow = NOW + timedelta(days=1)
    assert scheduler.tick(planned, tomorrow) == 1
    assert scheduler.tick(planned, tomorrow) == 0
    assert keys(planned) == ["nightly:2026-11-21T02:30"]


def test_a_second_scheduler_that_saw_the_same_row_adds_nothing(planned: Database) -> None:
    tomorrow = NOW + timedelta(days=1)
    with planned.reading() as session:
        seen = session.get_one(Schedule, "nightly").next_run_at
    scheduler.tick(planned, tomorrow)
    with planned.transaction() as session:
        session.get_one(Schedule, "nightly").next_run_at = seen
    assert scheduler.tick(planned, tomorrow) == 0
    assert len(keys(planned)) == 1


def test_missed_periods_are_made_up_by_one_task(planned: Database) -> None:
    assert scheduler.tick(planned, NOW + 5 * TWO_DAYS) == 1
    with planned.reading() as session:
        assert session.get_one(Schedule, "nightly").next_run_at > NOW + 5 * TWO_DAYS


def test_a_schedule_switched_off_stays_off_over_a_restart(planned: Database) -> None:
    with planned.transaction() as session:
        session.get_one(Schedule, "nightly").enabled = False
    with planned.transaction() as session:
        scheduler.align(session, [NIGHTLY], NOW)
    assert scheduler.tick(planned, NOW + TWO_DAYS) == 0


def test_a_changed_rhythm_moves_the_next_run_and_a_plan_taken_out_goes(planned: Database) -> None:
    other = Plan("hourly", "look", Rhythm(every_minutes=60))
    moved = replace(NIGHTLY, rhythm=Rhythm(daily_at="23:00"))
    with planned.transaction() as session:
        scheduler.align(session, [moved, other], NOW)
    with planned.reading() as session:
        assert session.get_one(Schedule, "nightly").next_run_at == NOW.replace(hour=15)
    with planned.transaction() as session:
        scheduler.align(session, [other], NOW)
    with planned.reading() as session:
        assert session.scalars(select(Schedule.name)).all() == ["hourly"]
