"""Real queue, real workers, both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core import taskadmin
from crm.core.tasks import Task, TaskState, enqueue
from tests.support.stack import kill
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.stack import Yard

pytestmark = pytest.mark.jobs
PAST = datetime(2026, 11, 20, tzinfo=UTC)
PATIENCE = 40


def add(session: Session, kind: str, number: int, *, max_attempts: int = 5) -> int:
    enqueue(session, kind, {"number": number}, now=PAST, dedupe_key=f"{kind}:{number}", max_attempts=max_attempts)
    return session.scalars(select(Task.id).where(Task.dedupe_key == f"{kind}:{number}")).one()


def add_now(yard: Yard, kind: str, number: int, *, max_attempts: int = 5) -> int:
    with yard.database.transaction() as session:
        return add(session, kind, number, max_attempts=max_attempts)


def ends(yard: Yard, task_id: int, state: TaskState) -> None:
    wait_until(lambda: yard.state(task_id) is state, PATIENCE)


def test_a_task_written_in_a_transaction_is_done_once_and_keeps_its_result(yard: Yard) -> None:
    yard.start_fleet("default")
    task_id = add_now(yard, "test_write", 7)
    ends(yard, task_id, TaskState.DONE)
    with yard.database.reading() as session:
        assert session.get_one(Task, task_id).result == {"attempt": 1}
    assert yard.effects() == [7]


def test_a_rolled_back_transaction_leaves_no_ghost(yard: Yard) -> None:
    yard.start_fleet("default")
    with yard.database.session() as session:
        add(session, "test_write", 1)
        session.rollback()
    ends(yard, add_now(yard, "test_write", 2), TaskState.DONE)
    assert yard.effects() == [2]


def test_the_task_of_a_killed_worker_is_run_again_with_one_effect(yard: Yard) -> None:
    yard.start_fleet("default")
    task_id = add_now(yard, "test_hang_once", 3)
    wait_until(lambda: yard.state(task_id) is TaskState.RUNNING and yard.busy_workers(), PATIENCE)
    for worker in yard.busy_workers():
        kill(worker)
    ends(yard, task_id, TaskState.DONE)
    with yard.database.reading() as session:
        assert session.get_one(Task, task_id).attempt == 2
    assert yard.effects() == [3]


def test_a_job_over_its_time_is_stopped_and_tried_again(yard: Yard) -> None:
    yard.start_fleet("default")
    task_id = add_now(yard, "test_timeout", 4)
    ends(yard, task_id, TaskState.DONE)
    assert yard.effects() == [4]


def test_a_failing_task_dies_without_effect_and_can_be_run_again(yard: Yard) -> None:
    yard.start_fleet("default")
    task_id = add_now(yard, "test_fail", 5, max_attempts=2)
    ends(yard, task_id, TaskState.DEAD)
    with yard.database.transaction() as session:
        task = session.get_one(Task, task_id)
        assert "数据有误 5" in (task.last_error or "")
        task.kind = "test_write"
        session.flush()
        taskadmin.rerun(session, None, task_id, now=PAST)
    ends(yard, task_id, TaskState.DONE)
    assert yard.effects() == [5]


def test_tasks_survive_a_queue_that_lost_everything(yard: Yard) -> None:
    yard.start_fleet("elsewhere")
    tasks = [add_now(yard, "test_write", number) for number in range(5)]
    wait_until(lambda: all(yard.state(task) is TaskState.SENT for task in tasks), PATIENCE)
    yard.kill_queue()
    yard.start_queue()
    assert yard.connection().dbsize() < 5
    kill_fleet(yard)
    yard.start_fleet("default")
    wait_until(lambda: not yard.open_tasks(), PATIENCE)
    assert yard.effects() == [0, 1, 2, 3, 4]


def kill_fleet(yard: Yard) -> None:
    assert yard.fleet is not None
    yard.fleet.kill()
    yard.fleet.wait()
