"""Daily house-keeping: old sessions, tasks, exports, lines of imports, notices, saved pages and feed files go."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crm.auth import services
from crm.bank import links
from crm.core import taskstore
from crm.imports import runs as imports
from crm.linking import proposals
from crm.news import snapshots, stories
from crm.notices import reading
from crm.register import export
from crm.reports import annex

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result

KEEP_TASKS = timedelta(days=14)
KEEP_NAMES = timedelta(days=90)


def run(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Delete what is past its age; each slice knows its own."""
    sessions = services.forget_ended_sessions(session, now=context.now)
    exports = export.sweep(session, context.settings.files_dir, now=context.now)
    lines = imports.sweep(session, context.settings.files_dir, now=context.now)
    tasks = taskstore.purge(session, context.now - KEEP_TASKS)
    notices = reading.purge(session, now=context.now)
    pages = snapshots.sweep(session, now=context.now)
    names = proposals.purge(session, context.now - KEEP_NAMES)
    bands = stories.forget_bands(session, now=context.now)
    visits = links.purge(session, now=context.now)
    annexes = annex.sweep(context.settings.files_dir, now=context.now)
    feeds = snapshots.sweep_feeds(context.settings.feeds_dir, now=context.now)
    gone = {"sessions": sessions, "tasks": tasks, "exports": exports, "imports": lines, "notices": notices}
    gone |= {"annexes": annexes, "pages": pages, "feeds": feeds, "names": names, "bands": bands, "visits": visits}
    return gone
