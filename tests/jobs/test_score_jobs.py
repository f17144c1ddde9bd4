"""Scores on their way: news and touches to a visible score, many together, none lost, one bad one alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from crm.core import jobs, taskstore
from crm.core.tasks import Task, TaskState, enqueue
from crm.scoring import keeping, passes, queries, services
from crm.scoring.models import EnterpriseScore, ScoreOverride, ScorePass
from crm.signals.deciding import have_scored
from tests.support import builders
from tests.support.builders import NOW
from tests.support.waiting import wait_until
from workers import inline, runner, scorejobs
from workers.handlers import HANDLERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database
    from tests.support.stack import Yard


def waiting(database: Database, number: int) -> list[int]:
    """Commit a signal for each of some enterprises, with the wish to be scored."""
    with database.transaction() as session:
        firms = [builders.enterprise(session) for _ in range(number)]
        for firm in firms:
            builders.signal(session, firm, "CAPX", happened_at=NOW - timedelta(days=3))
            have_scored(session, firm.id, NOW)
        return [firm.id for firm in firms]


def sent(database: Database) -> list[int]:
    with database.transaction() as session:
        return [one.task_id for one in taskstore.mark_sent(session, taskstore.due(session, NOW), NOW)]


def run(database: Database, settings: Settings, task_id: int) -> None:
    runner.execute(database, settings, task_id, HANDLERS)


def states(database: Database) -> list[TaskState]:
    with database.reading() as session:
        return list(session.scalars(select(Task.state).where(Task.kind == jobs.RESCORE).order_by(Task.id)))


def points(database: Database) -> dict[int, int]:
    with database.reading() as session:
        rows = session.execute(select(EnterpriseScore.enterprise_id, EnterpriseScore.points)).all()
        return {row[0]: row[1] for row in rows}


def test_one_message_wakes_a_worker_for_all_that_wait(database: Database, settings: Settings) -> None:
    firms = waiting(database, 4)
    messages = sent(database)
    assert len(messages) == 1
    assert sent(database) == []
    run(database, settings, messages[0])
    assert states(database) == [TaskState.DONE] * 4
    assert points(database).keys() == set(firms)
    assert all(one > 50 for one in points(database).values())


def test_a_hot_enterprise_waits_once_however_much_is_written(database: Database) -> None:
    with database.transaction() as session:
        firm = builders.enterprise(session)
        for _ in range(30):
            builders.signal(session, firm, "CAPX")
            have_scored(session, firm.id, NOW)
    assert states(database) == [TaskState.NEW]


def test_what_changes_while_it_is_scored_is_scored_again(database: Database, settings: Settings) -> None:
    (firm,) = waiting(database, 1)
    with database.transaction() as session:
        services.want_rescore(session, firm, now=NOW)
    (head,) = sent(database)
    with database.transaction() as session:
        assert taskstore.claim(session, head, NOW) is not None
        services.want_rescore(session, firm, now=NOW)
    assert states(database) == [TaskState.RUNNING, TaskState.NEW]


def test_a_bad_one_spoils_no_other_in_the_end(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    firms = waiting(database, 3)
    scored = keeping.rescored

    def fails(session: Session, ids: Sequence[int], **options: Any) -> int:
        if firms[1] in ids:
            message = "a fact that cannot be read"
            raise ValueError(message)
        return scored(session, ids, **options)

    monkeypatch.setattr(keeping, "rescored", fails)
    for _ in range(12):
        with database.transaction() as session:
            session.execute(update(Task).values(run_after=NOW, lease_until=NOW - timedelta(seconds=1)))
            taskstore.recover(session, NOW)
        for head in sent(database):
            run(database, settings, head)
    assert states(database) == [TaskState.DONE, TaskState.DEAD, TaskState.DONE]
    assert points(database).keys() == {firms[0], firms[2]}


def test_gathered_tasks_of_a_worker_that_vanished_are_done_by_the_next(database: Database, settings: Settings) -> None:
    firms = waiting(database, 3)
    (head,) = sent(database)
    with database.transaction() as session:
        taskstore.claim(session, head, NOW)
        assert len(taskstore.gather(session, jobs.RESCORE, NOW, limit=9)) == 2
    with database.transaction() as session:
        session.execute(update(Task).values(lease_until=NOW - timedelta(seconds=1)))
        assert taskstore.recover(session, NOW) == 3
    (head,) = sent(database)
    run(database, settings, head)
    assert states(database) == [TaskState.DONE] * 3
    assert points(database).keys() == set(firms)


def test_a_worker_that_lost_its_tasks_writes_nothing(database: Database) -> None:
    waiting(database, 2)
    with database.transaction() as session:
        held = taskstore.gather(session, jobs.RESCORE, NOW, limit=9)
    with database.transaction() as session:
        session.execute(update(Task).where(Task.id == held[0].id).values(token="another"))
    with pytest.raises(taskstore.FencedError), database.transaction() as session:
        taskstore.finish_all(session, held, NOW)
    assert states(database) == [TaskState.RUNNING] * 2


def test_the_night_goes_over_everybody_in_slices_and_ends_what_is_out_of_time(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "CHUNK", 1)
    monkeypatch.setattr(scorejobs, "SLICE_SECONDS", 0.0)
    with database.transaction() as session:
        office = builders.office(session)
        firm = next(iter([builders.enterprise(session) for _ in range(3)]))
        session.add(
            ScoreOverride(
                enterprise_id=firm.id, points=70, reason="试", set_by_id=office.lead.id,
                set_at=NOW - timedelta(days=9), expires_at=NOW - timedelta(days=1),
            )
        )  # fmt: skip
        enqueue(session, jobs.RESCORE_ALL, {}, now=NOW, dedupe_key="rescore_all:0")
    assert inline.drain(database, settings) == 4
    with database.reading() as session:
        night = session.scalars(select(ScorePass)).one()
        assert (night.done, night.total, night.cancelled_at) == (3, 3, None)
        assert night.finished_at is not None
        assert queries.running_pass(session) is None
        assert session.scalars(select(ScoreOverride.ended_at)).one() == NOW - timedelta(days=1)
    assert len(points(database)) == 3


def test_a_committed_signal_becomes_a_visible_score_by_itself(yard: Yard) -> None:
    yard.start_fleet("default", module="workers.fleet")
    firms = waiting(yard.database, 5)
    wait_until(lambda: points(yard.database).keys() >= set(firms), 60)
    assert all(points(yard.database)[firm] > 50 for firm in firms)
