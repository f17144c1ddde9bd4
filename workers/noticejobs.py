"""Notices on their way out: one message per run, tried again as a row of work; and what the day makes due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import jobs
from crm.core.scheduling import SHANGHAI
from crm.core.tasks import enqueue
from crm.delivery.blockers import climbing as blockers
from crm.fieldwork.chains import climbing
from crm.notices import sending
from crm.notices.carriers.outbound import Gate
from crm.notices.carriers.post import Post
from crm.notices.carriers.robots import robot

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.notices.carriers.base import Carrier
    from crm.notices.rules import Outcome
    from crm.notices.sending import Batch
    from workers.contract import Context, Payload, Result

SEND_SECONDS = 60


def send(payload: Payload, context: Context) -> tuple[Batch, Outcome] | None:
    """Take the next message of a target and send it."""
    with context.database.transaction() as session:
        batch = sending.take(session, str(payload["target"]), f"t{context.task_id}", now=context.now)
    if batch is None:
        return None
    return batch, _carrier(batch, context).send(batch.message)


def record(session: Session, payload: Payload, data: tuple[Batch, Outcome] | None, context: Context) -> Result:
    """Write down how it went."""
    if data is None:
        sending.again(session, str(payload["target"]), now=context.now)
        return {"outcome": "nothing"}
    batch, outcome = data
    how = sending.settle(session, batch, outcome, now=context.now)
    return {"outcome": how, "rows": len(batch.ids), "reason": outcome.reason}


def sweep(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Wake what was forgotten."""
    return {"woken": sending.sweep(session, now=context.now)}


def _carrier(batch: Batch, context: Context) -> Carrier:
    settings = context.settings
    if batch.vendor is None:
        return Post(settings.mail, batch.address, settings.public_url, context.now)
    gate = Gate(batch.vendor, settings.robot_allow)
    return robot(gate, batch.url, batch.secret, settings.public_url, context.now)


def climb(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Let promises and blockers climb their ladders; a full batch is followed by another task."""
    found = climbing.climb(session, now=context.now, zone=SHANGHAI)
    late = blockers.climb(session, now=context.now, zone=SHANGHAI)["climbed"]
    if found["climbed"] == climbing.BATCH or late == blockers.BATCH:
        enqueue(session, jobs.CLIMB_LADDER, {}, now=context.now, dedupe_key=jobs.CLIMB_LADDER)
    return {**found, "blockers": late}
