"""Join stories that two workers began at the same time, with their signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.news import chapters
from crm.signals.models import Signal, SignalState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

_FACTS = ("amount_value", "place", "event_date")


def join_doubles(session: Session, *, now: datetime) -> int:
    """Join what was begun twice lately; return how many stories became part of an earlier one."""
    pairs = chapters.doubles(session, now=now)
    for later, earlier in pairs:
        _move(session, later, earlier)
        chapters.join(session, later, earlier)
    return len(pairs)


def _move(session: Session, later: int, earlier: int) -> None:
    """Move signals to the earlier story; one that it has already goes unless it says more or somebody decided."""
    rows = session.scalars(select(Signal).where(Signal.cluster_id.in_((later, earlier))).order_by(Signal.id)).all()
    there = {(row.enterprise_id, row.kind): row for row in rows if row.cluster_id == earlier}
    for row in rows:
        if row.cluster_id == earlier:
            continue
        known = there.get((row.enterprise_id, row.kind))
        if known is None:
            row.cluster_id = earlier
        elif row.state is SignalState.NEW and _adds_nothing(row, known):
            session.delete(row)
    session.flush()


def _adds_nothing(row: Signal, known: Signal) -> bool:
    return all(getattr(row, name) in {None, getattr(known, name)} for name in _FACTS)
