"""Tasks as rows: written in the business transaction, so that none is lost or invented.

The row is the truth; the queue is only a wake-up call. A relay hands ids to RQ, a worker
claims by conditional UPDATE with a fencing token, and writes its effect and "done" in
one transaction. See ``docs/decisions/0002-tasks-are-rows.md``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base, insert_ignore
from crm.core.types import Code, Instant, IntPk, JsonDict, LongText, Short, enum_type

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

MAX_ATTEMPTS = 5


class TaskState(StrEnum):
    """Life of a task: new -> sent -> running -> done, or dead after too many attempts."""

    NEW = "new"
    SENT = "sent"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


class Task(Base):
    """One unit of background work."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("attempt >= 0", name="attempt"),
        CheckConstraint("sends >= 0", name="sends"),
        Index("ix_task_due", "state", "run_after"),
        Index("ix_task_lease", "state", "lease_until"),
    )

    id: Mapped[IntPk]
    kind: Mapped[Code]
    payload: Mapped[JsonDict]
    queue: Mapped[Code] = mapped_column(default="default")
    dedupe_key: Mapped[Short | None] = mapped_column(unique=True)
    keep_key: Mapped[bool] = mapped_column(default=False)
    state: Mapped[TaskState] = mapped_column(enum_type(TaskState, "state"), default=TaskState.NEW)
    attempt: Mapped[int] = mapped_column(default=0)
    sends: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=MAX_ATTEMPTS)
    run_after: Mapped[Instant]
    lease_until: Mapped[Instant | None]
    token: Mapped[Code | None]
    progress: Mapped[int | None]
    progress_note: Mapped[Short | None]
    created_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    last_error: Mapped[LongText | None]
    result: Mapped[JsonDict | None]


class Schedule(Base):
    """A recurring task; the scheduler turns each period into one task row."""

    __tablename__ = "schedule"

    name: Mapped[Code] = mapped_column(primary_key=True)
    kind: Mapped[Code]
    payload: Mapped[JsonDict]
    queue: Mapped[Code] = mapped_column(default="default")
    every_minutes: Mapped[int | None]
    daily_at: Mapped[Code | None]
    weekday: Mapped[int | None]
    next_run_at: Mapped[Instant]
    enabled: Mapped[bool] = mapped_column(default=True)


def enqueue(  # noqa: PLR0913 (every argument after the payload has a default)
    session: Session,
    kind: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    queue: str = "default",
    dedupe_key: str | None = None,
    keep_key: bool = False,
    run_after: datetime | None = None,
    max_attempts: int = MAX_ATTEMPTS,
) -> bool:
    """Add a task to the current transaction; False if one with the same key still waits.

    A key is freed when a worker claims the task, so that a change arriving while it runs
    makes a new task; ``keep_key=True`` keeps it for ever (one task per key and period).
    """
    row = {
        "kind": kind,
        "payload": dict(payload),
        "queue": queue,
        "dedupe_key": dedupe_key,
        "keep_key": keep_key,
        "state": TaskState.NEW,
        "attempt": 0,
        "sends": 0,
        "max_attempts": max_attempts,
        "run_after": run_after or now,
        "created_at": now,
    }
    return insert_ignore(session, Task, [row], ["dedupe_key"]) == 1
