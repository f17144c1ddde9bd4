"""Secret links to a person's calendar: make, renew, revoke, and let in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from crm.agenda import queries
from crm.agenda.models import CalendarLink
from crm.auth.models import User
from crm.auth.services import digest, one_at_a_time
from crm.core import audit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = "calendar_link"
TOKEN_BYTES = 32
LONGEST_TOKEN = 80
WINDOW = timedelta(hours=1)
MOST_FETCHES = 60


@dataclass(frozen=True, slots=True)
class Guest:
    """Whose calendar a token opens, and whether it was asked too often in this hour."""

    user: User
    busy: bool


def make_link(session: Session, actor: Actor, *, now: datetime) -> str:
    """Make the person's link and return its token, for this once; an earlier link stops working."""
    one_at_a_time(session, actor)
    revoke_link(session, actor, now=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = CalendarLink(user_id=actor.user_id, token_hash=digest(token), created_at=now)
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "calendar.link", (SUBJECT, row.id), now=now)
    return token


def revoke_link(session: Session, actor: Actor, *, now: datetime) -> bool:
    """Stop the person's link; return whether there was one."""
    row = queries.link_of(session, actor)
    if row is None:
        return False
    row.revoked_at = now
    session.flush()
    audit.record(session, actor.user_id, "calendar.revoke", (SUBJECT, row.id), now=now)
    return True


def let_in(session: Session, token: str, *, now: datetime) -> Guest | None:
    """Find whose calendar a token opens and count the visit; None for a token that does not open any.

    A link of somebody whose account was disabled opens nothing.
    """
    statement = (
        select(CalendarLink, User)
        .join(User, User.id == CalendarLink.user_id)
        .where(CalendarLink.token_hash == digest(token), CalendarLink.revoked_at.is_(None), User.active)
    )
    found = session.execute(statement).one_or_none() if len(token) <= LONGEST_TOKEN else None
    if found is None:
        return None
    row, user = found
    fresh = row.window_start is None or now - row.window_start >= WINDOW
    session.execute(
        update(CalendarLink)
        .where(CalendarLink.id == row.id)
        .values(
            last_used_at=now,
            window_start=now if fresh else row.window_start,
            fetched=1 if fresh else CalendarLink.fetched + 1,
        )
    )
    return Guest(user, not fresh and row.fetched >= MOST_FETCHES)
