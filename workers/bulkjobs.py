"""Bulk edits of the register: small transactions, so that one can watch and stop them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crm.auth.models import User
from crm.auth.queries import actor_for
from crm.core import clock
from crm.register import bulk
from crm.register.models import BulkRun

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result

BULK_SECONDS = 1800


def write(payload: Payload, context: Context) -> int:
    """Write a run step by step, each in its own transaction, from where an earlier try came to."""
    run_id, going = int(payload["run_id"]), True
    while going:
        with context.database.transaction() as session:
            run = session.get(BulkRun, run_id, with_for_update=True)
            if run is None:
                return 0
            user = session.get_one(User, run.created_by)
            today = context.now.astimezone(ZoneInfo(context.settings.time_zone)).date()
            actor = actor_for(session, user, today)
            going = bulk.step(session, actor, run, now=clock.now())
            at, total = int(run.counts["at"]), len(run.state["ids"])
        context.progress(at * 100 // max(1, total), f"{at} / {total}")
    return at


def record(session: Session, payload: Payload, data: int, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Say how far it came."""
    return {"rows": data}
