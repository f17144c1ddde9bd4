"""The relay against a real queue server, without workers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from redis.exceptions import RedisError
from sqlalchemy import select

from crm.core.tasks import Task, TaskState, enqueue
from tests.support.builders import NOW
from workers import embedded, queues, relay

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.stack import Yard

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def loaded(yard: Yard) -> Yard:
    with yard.database.transaction() as session:
        enqueue(session, "test", {}, now=NOW)
    return yard


def states(yard: Yard) -> list[TaskState]:
    with yard.database.reading() as session:
        return list(session.scalars(select(Task.state)))


def test_a_due_task_is_sent_once_and_the_message_holds_only_its_id(loaded: Yard) -> None:
    connection = loaded.connection()
    assert relay.pass_on(loaded.database, connection, NOW) == 1
    assert relay.pass_on(loaded.database, connection, NOW) == 0
    job = queues.queue(connection, "default").jobs[0]
    assert (job.func_name, len(job.args), job.kwargs) == (queues.RUN_TASK, 1, {})


def test_a_message_that_waits_long_is_not_sent_twice(loaded: Yard) -> None:
    connection = loaded.connection()
    relay.pass_on(loaded.database, connection, NOW)
    assert relay.pass_on(loaded.database, connection, LATER) == 0
    assert len(queues.queue(connection, "default")) == 1


def test_a_message_lost_with_the_queue_is_sent_again(loaded: Yard) -> None:
    connection = loaded.connection()
    relay.pass_on(loaded.database, connection, NOW)
    connection.flushall()
    assert relay.pass_on(loaded.database, connection, LATER) == 1
    assert len(queues.queue(connection, "default")) == 1


def test_without_a_queue_the_task_simply_stays_new(loaded: Yard) -> None:
    connection = loaded.connection()
    loaded.kill_queue()
    with pytest.raises(RedisError):
        relay.pass_on(loaded.database, connection, NOW)
    assert states(loaded) == [TaskState.NEW]


def test_a_queue_that_refuses_messages_gives_the_task_back(loaded: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RedisError

    monkeypatch.setattr(queues, "send", refuse)
    with pytest.raises(RedisError):
        relay.pass_on(loaded.database, loaded.connection(), NOW)
    assert states(loaded) == [TaskState.NEW]


def test_a_system_server_is_used_where_the_wheel_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = tmp_path / "redis-server"
    server.write_text("#!/bin/sh\nexit 0\n")
    server.chmod(0o755)
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded.binary() == str(server)


def test_no_server_at_all_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded.binary() is None
