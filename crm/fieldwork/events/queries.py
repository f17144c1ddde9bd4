"""Reads of events, their guests and their delegation. Events are the office's: whoever reads touches sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, case, false, func, or_, select, true
from sqlalchemy.orm import joinedload

from crm.auth.models import User
from crm.auth.queries import EYES
from crm.auth.rules import Permission
from crm.core import searchindex
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises import sight
from crm.enterprises.indexing import ENTERPRISE
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork.events.models import Event, EventCredit, EventDelegate, EventGuest
from crm.fieldwork.events.rules import CAME, GuestState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.events.rules import EventKind

ABSENT = Problem("event.absent", "没有这次活动，或者不在您的查看范围内。")
GUEST_ABSENT = Problem("guest.absent", "没有这位来宾，可能已被删除；请刷新后再看。")
MOST_EVENTS = 400
MOST_DELEGATES = 100
ALL_CAME, ALL_EXPECTED = "came", "expected"


class GuestLine(NamedTuple):
    """An invitation as a page shows it; ``person`` is None where the contact is not this reader's to know."""

    guest: EventGuest
    firm: str | None
    person: str | None
    post: str | None
    inviter: str
    led: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many guests of an event are in which state, and how many enterprises came."""

    states: dict[GuestState, int]
    firms: int

    @property
    def all(self) -> int:
        """Every guest."""
        return sum(self.states.values())

    @property
    def came(self) -> int:
        """Guests who came."""
        return sum(self.states.get(state, 0) for state in CAME)


@lru_cache(maxsize=EYES)
def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: events the person may see: all of them for whoever reads touches, else none."""
    return true() if actor.may(Permission.TOUCH_READ) else false()


