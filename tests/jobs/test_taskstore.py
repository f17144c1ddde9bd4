"""The life of a task row, step by step, without any queue."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core import taskadmin, taskstore
from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, NotFoundError
from crm.core.tasks import Task, TaskState, enqueue
from crm.core.taskstore import FencedError, Message
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.taskstore import Claimed

LATER = NOW + timedelta(minutes=5)


def add(session: Session, *, key: str | None = "k", keep_key: bool = False, max_attempts: int = 5) -> int:
    enqueue(session, "test", {"n": 1}, now=NOW, dedupe_key=key, keep_key=keep_key, max_attempts=max_attempts)
    return session.scalars(select(Task.id).order_by(Task.id.desc())).first() or 0


def send(session: Session) -> list[Message]:
    return taskstore.mark_sent(session, taskstore.due(session, NOW), NOW)


def claimed(session: Session, task_id: int) -> Claimed:
    found = taskstore.claim(session, task_id, NOW)
    assert found is not None
    return found


def row(session: Session, task_id: int) -> Task:
    return session.get_one(Task, task_id, populate_existing=True)


def test_a_second_task_with_a_waiting_key_is_not_added(session: Session) -> None:
    assert enqueue(session, "test", {}, now=NOW, dedupe_key="same")
    assert not enqueue(session, "test", {}, now=NOW, dedupe_key="same")


def test_a_claim_frees_the_key_for_the_next_change(session: Session) -> None:
    task_id = add(session)
    send(session)
    claimed(session, task_id)
    assert enqueue(session, "test", {}, now=NOW, dedupe_key="k")


def test_a_kept_key_is_never_freed(session: Session) -> None:
    task_id = add(session, keep_key=True)
    send(session)
    taskstore.finish(session, claimed(session, task_id), NOW)
    assert not enqueue(session, "test", {}, now=NOW, dedupe_key="k")


def test_a_task_for_later_is_not_due(session: Session) -> None:
    enqueue(session, "test", {}, now=NOW, run_after=LATER)
    assert not taskstore.waiting(session, NOW)
    assert taskstore.due(session, NOW) == []
    assert len(taskstore.due(session, LATER)) == 1


def test_an_unclaimed_message_is_sent_again_under_a_new_name_and_is_no_attempt(session: Session) -> None:
    task_id = add(session)
    assert [message.name for message in send(session)] == [f"t{task_id}-1"]
    assert taskstore.due(session, NOW) == []
    again = taskstore.mark_sent(session, taskstore.due(session, LATER), LATER)
    assert [message.name for message in again] == [f"t{task_id}-2"]
    assert row(session, task_id).attempt == 0


def test_a_message_that_still_stands_in_the_queue_only_gets_more_time(session: Session) -> None:
    add(session)
    names = {message.name for message in send(session)}
    assert taskstore.mark_sent(session, taskstore.due(session, LATER), LATER, queued=names) == []
    assert taskstore.due(session, LATER) == []


def test_messages_in_flight_are_capped_for_each_queue(session: Session) -> None:
    for queue in ("default", "default", "default", "crawl"):
        enqueue(session, "test", {}, now=NOW, queue=queue)
    messages = taskstore.due(session, NOW, limit=2)
    assert sorted(message.queue for message in messages) == ["crawl", "default", "default"]
    taskstore.mark_sent(session, messages, NOW)
    assert taskstore.due(session, NOW, limit=2) == []


def test_a_message_the_queue_refused_goes_back_to_new(session: Session) -> None:
    task_id = add(session)
    taskstore.unsend(session, send(session))
    assert row(session, task_id).state is TaskState.NEW


def test_a_doubled_message_finds_nothing_to_claim(session: Session) -> None:
    task_id = add(session)
    assert taskstore.claim(session, task_id, NOW) is None
    send(session)
    claimed(session, task_id)
    assert taskstore.claim(session, task_id, NOW) is None


def test_a_worker_whose_lease_ran_out_can_neither_finish_nor_fail_nor_extend(session: Session) -> None:
    task_id = add(session)
    send(session)
    first = claimed(session, task_id)
    second = taskstore.claim(session, task_id, LATER)
    assert second is not None
    assert second.attempt == 2
    with pytest.raises(FencedError):
        taskstore.finish(session, first, LATER)
    with pytest.raises(FencedError):
        taskstore.fail(session, first, LATER, "late")
    with pytest.raises(FencedError):
        taskstore.extend(session, first, LATER)
    taskstore.finish(session, second, LATER, {"ok": True})
    assert row(session, task_id).result == {"ok": True}


def test_an_extended_lease_keeps_the_task(session: Session) -> None:
    task_id = add(session)
    send(session)
    taskstore.extend(session, claimed(session, task_id), LATER)
    assert taskstore.recover(session, LATER) == 0


def test_an_abandoned_task_is_new_again_and_dead_after_its_last_attempt(session: Session) -> None:
    task_id = add(session, max_attempts=2)
    send(session)
    claimed(session, task_id)
    assert taskstore.waiting(session, LATER)
    assert taskstore.recover(session, LATER) == 1
    assert row(session, task_id).state is TaskState.NEW
    taskstore.mark_sent(session, taskstore.due(session, LATER), LATER)
    taskstore.claim(session, task_id, LATER)
    taskstore.recover(session, LATER + timedelta(minutes=5))
    task = row(session, task_id)
    assert (task.state, task.last_error) == (TaskState.DEAD, taskstore.LEASE_LOST)


def test_a_failure_waits_longer_each_time_and_the_last_one_is_dead(session: Session) -> None:
    task_id = add(session, max_attempts=2)
    send(session)
    assert not taskstore.fail(session, claimed(session, task_id), NOW, "坏数据")
    assert row(session, task_id).run_after == NOW + timedelta(seconds=20)
    taskstore.mark_sent(session, taskstore.due(session, LATER), LATER)
    assert taskstore.fail(session, claimed(session, task_id), LATER, "坏数据")
    assert row(session, task_id).state is TaskState.DEAD


def test_progress_shows_on_the_row_of_the_holder(session: Session) -> None:
    task_id = add(session)
    send(session)
    taskstore.progress(session, claimed(session, task_id), 40, "已抓取 4 页")
    assert (row(session, task_id).progress, row(session, task_id).progress_note) == (40, "已抓取 4 页")


def test_purging_keeps_dead_and_recent_tasks(session: Session) -> None:
    states = (TaskState.DONE, TaskState.DEAD, TaskState.NEW)
    for state in states:
        task = row(session, add(session, key=None))
        task.state, task.finished_at = state, NOW
    session.flush()
    assert taskstore.purge(session, NOW) == 0
    assert taskstore.purge(session, LATER) == 1
    assert set(session.scalars(select(Task.state))) == {TaskState.DEAD, TaskState.NEW}


def test_a_dead_task_run_again_has_all_its_attempts_and_is_audited(session: Session) -> None:
    task_id = add(session)
    task = row(session, task_id)
    task.state, task.attempt = TaskState.DEAD, 5
    session.flush()
    taskadmin.rerun(session, None, task_id, now=NOW)
    assert (row(session, task_id).state, row(session, task_id).attempt) == (TaskState.NEW, 0)
    assert session.scalars(select(AuditEvent.action)).all() == ["task_rerun"]


def test_only_a_dead_task_can_be_run_again(session: Session) -> None:
    with pytest.raises(ConflictError):
        taskadmin.rerun(session, None, add(session), now=NOW)
    with pytest.raises(NotFoundError):
        taskadmin.rerun(session, None, 10**6, now=NOW)


def test_a_waiting_task_can_be_cancelled_and_a_running_one_cannot(session: Session) -> None:
    first, second = add(session, key="a"), add(session, key="b")
    taskadmin.cancel(session, None, first, now=NOW)
    assert row(session, first).state is TaskState.CANCELLED
    send(session)
    claimed(session, second)
    with pytest.raises(ConflictError):
        taskadmin.cancel(session, None, second, now=NOW)
