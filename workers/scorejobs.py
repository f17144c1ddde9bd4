"""Scores: what changed is scored together, at once; all enterprises in slices that let live work pass between them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core import clock, jobs, taskstore
from crm.scoring import passes
from crm.scoring import services as scoring

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.taskstore import Claimed
    from workers.contract import Context, Payload, Result

TOGETHER = 200
SLICE_SECONDS = 2.0
WALK_SECONDS = 600


def gather(payload: Payload, context: Context) -> list[Claimed]:  # noqa: ARG001 (shape of a job)
    """Take along what else waits to be scored; a task that failed twice goes alone, so that it spoils no other."""
    if context.attempt > taskstore.ALONE_AFTER:
        return []
    with context.database.transaction() as session:
        return taskstore.gather(session, jobs.RESCORE, context.now, limit=TOGETHER - 1)


def rescore(session: Session, payload: Payload, data: list[Claimed], context: Context) -> Result:
    """Score enterprises anew."""
    cause = str(payload.get("cause") or "change")
    ids = sorted({int(payload["enterprise_id"]), *(int(one.payload["enterprise_id"]) for one in data)})
    changed = scoring.rescore_many(session, ids, now=context.now, cause=cause)
    taskstore.finish_all(session, data, context.now)
    return {"changed": changed, "enterprises": len(ids)}


@dataclass(frozen=True, slots=True)
class Walked:
    """How far a slice came, and whether there is more to do."""

    pass_id: int
    more: bool


def walk(payload: Payload, context: Context) -> Walked:
    """Score chunk by chunk, each in its own transaction, until the slice is over; begin a pass if none is named."""
    begun = time.monotonic()
    with context.database.transaction() as session:
        pass_id = passes.named(session, payload.get("pass_id"), now=context.now)
    more = _step(context, pass_id)
    while more and time.monotonic() - begun < SLICE_SECONDS:
        more = _step(context, pass_id)
    return Walked(pass_id, more)


def _step(context: Context, pass_id: int) -> bool:
    with context.database.transaction() as session:
        return passes.step(session, pass_id, now=clock.now())


def go_on(session: Session, payload: Payload, data: Walked, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Queue the next slice."""
    if data.more:
        passes.go_on(session, data.pass_id, now=context.now)
    return passes.told(session, data.pass_id)
