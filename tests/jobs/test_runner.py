"""Running one task in this process: effect and done together, or neither."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from crm.auth.models import LoginSession, User
from crm.core import audit, taskstore
from crm.core.audit import AuditEvent
from crm.core.tasks import Task, TaskState, enqueue
from tests.support.builders import NOW
from tests.support.waiting import wait_until
from workers import runner
from workers.contract import Context, Handler, Payload, Result
from workers.handlers import HANDLERS
from workers.schedules import HOUSEKEEPING, PLANS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database


def note(session: Session, payload: Payload, context: Context) -> Result:
    audit.record(session, None, "effect", ("test", None), now=context.now)
    return {"seen": payload["n"]}


def note_and_lose_the_lease(session: Session, payload: Payload, context: Context) -> Result:
    session.execute(update(Task).values(token="another"))
    return note(session, payload, context)


def sent(database: Database, kind: str = "test") -> int:
    with database.transaction() as session:
        enqueue(session, kind, {"n": 1}, now=NOW)
        return taskstore.mark_sent(session, taskstore.due(session, NOW), NOW)[0].task_id


def run(database: Database, settings: Settings, task_id: int, handler: Handler | None) -> Task:
    runner.execute(database, settings, task_id, {"test": handler} if handler else HANDLERS)
    with database.reading() as session:
        return session.get_one(Task, task_id)


def effects(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(AuditEvent.id).where(AuditEvent.action == "effect")).all())


def test_effect_and_done_are_written_together(database: Database, settings: Settings) -> None:
    task = run(database, settings, sent(database), Handler(run=note))
    assert (task.state, task.result, effects(database)) == (TaskState.DONE, {"seen": 1}, 1)


def test_running_a_done_task_again_changes_nothing(database: Database, settings: Settings) -> None:
    task_id = sent(database)
    run(database, settings, task_id, Handler(run=note))
    run(database, settings, task_id, Handler(run=note))
    assert effects(database) == 1


def test_a_worker_that_lost_its_lease_leaves_no_effect(database: Database, settings: Settings) -> None:
    task = run(database, settings, sent(database), Handler(run=note_and_lose_the_lease))
    assert (task.state, effects(database)) == (TaskState.RUNNING, 0)


def test_an_unknown_kind_fails_with_its_name(database: Database, settings: Settings) -> None:
    task = run(database, settings, sent(database, "no_such_kind"), None)
    assert task.state is TaskState.NEW
    assert "UnknownKindError: no_such_kind" in (task.last_error or "")


def test_what_was_prepared_outside_is_applied_inside(database: Database, settings: Settings) -> None:
    def fetch(payload: Payload, context: Context) -> int:
        context.progress(50, "一半")
        return int(payload["n"]) + 1

    def store(session: Session, payload: Payload, data: Any, context: Context) -> Result:
        return {"data": data}

    task = run(database, settings, sent(database), Handler(prepare=fetch, apply=store))
    assert (task.state, task.result, task.progress) == (TaskState.DONE, {"data": 2}, 50)


def test_a_long_job_keeps_its_lease_by_heartbeat(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LEASE", timedelta(seconds=0.3))
    beats: list[int] = []

    def fetch(payload: Payload, context: Context) -> None:
        with database.reading() as session:
            first = session.get_one(Task, context.task_id).lease_until
        wait_until(lambda: lease(database, context.task_id) != first, 10)
        beats.append(1)

    task = run(database, settings, sent(database), Handler(prepare=fetch, apply=lambda *_: None))
    assert (task.state, beats) == (TaskState.DONE, [1])


def lease(database: Database, task_id: int) -> object:
    with database.reading() as session:
        return session.get_one(Task, task_id).lease_until


@pytest.mark.parametrize(
    "halves", [{}, {"prepare": note}, {"apply": note}, {"run": note, "prepare": note, "apply": note}]
)
def test_half_a_handler_is_refused(halves: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="prepare and apply"):
        Handler(**halves)


def test_every_schedule_has_a_handler_and_a_name_of_its_own() -> None:
    assert {plan.kind for plan in PLANS} <= set(HANDLERS)
    assert len({plan.name for plan in PLANS}) == len(PLANS)


def test_house_keeping_forgets_old_sessions(database: Database, settings: Settings) -> None:
    long_ago = NOW - timedelta(days=400)
    with database.transaction() as session:
        user = User(username="wang", name="王小禾", password_hash="x", created_at=long_ago)
        session.add(user)
        session.flush()
        session.add(
            LoginSession(
                token_hash="t", user_id=user.id, created_at=long_ago, last_seen_at=long_ago, expires_at=long_ago
            )
        )
    task = run(database, settings, sent(database, HOUSEKEEPING), None)
    assert task.result == {
        "sessions": 1, "tasks": 0, "exports": 0, "imports": 0, "notices": 0,
        "annexes": 0, "bands": 0, "feeds": 0, "names": 0, "pages": 0, "visits": 0,
    }  # fmt: skip
