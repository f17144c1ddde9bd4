"""Trips, receptions, events and meetings in the calendars of those who go."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crm.agenda import gatherings, queries
from crm.agenda.entries import Kind
from crm.fieldwork.events.models import Event
from crm.fieldwork.events.rules import EventKind
from crm.fieldwork.receptions.models import Reception
from crm.fieldwork.receptions.rules import ReceptionState
from crm.fieldwork.rules import LeaderLevel, TouchKind
from crm.fieldwork.trips.models import Trip, TripMember
from crm.fieldwork.trips.rules import MemberRole, TripState
from crm.meetings.models import Meeting, MeetingPerson
from crm.meetings.rules import MeetingKind, MeetingState
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


def test_trips_receptions_events_and_meetings_stand_in_the_calendars_of_who_goes(
    session: Session, office: Office
) -> None:
    officer, me = office.actor(session, office.officer), office.officer.id
    gather(session, office)
    shown = queries.span(TODAY - timedelta(days=3), TODAY + timedelta(days=3))
    mine = gatherings.entries(session, officer, shown, frozenset({me}))
    found = {(one.kind, one.title, one.starts_on, one.last) for one in mine}
    assert {one.kind for one in mine if one.at} == {Kind.RECEPTION, Kind.MEETING}
    assert found == {
        (Kind.TRIP, "赴深圳招商", TODAY - timedelta(days=5), TODAY - timedelta(days=2)),
        (Kind.RECEPTION, "云岭精工来访", TODAY, TODAY),
        (Kind.EVENT, "秋季推介会", TODAY + timedelta(days=1), TODAY + timedelta(days=2)),
        (Kind.MEETING, "周例会", TODAY, TODAY),
    }
    others = queries.entries(session, officer, shown, frozenset({office.outsider.id}))[0]
    assert others == []


def gather(session: Session, office: Office) -> None:
    """Plan a trip, a reception, an event and a meeting of the officer, each also called off once."""
    me, east = office.officer.id, office.east.id
    stamps = {"created_by": me, "created_at": NOW}
    days = {"starts_on": TODAY - timedelta(days=5), "ends_on": TODAY - timedelta(days=2)}
    firm = builders.enterprise(session, "云岭精工")
    times = {"starts_at": NOW, "ends_at": NOW + timedelta(hours=3)}
    on = {"start_on": TODAY + timedelta(days=1), "end_on": TODAY + timedelta(days=2), "channel": "squad"}
    for state, title in ((TripState.PLANNED, "赴深圳招商"), (TripState.CANCELLED, "取消的出访")):
        trip = Trip(title=title, unit_id=east, state=state, updated_at=NOW, **days, **stamps)
        trip.members.append(TripMember(position=1, user_id=me, role=MemberRole.LEADER, level=LeaderLevel.STAFF))
        session.add(trip)
    for how in (ReceptionState.PLANNED, ReceptionState.CANCELLED):
        visit = {"title": "云岭精工来访", "kind": TouchKind.RECEPTION, "enterprise_id": firm.id, "updated_at": NOW}
        session.add(Reception(unit_id=east, state=how, **visit, **times, **stamps))
    fair = {"kind": EventKind.PROMOTION, "name": "秋季推介会", "owner_id": me, "updated_at": NOW}
    session.add(Event(unit_id=east, **fair, **on, **stamps))
    weekly = {"kind": MeetingKind.REGULAR, "title": "周例会", "held_on": TODAY, "starts_at": "09:30"}
    meeting = Meeting(unit_id=east, state=MeetingState.PLANNED, **weekly, **stamps)
    session.add(meeting)
    session.flush()
    session.add(MeetingPerson(meeting_id=meeting.id, user_id=me))
    session.flush()


def test_my_day_begins_with_the_gatherings_of_today(session: Session, office: Office, as_officer: Browser) -> None:
    gather(session, office)
    session.commit()
    page = as_officer.get("/").text
    today = page.split("h-today", 1)[1].split("</section>", 1)[0]
    assert "<b>09:30</b>" in today
    assert "云岭精工来访" in today
    assert "秋季推介会" not in page
