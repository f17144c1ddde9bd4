"""Reads of a calendar: all kinds of entry together, and who may be looked at."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.agenda import gatherings
from crm.agenda.entries import KIND_LABELS, MOST, Entry, Kind, Span
from crm.agenda.models import CalendarLink
from crm.agenda.sources import SOURCES
from crm.auth import queries as people
from crm.auth.rules import Permission
from crm.core.scheduling import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.auth.rules import Actor

MOST_PEOPLE = 60


def span(first: date, last: date) -> Span:
    """Return the days from first to last as days and as instants of the office's clock."""
    since, until = (datetime.combine(day, time(), tzinfo=SHANGHAI) for day in (first, last + timedelta(days=1)))
    return Span(first, last, since, until)


def entries(
    session: Session, actor: Actor, shown: Span, whose: frozenset[int], kinds: Collection[Kind] = tuple(KIND_LABELS)
) -> tuple[list[Entry], bool]:
    """Entries of some people, and whether a kind had more than is shown."""
    found = [SOURCES[kind](session, actor, shown, whose) for kind in Kind if kind in kinds and kind in SOURCES]
    found.append(gatherings.entries(session, actor, shown, whose, kinds))
    return [one for part in found for one in part], any(len(part) >= MOST for part in found)


def team(session: Session, actor: Actor, unit_id: int | None, today: date) -> list[User]:
    """People of the units whose touches the person may read, by name: their calendars are open to them."""
    scope = actor.scope(Permission.TOUCH_READ)
    if unit_id is not None:
        scope = frozenset({unit_id}) if scope is None or unit_id in scope else frozenset()
    return people.colleagues(session, scope, today)[:MOST_PEOPLE]


def link_of(session: Session, actor: Actor) -> CalendarLink | None:
    """Return the person's link that works."""
    mine = CalendarLink.user_id == actor.user_id, CalendarLink.revoked_at.is_(None)
    return session.scalar(select(CalendarLink).where(*mine))
