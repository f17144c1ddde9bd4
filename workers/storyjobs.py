"""Jobs of stories: those begun twice become one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.signals import joining

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result


def join(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Join stories that two workers began at the same time."""
    return {"joined": joining.join_doubles(session, now=context.now)}
