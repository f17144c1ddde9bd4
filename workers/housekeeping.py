"""Daily house-keeping: old sign-in sessions and finished tasks go."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete

from crm.auth.models import LoginSession
from crm.core import taskstore

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result

KEEP_SESSIONS = timedelta(days=30)
KEEP_TASKS = timedelta(days=14)


def run(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Delete sessions that expired 30 days ago and tasks that ended 14 days ago."""
    old = delete(LoginSession).where(LoginSession.expires_at < context.now - KEEP_SESSIONS)
    sessions = session.execute(old).rowcount  # type: ignore[attr-defined]  # CursorResult of a DELETE
    return {"sessions": sessions, "tasks": taskstore.purge(session, context.now - KEEP_TASKS)}
