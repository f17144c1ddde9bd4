"""What relay and workers do to task rows: every step is one guarded UPDATE.

A task is sent (a wake-up message exists), claimed (a fresh random token is written),
then finished or failed ``WHERE token = :mine``. Whoever lost its lease in between finds
no row, and rolls its effect back. Messages may be lost or doubled without harm.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, delete, func, or_, select, update

from crm.core import jobs
from crm.core.tasks import Task, TaskState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session
    from sqlalchemy.sql.dml import Update

LEASE = timedelta(seconds=30)
VISIBILITY = timedelta(seconds=10)
BACKOFF = timedelta(seconds=10)
IN_FLIGHT = 100
ERROR_LENGTH = 8000
ALONE_AFTER = 2
SETTLED = (TaskState.DONE, TaskState.CANCELLED)
LEASE_LOST = "the worker vanished while the task was running"


class FencedError(RuntimeError):
    """Another worker holds the task now: roll back."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A task in the hands of one worker; ``token`` proves it."""

    id: int
    kind: str
    payload: dict[str, Any]
    token: str
    attempt: int
    max_attempts: int


@dataclass(frozen=True, slots=True)
class Message:
    """One wake-up call; ``name`` is unique over all sendings of all tasks."""

    task_id: int
    queue: str
    sends: int

    @property
    def name(self) -> str:
        """Return the id of the message in the queue."""
        return f"t{self.task_id}-{self.sends}"


def recover(session: Session, now: datetime) -> int:
    """Put tasks whose worker vanished back to new, or to dead after the last attempt."""
    spent = Task.attempt >= Task.max_attempts
    statement = (
        update(Task)
        .where(Task.state == TaskState.RUNNING, Task.lease_until < now)
        .values(
            state=case((spent, TaskState.DEAD.value), else_=TaskState.NEW.value),
            finished_at=case((spent, now), else_=None),
            last_error=case((spent, LEASE_LOST), else_=Task.last_error),
            token=None,
            lease_until=None,
            run_after=now,
        )
    )
    return _rows(session, statement)


def waiting(session: Session, now: datetime) -> bool:
    """Tell whether a relay has anything to do; a plain read, so an idle relay takes no lock."""
    lapsed = and_(Task.state.in_((TaskState.SENT, TaskState.RUNNING)), Task.lease_until < now)
    fresh = and_(Task.state == TaskState.NEW, Task.run_after <= now)
    return session.scalar(select(Task.id).where(or_(fresh, lapsed)).limit(1)) is not None


def due(session: Session, now: datetime, limit: int = IN_FLIGHT) -> list[Message]:
    """Lock the tasks to be sent: new ones whose time has come, and sent ones nobody claimed.

    At most ``limit`` messages of each queue are kept in flight, one at a time for a gathered kind. Rows that
    another relay holds are skipped on PostgreSQL; SQLite writers exclude each other anyway.
    """
    lapsed = and_(Task.state == TaskState.SENT, Task.lease_until < now)
    fresh = and_(Task.state == TaskState.NEW, Task.run_after <= now)
    alone = or_(Task.kind.not_in(sorted(jobs.GATHERED)), Task.id.in_(_heads(session, now)))
    chosen: list[Message] = []
    for queue in session.scalars(select(Task.queue).where(or_(fresh, lapsed)).distinct()).all():
        live = and_(Task.queue == queue, Task.state == TaskState.SENT, Task.lease_until >= now)
        room = limit - (session.scalar(select(func.count()).select_from(Task).where(live)) or 0)
        rows = session.execute(
            select(Task.id, Task.queue, Task.sends)
            .where(Task.queue == queue, or_(fresh, lapsed), alone)
            .order_by(Task.run_after, Task.id)
            .limit(max(room, 0))
            .with_for_update(skip_locked=True)
        )
        chosen.extend(Message(*row) for row in rows)
    return chosen


def _heads(session: Session, now: datetime) -> list[int]:
    """First due task of each gathered kind that no message is on its way for."""
    found: list[int] = []
    for kind in sorted(jobs.GATHERED):
        waits = or_(Task.state == TaskState.NEW, and_(Task.state == TaskState.SENT, Task.lease_until < now))
        mine = select(Task.id).where(Task.kind == kind)
        on_its_way = mine.where(Task.state == TaskState.SENT, Task.lease_until >= now)
        if session.scalar(on_its_way.limit(1)) is None:
            head = mine.where(waits, Task.run_after <= now).order_by(Task.run_after, Task.id).limit(1)
            found += session.scalars(head).all()
    return found


def gather(session: Session, kind: str, now: datetime, *, limit: int, lease: timedelta = LEASE) -> list[Claimed]:
    """Claim other due tasks of a kind, to be done together with the one in hand; those that failed twice go alone."""
    due_now = (Task.kind == kind, Task.state == TaskState.NEW, Task.run_after <= now, Task.attempt < ALONE_AFTER)
    wanted = select(Task).where(*due_now).order_by(Task.run_after, Task.id).limit(limit)
    token = secrets.token_hex(16)
    rows = session.scalars(wanted.with_for_update(skip_locked=True)).all()
    for task in rows:
        task.state, task.token, task.attempt, task.lease_until = TaskState.RUNNING, token, task.attempt + 1, now + lease
        task.dedupe_key = task.dedupe_key if task.keep_key else None
    session.flush()
    return [Claimed(one.id, one.kind, dict(one.payload), token, one.attempt, one.max_attempts) for one in rows]


