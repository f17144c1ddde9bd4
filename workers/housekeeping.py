"""Daily house-keeping: old sign-in sessions and finished tasks go."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crm.auth import services
from crm.core import taskstore

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result

KEEP_TASKS = timedelta(days=14)


def run(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Delete sessions that ended over a week ago and tasks that ended two weeks ago."""
    sessions = services.forget_ended_sessions(session, now=context.now)
    return {"sessions": sessions, "tasks": taskstore.purge(session, context.now - KEEP_TASKS)}