def get(session: Session, actor: Actor, event_id: int, *, lock: bool = False) -> Event:
    """Return a visible event with its unit and owner."""
    statement = select(Event).where(Event.id == event_id, visible_to(actor))
    if lock:
        statement = statement.with_for_update(of=Event).execution_options(populate_existing=True)
    found = session.scalar(statement.options(joinedload(Event.unit), joinedload(Event.owner)))
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def between(session: Session, actor: Actor, first: date, last: date, *, limit: int = MOST_EVENTS) -> list[Event]:
    """Return the visible events that touch any day from ``first`` to ``last``, both included, cancelled ones left out.

    Sorted by their first day; unit and owner are loaded.
    """
    statement = (
        select(Event)
        .where(visible_to(actor), Event.start_on <= last, Event.end_on >= first, Event.cancelled_at.is_(None))
        .options(joinedload(Event.unit), joinedload(Event.owner))
        .order_by(Event.start_on, Event.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def of_year(session: Session, actor: Actor, year: tuple[date, date], kind: EventKind | None) -> list[Event]:
    """Return every visible event that begins in a year (its first and last day), cancelled ones too, by day."""
    statement = (
        select(Event)
        .where(visible_to(actor), Event.start_on.between(*year))
        .options(joinedload(Event.unit), joinedload(Event.owner))
        .order_by(Event.start_on, Event.id)
        .limit(MOST_EVENTS)
    )
    return list(session.scalars(statement if kind is None else statement.where(Event.kind == kind)))


def years(session: Session, actor: Actor) -> tuple[date, date] | None:
    """Return the first day of the earliest and of the latest visible event, None if there is none."""
    row = session.execute(select(func.min(Event.start_on), func.max(Event.start_on)).where(visible_to(actor))).one()
    return None if row[0] is None else (row[0], row[1])


def choices(session: Session, actor: Actor, since: date) -> list[Event]:
    """Return visible events that end on or after a day, the nearest first: to invite to."""
    statement = (
        select(Event)
        .where(visible_to(actor), Event.end_on >= since, Event.cancelled_at.is_(None))
        .order_by(Event.start_on, Event.id)
        .limit(60)
    )
    return list(session.scalars(statement))


def delegates(session: Session, event_id: int) -> list[EventDelegate]:
    """Return our delegation in the order it was put down."""
    statement = select(EventDelegate).where(EventDelegate.event_id == event_id)
    return list(session.scalars(statement.order_by(EventDelegate.id).limit(MOST_DELEGATES)))


def counts(session: Session, event_ids: Sequence[int]) -> dict[int, Counts]:
    """Count the guests of events by state, and the enterprises that came, in two queries."""
    found: dict[int, dict[GuestState, int]] = {}
    statement = select(EventGuest.event_id, EventGuest.state, func.count()).where(EventGuest.event_id.in_(event_ids))
    for event_id, state, number in session.execute(statement.group_by(EventGuest.event_id, EventGuest.state)):
        found.setdefault(event_id, {})[state] = number
    came = (EventGuest.event_id.in_(event_ids), EventGuest.state.in_(CAME))
    distinct = select(EventGuest.event_id, func.count(EventGuest.enterprise_id.distinct())).where(*came)
    firms = {row[0]: row[1] for row in session.execute(distinct.group_by(EventGuest.event_id))}
    return {event_id: Counts(found.get(event_id, {}), firms.get(event_id, 0)) for event_id in event_ids}


def guests(
    session: Session, actor: Actor, event_id: int, *, show: str, q: str, cursor: str | None, size: int = 50
) -> Page[GuestLine]:
    """Return a page of guests, newest last; ``show`` is a state, ``came``, ``expected`` or blank."""
    statement = _lines(actor).where(EventGuest.event_id == event_id, *_shown(show), *_named(session, actor, q))
    page = fetch_page(session, statement, (Key(EventGuest.id),), lambda row: (row[0].id,), cursor=cursor, size=size)
    return Page(tuple(GuestLine(*row) for row in page.rows), page.next, page.previous)


def guest(session: Session, actor: Actor, event_id: int, guest_id: int) -> GuestLine:
    """Return one guest of a visible event."""
    statement = _lines(actor).join(Event, Event.id == EventGuest.event_id)
    row = session.execute(
        statement.where(EventGuest.id == guest_id, EventGuest.event_id == event_id, visible_to(actor))
    ).one_or_none()
    if row is None:
        raise NotFoundError(GUEST_ABSENT)
    return GuestLine(*row)


def _lines(actor: Actor) -> Select[*tuple[Any, ...]]:
    known = and_(Contact.id == EventGuest.contact_id, sight.visible_to(actor))
    typed = case((EventGuest.contact_id.is_(None), EventGuest.person), else_=Contact.name)
    credited = select(EventCredit.id).where(EventCredit.guest_id == EventGuest.id).exists()
    led = or_(EventGuest.tip_id.is_not(None), credited)
    return (
        select(EventGuest, func.coalesce(Enterprise.name, EventGuest.firm), typed, Contact.post, User.name, led)
        .outerjoin(Enterprise, Enterprise.id == EventGuest.enterprise_id)
        .outerjoin(Contact, known)
        .join(User, User.id == EventGuest.invited_by)
    )


def _shown(show: str) -> list[ColumnElement[bool]]:
    if show == ALL_CAME:
        return [EventGuest.state.in_(CAME)]
    if show == ALL_EXPECTED:
        return [EventGuest.state.in_((GuestState.INVITED, GuestState.ACCEPTED))]
    return [EventGuest.state == GuestState(show)] if show in set(GuestState) else []


def _named(session: Session, actor: Actor, q: str) -> list[ColumnElement[bool]]:
    """Condition: found by a piece of the enterprise's name, its pinyin, or the name of a person one may know."""
    if not q:
        return []
    parts: list[ColumnElement[bool]] = [
        EventGuest.firm.contains(q, autoescape=True),
        EventGuest.person.contains(q, autoescape=True),
        and_(sight.visible_to(actor), Contact.name.contains(q, autoescape=True)),
    ]
    ids = searchindex.matching(session, ENTERPRISE, q)
    if ids is not None:
        parts.append(EventGuest.enterprise_id.in_(ids))
    return [or_(*parts)]
