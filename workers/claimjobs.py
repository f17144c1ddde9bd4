"""The nightly round over claims, and the look for old projects behind new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import jobs
from crm.core.scheduling import local_day
from crm.core.tasks import enqueue
from crm.pipeline.claims import keeping
from crm.pipeline.counting import services as counting
from crm.pipeline.repeats import services as repeats

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result

BATCHES = 4


def keep(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Renew, expire, close: what the day has brought about."""
    return dict(keeping.keep(session, now=context.now, today=local_day(context.now)))


def look_behind(session: Session, payload: Payload, context: Context) -> Result:
    """Look behind the next projects; the rest follows as tasks of its own."""
    after, total = int(payload.get("after") or 0), int(payload.get("found") or 0)
    for _ in range(BATCHES):
        after, found = repeats.look_behind(session, after, now=context.now)
        total += found
        if not after:
            return {"found": total}
    enqueue(session, jobs.FIND_REPEATS, {"after": after, "found": total}, now=context.now, dedupe_key=jobs.FIND_REPEATS)
    return {"after": after, "found": total}


def apply_counting(session: Session, payload: Payload, context: Context) -> Result:
    """Decide anew which projects count; the rest follows as tasks of its own."""
    after, total = int(payload.get("after") or 0), int(payload.get("changed") or 0)
    for _ in range(BATCHES):
        after, changed = counting.look_through(session, after, now=context.now)
        total += changed
        if not after:
            return {"changed": total}
    rest = {"after": after, "changed": total}
    enqueue(session, jobs.APPLY_COUNTING, rest, now=context.now, dedupe_key=jobs.APPLY_COUNTING)
    return rest
