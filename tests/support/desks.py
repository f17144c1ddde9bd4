"""What waits for a person, asked of one slice the way the first page asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.notices import desk

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor


def waiting(session: Session, source: desk.Source, actor: Actor, day: date) -> list[desk.Ready]:
    """Count first, then list what was counted."""
    counted = {key: session.scalar(rows) or 0 for key, rows in desk.counts([source], actor, day).items()}
    return desk.ready([source], session, actor, day, counted)
