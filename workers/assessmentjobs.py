"""Reckoning assessments and freezing periods in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.assessment.books import services
from crm.assessment.periods import services as periods

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result


def assess(session: Session, payload: Payload, context: Context) -> Result:
    """Reckon the run in the payload; a confirmed one is left alone."""
    return {"units": services.compute(session, payload["run_id"], now=context.now)}


def close_period(session: Session, payload: Payload, context: Context) -> Result:
    """Freeze the period in the payload."""
    return {"figures": periods.freeze(session, payload["period_id"], now=context.now, progress=context.progress)}
