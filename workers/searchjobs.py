"""The search index after a new version of it: written anew in the background, a chunk at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import jobs, searchindex
from crm.core.tasks import enqueue
from crm.enterprises import indexing

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result

KEY = "reindex"
BATCHES = 4
FOLLOWING = {indexing.ENTERPRISE: indexing.CONTACT}


def ask(session: Session, *, now: datetime) -> None:
    """Ask for a new index unless this version wrote the one there is; an empty register has nothing to write."""
    if searchindex.is_current(session):
        return
    if indexing.is_empty(session):
        searchindex.mark_current(session)
    else:
        enqueue(session, jobs.REINDEX, {}, now=now, dedupe_key=KEY)


def reindex(session: Session, payload: Payload, context: Context) -> Result:
    """Write the next chunk; the rest follows as tasks of its own, and the last one marks the index current."""
    kind, after = str(payload.get("kind") or indexing.ENTERPRISE), int(payload.get("after") or 0)
    written = 0
    for _ in range(BATCHES):
        after, count = indexing.reindex(session, kind, after)
        written += count
        if not after:
            break
    following = kind if after else FOLLOWING.get(kind)
    if following is None:
        searchindex.mark_current(session)
    else:
        enqueue(session, jobs.REINDEX, {"kind": following, "after": after}, now=context.now, dedupe_key=KEY)
    return {"kind": kind, "written": written}
