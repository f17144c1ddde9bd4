"""Matching all open projects for a person, step by step; telling keepers of policies that one ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import clock
from crm.core.scheduling import local_day
from crm.matching import bulk
from crm.resources.policies import expiry
from workers import jobnotices

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result

MATCH_SECONDS = 7200


def match(payload: Payload, context: Context) -> int:
    """Match in small transactions; return how many projects were looked at."""
    return bulk.work(context.database, int(payload["run_id"]), clock.now, context.progress)


def record(session: Session, payload: Payload, data: int, context: Context) -> Result:
    """Tell who asked for it."""
    jobnotices.matching_ended(session, int(payload["run_id"]), now=context.now)
    return {"projects": data}


def remind(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Tell keepers of policies that end soon."""
    return {"told": expiry.remind(session, now=context.now, today=local_day(context.now))}