def finish_all(session: Session, claimed: Sequence[Claimed], now: datetime) -> None:
    """Mark gathered tasks done, in the transaction that holds their effect."""
    if not claimed:
        return
    held = (Task.id.in_([one.id for one in claimed]), Task.token == claimed[0].token, Task.state == TaskState.RUNNING)
    done = {"state": TaskState.DONE, "finished_at": now, "lease_until": None, "token": None, "last_error": None}
    if _rows(session, update(Task).where(*held).values(done)) != len(claimed):
        message = f"some of {len(claimed)} gathered tasks are no longer held"
        raise FencedError(message)


def mark_sent(
    session: Session,
    messages: Sequence[Message],
    now: datetime,
    *,
    queued: Collection[str] = (),
    visibility: timedelta = VISIBILITY,
) -> list[Message]:
    """Mark locked tasks as sent and return the messages to put into the queue after commit.

    ``queued`` names messages that still stand in the queue: those only get more time.
    Sending is not an attempt.
    """
    chosen = {message.task_id: message for message in messages}
    fresh = [task_id for task_id, message in chosen.items() if message.name not in queued]
    session.execute(update(Task).where(Task.id.in_(chosen)).values(state=TaskState.SENT, lease_until=now + visibility))
    session.execute(update(Task).where(Task.id.in_(fresh)).values(sends=Task.sends + 1))
    return [Message(task_id, chosen[task_id].queue, chosen[task_id].sends + 1) for task_id in fresh]


def unsend(session: Session, messages: Sequence[Message]) -> None:
    """Take back messages the queue did not accept, so that the next round sends them again."""
    session.execute(
        update(Task)
        .where(Task.id.in_([message.task_id for message in messages]), Task.state == TaskState.SENT)
        .values(state=TaskState.NEW, lease_until=None)
    )


def claim(session: Session, task_id: int, now: datetime, lease: timedelta = LEASE) -> Claimed | None:
    """Take a sent task, or one whose worker vanished; None if there is nothing to take.

    The state alone decides, not the number of the message: a late or doubled message
    finds the task running or finished and does nothing.
    """
    token = secrets.token_hex(16)
    abandoned = and_(Task.state == TaskState.RUNNING, Task.lease_until < now, Task.attempt < Task.max_attempts)
    statement = (
        update(Task)
        .where(Task.id == task_id, or_(Task.state == TaskState.SENT, abandoned))
        .values(
            state=TaskState.RUNNING,
            token=token,
            attempt=Task.attempt + 1,
            lease_until=now + lease,
            dedupe_key=case((Task.keep_key, Task.dedupe_key), else_=None),
            progress=None,
            progress_note=None,
        )
    )
    if not _rows(session, statement):
        return None
    task = session.get_one(Task, task_id, populate_existing=True)
    return Claimed(task.id, task.kind, dict(task.payload), token, task.attempt, task.max_attempts)


def extend(session: Session, claimed: Claimed, now: datetime, lease: timedelta = LEASE) -> None:
    """Keep the task for another lease, or raise :class:`FencedError`."""
    _fenced(session, claimed, lease_until=now + lease)


def progress(session: Session, claimed: Claimed, percent: int, note: str) -> None:
    """Show how far the task is (0 to 100) on the admin page."""
    _fenced(session, claimed, progress=percent, progress_note=note)


def finish(session: Session, claimed: Claimed, now: datetime, result: dict[str, Any] | None = None) -> None:
    """Mark the task done, in the transaction that holds its effect."""
    _fenced(
        session, claimed, state=TaskState.DONE, finished_at=now, lease_until=None,
        token=None, result=result, last_error=None,
    )  # fmt: skip


def fail(session: Session, claimed: Claimed, now: datetime, error: str) -> bool:
    """Put the task back with a growing delay (10 s times 2^attempt); True if it is dead now."""
    dead = claimed.attempt >= claimed.max_attempts
    _fenced(
        session,
        claimed,
        state=TaskState.DEAD if dead else TaskState.NEW,
        finished_at=now if dead else None,
        run_after=now + BACKOFF * 2**claimed.attempt,
        lease_until=None,
        token=None,
        last_error=error[-ERROR_LENGTH:],
    )
    return dead


def purge(session: Session, before: datetime) -> int:
    """Delete finished and cancelled tasks that ended before ``before``; dead ones stay."""
    statement = delete(Task).where(Task.state.in_(SETTLED), Task.finished_at < before)
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]  # CursorResult of a DELETE


def _fenced(session: Session, claimed: Claimed, **values: object) -> None:
    statement = (
        update(Task)
        .where(Task.id == claimed.id, Task.token == claimed.token, Task.state == TaskState.RUNNING)
        .values(**values)
    )
    if not _rows(session, statement):
        message = f"task {claimed.id} is no longer held by attempt {claimed.attempt}"
        raise FencedError(message)


def _rows(session: Session, statement: Update) -> int:
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return int(result.rowcount)  # type: ignore[attr-defined]  # CursorResult of an UPDATE
