"""Wishes to be scored anew, left in the transaction of the change, once however much changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import jobs
from crm.core.tasks import enqueue

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session


def want_score(session: Session, enterprise_ids: Iterable[int], *, now: datetime, cause: str = "change") -> None:
    """Have enterprises scored soon after this transaction."""
    for one in sorted(set(enterprise_ids)):
        payload = {"enterprise_id": one, "cause": cause}
        enqueue(session, jobs.RESCORE, payload, now=now, dedupe_key=f"rescore:{one}")


def want_all_scored(session: Session, *, now: datetime) -> None:
    """Have all enterprises scored: what the office looks for has changed."""
    enqueue(session, jobs.RESCORE_ALL, {}, now=now, dedupe_key="rescore_all:0")
