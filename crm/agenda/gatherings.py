"""Trips, receptions, events and meetings as entries of a calendar: one read for all of them."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, Date, Text, cast, false, literal, null, select, type_coerce, union_all
from sqlalchemy.orm import aliased

from crm.agenda.entries import MOST, Entry, Kind
from crm.core.scheduling import SHANGHAI, local_day
from crm.core.types import UtcDateTime
from crm.fieldwork.events import queries as events
from crm.fieldwork.events.models import Event, EventDelegate
from crm.fieldwork.receptions import queries as receptions
from crm.fieldwork.receptions.models import Reception, ReceptionPerson
from crm.fieldwork.receptions.rules import ReceptionState
from crm.fieldwork.secrecy import secret
from crm.fieldwork.trips import queries as trips
from crm.fieldwork.trips.models import Trip, TripMember
from crm.fieldwork.trips.rules import TripState
from crm.meetings import queries as meetings
from crm.meetings.models import Meeting, MeetingPerson
from crm.meetings.rules import MeetingState

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.agenda.entries import Span
    from crm.auth.rules import Actor

    Whose = frozenset[int]

KINDS = (Kind.TRIP, Kind.RECEPTION, Kind.EVENT, Kind.MEETING)
HREFS = {Kind.TRIP: "/trips", Kind.RECEPTION: "/receptions", Kind.EVENT: "/events", Kind.MEETING: "/meetings"}


TYPES: dict[str, Any] = {
    "first": Date(),
    "last": Date(),
    "clock": Text(),
    "at": UtcDateTime(),
    "until": UtcDateTime(),
    "place": Text(),
}


def entries(session: Session, actor: Actor, span: Span, whose: Whose, kinds: Collection[Kind] = KINDS) -> list[Entry]:
    """Gatherings to which these people go, within the actor's view; cancelled ones are left out."""
    parts = [part for kind in KINDS if kind in kinds for part in PARTS[kind](actor, span, whose)]
    if not parts:
        return []
    rows = session.execute(union_all(*parts).limit(MOST * len(KINDS))).all()
    found = {(row.kind, row.key, row.person): row for row in rows}
    return [_entry(row) for row in found.values()]


def _entry(row: Any) -> Entry:  # noqa: ANN401 (a row of the read)
    kind, at = Kind(row.kind), row.at
    if at is None and row.clock:
        at = _moment(row.first, row.clock)
    first = row.first or local_day(at)
    last = row.last or (local_day(row.until) if row.until else first)
    return Entry(
        kind,
        row.key,
        row.title,
        first,
        row.person,
        ends_on=last,
        at=at if last == first else None,
        until=row.until if last == first else None,
        href=f"{HREFS[kind]}/{row.key}",
        place=row.place or "",
        secret=bool(row.secret),
    )


def _moment(day: Any, clock: str) -> datetime | None:  # noqa: ANN401 (a day)
    """Return the instant of a day and ``09:30``; None for words."""
    try:
        return datetime.combine(day, time.fromisoformat(clock), tzinfo=SHANGHAI)
    except ValueError:
        return None


def _columns(kind: Kind, key: Any, title: Any, person: Any, **more: Any) -> Select[Any]:  # noqa: ANN401 (columns of any table)
    columns: list[Any] = [
        literal(kind.value).label("kind"),
        cast(key, BigInteger).label("key"),
        cast(title, Text).label("title"),
        cast(person, BigInteger).label("person"),
        type_coerce(more.get("secret", false()), Boolean).label("secret"),
    ]
    columns += [  # SQLite makes numbers of days that are cast
        (type_coerce(more[name], kind_of) if name in more else cast(null(), kind_of)).label(name)
        for name, kind_of in TYPES.items()
    ]
    return select(*columns)


def _trips(actor: Actor, span: Span, whose: Whose) -> list[Select[Any]]:
    days = {"first": Trip.starts_on, "last": Trip.ends_on}
    statement = _columns(Kind.TRIP, Trip.id, Trip.title, TripMember.user_id, **days)
    statement = statement.join(TripMember, TripMember.trip_id == Trip.id)
    within = (Trip.starts_on <= span.last, Trip.ends_on >= span.first, Trip.state != TripState.CANCELLED)
    return [statement.where(*within, TripMember.user_id.in_(whose), trips.visible_to(actor))]


def _receptions(actor: Actor, span: Span, whose: Whose) -> list[Select[Any]]:
    times: dict[str, Any] = {"at": Reception.starts_at, "until": Reception.ends_at, "place": Reception.place}
    times["secret"] = Reception.project_id.is_not(None) & Reception.project_id.in_(secret())
    within = (
        Reception.starts_at < span.until,
        Reception.ends_at >= span.since,
        Reception.state != ReceptionState.CANCELLED,
        receptions.visible_to(actor),
    )
    made = _columns(Kind.RECEPTION, Reception.id, Reception.title, Reception.created_by, **times)
    hosted = _columns(Kind.RECEPTION, Reception.id, Reception.title, ReceptionPerson.user_id, **times)
    hosted = hosted.join(ReceptionPerson, ReceptionPerson.reception_id == Reception.id)
    return [
        made.where(*within, Reception.created_by.in_(whose)),
        hosted.where(*within, ReceptionPerson.user_id.in_(whose)),
    ]


def _events(actor: Actor, span: Span, whose: Whose) -> list[Select[Any]]:
    days = {"first": Event.start_on, "last": Event.end_on, "place": Event.place}
    within = (
        Event.start_on <= span.last,
        Event.end_on >= span.first,
        Event.cancelled_at.is_(None),
        events.visible_to(actor),
    )
    led = _columns(Kind.EVENT, Event.id, Event.name, Event.owner_id, **days)
    sent = _columns(Kind.EVENT, Event.id, Event.name, EventDelegate.user_id, **days)
    sent = sent.join(EventDelegate, EventDelegate.event_id == Event.id)
    return [led.where(*within, Event.owner_id.in_(whose)), sent.where(*within, EventDelegate.user_id.in_(whose))]


def _meetings(actor: Actor, span: Span, whose: Whose) -> list[Select[Any]]:
    days = {"first": Meeting.held_on, "last": Meeting.held_on, "clock": Meeting.starts_at, "place": Meeting.place}
    within = (
        Meeting.held_on.between(span.first, span.last),
        Meeting.state != MeetingState.CANCELLED,
        meetings.visible_to(actor),
    )
    chaired = _columns(Kind.MEETING, Meeting.id, Meeting.title, Meeting.chair_id, **days)
    there = aliased(MeetingPerson)  # the condition below looks at the same table
    attended = _columns(Kind.MEETING, Meeting.id, Meeting.title, there.user_id, **days)
    attended = attended.join(there, there.meeting_id == Meeting.id)
    return [
        chaired.where(*within, Meeting.chair_id.in_(whose)),
        attended.where(*within, there.user_id.in_(whose)),
    ]


PARTS = {Kind.TRIP: _trips, Kind.RECEPTION: _receptions, Kind.EVENT: _events, Kind.MEETING: _meetings}
