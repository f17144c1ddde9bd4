"""The nightly round over series of meetings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.scheduling import local_day
from crm.meetings import series

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result


def arrange(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Arrange the meetings of the next weeks on the work calendar."""
    today = local_day(context.now)
    return {"arranged": series.arrange_all(session, now=context.now, today=today)}
