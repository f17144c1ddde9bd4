"""What a person does to tasks on the admin page: run a dead one again, call one off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from crm.core import audit
from crm.core.errors import ConflictError, NotFoundError, Problem
from crm.core.tasks import Task, TaskState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

MISSING = Problem("task_missing", "没有这个后台任务。")
NOT_DEAD = Problem("task_not_dead", "只有失败的任务可以重新运行，请刷新页面。")
NOT_WAITING = Problem("task_not_waiting", "任务已经开始或已经结束，不能取消，请刷新页面。")


def rerun(session: Session, actor_id: int | None, task_id: int, *, now: datetime) -> None:
    """Give a dead (or cancelled) task all its attempts again."""
    values = {"state": TaskState.NEW, "attempt": 0, "run_after": now, "finished_at": None}
    _move(session, task_id, (TaskState.DEAD, TaskState.CANCELLED), values, NOT_DEAD)
    audit.record(session, actor_id, "task_rerun", ("task", task_id), now=now)


def cancel(session: Session, actor_id: int | None, task_id: int, *, now: datetime) -> None:
    """Call a task off before a worker takes it, or put a dead one aside."""
    states = (TaskState.NEW, TaskState.SENT, TaskState.DEAD)
    values = {"state": TaskState.CANCELLED, "finished_at": now, "lease_until": None, "dedupe_key": None}
    _move(session, task_id, states, values, NOT_WAITING)
    audit.record(session, actor_id, "task_cancelled", ("task", task_id), now=now)


def _move(
    session: Session, task_id: int, states: tuple[TaskState, ...], values: dict[str, object], problem: Problem
) -> None:
    statement = update(Task).where(Task.id == task_id, Task.state.in_(states)).values(**values)
    result = session.execute(statement, execution_options={"synchronize_session": "fetch"})
    if result.rowcount:  # type: ignore[attr-defined]  # CursorResult of an UPDATE
        return
    if session.get(Task, task_id) is None:
        raise NotFoundError(MISSING)
    raise ConflictError(problem)
