"""Daily house-keeping: old sign-in sessions, finished tasks, exported files, lines of imports and old notices go."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crm.auth import services
from crm.core import taskstore
from crm.imports import runs as imports
from crm.notices import reading
from crm.register import export

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result

KEEP_TASKS = timedelta(days=14)


def run(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Delete sessions and exports of a week ago, tasks of two weeks, lines of imports of a month ago, old notices."""
    sessions = services.forget_ended_sessions(session, now=context.now)
    exports = export.sweep(session, context.settings.files_dir, now=context.now)
    lines = imports.sweep(session, context.settings.files_dir, now=context.now)
    tasks = taskstore.purge(session, context.now - KEEP_TASKS)
    notices = reading.purge(session, now=context.now)
    return {"sessions": sessions, "tasks": tasks, "exports": exports, "imports": lines, "notices": notices}
