"""The nightly round over leads and those who work on them: idle leads go to the pool, finished task forces end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import jobs
from crm.core.scheduling import SHANGHAI, local_day
from crm.core.tasks import enqueue
from crm.pipeline.intake import pool
from crm.pipeline.team import services as team

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result


def recycle(session: Session, payload: Payload, context: Context) -> Result:
    """Put a batch of leads out of time into the pool; a full batch is followed by another task.

    Task forces past their planned last day end first.
    """
    team.end_due(session, now=context.now, today=local_day(context.now))
    moved = pool.recycle(session, now=context.now, zone=SHANGHAI)
    total = int(payload.get("pooled") or 0) + len(moved)
    if len(moved) == pool.BATCH:
        enqueue(session, jobs.RECYCLE_LEADS, {"pooled": total}, now=context.now, dedupe_key=jobs.RECYCLE_LEADS)
    return {"pooled": total}
