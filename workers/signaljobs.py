"""Jobs that tell people of signals: at once for a watch, once a day for a digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.signals import digest, watching

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result


def watch(session: Session, payload: Payload, context: Context) -> Result:
    """Tell the owners of watches what is new among the signals of one reading."""
    return {"told": watching.tell_at_once(session, payload["signal_ids"], now=context.now)}


def daily(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (the shape of a job)
    """Tell everybody who follows or watches something what the day brought."""
    return {"told": digest.send(session, now=context.now)}
