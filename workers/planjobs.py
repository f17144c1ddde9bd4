"""Delivery plans, each night, of projects that were signed before signing made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import jobs
from crm.core.scheduling import local_day
from crm.core.tasks import enqueue
from crm.delivery.plans import services

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result


def make(session: Session, payload: Payload, context: Context) -> Result:
    """Make the plan of one project, or of a batch without one; a full batch is followed by another task."""
    project_id = int(payload["project_id"]) if payload.get("project_id") else None
    made = services.make_missing(session, now=context.now, today=local_day(context.now), project_id=project_id)
    total = int(payload.get("made") or 0) + made
    if made == services.BATCH:
        enqueue(session, jobs.OPEN_PLANS, {"made": total}, now=context.now, dedupe_key=jobs.OPEN_PLANS)
    return {"made": total}
