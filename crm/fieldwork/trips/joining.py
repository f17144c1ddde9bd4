"""Which trip a touch belongs to: found by person, day and enterprise, unless somebody says otherwise."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Date, bindparam, exists, func, or_, select

from crm.core import audit
from crm.core.errors import ForbiddenError
from crm.core.scheduling import SHANGHAI, local_day
from crm.fieldwork import queries as fieldwork
from crm.fieldwork import rules
from crm.fieldwork.models import Touch
from crm.fieldwork.services import NOT_YOURS
from crm.fieldwork.trips import queries
from crm.fieldwork.trips.models import Trip, TripMember, TripStop, TripTouch
from crm.fieldwork.trips.rules import TripState

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MEETINGS = (rules.TouchKind.VISIT, rules.TouchKind.NEGOTIATION)


def join(session: Session, touch: Touch, *, now: datetime) -> int | None:
    """Link a touch just logged to the only trip it can belong to; return that trip."""
    if touch.kind not in MEETINGS:
        return None
    day = local_day(touch.occurred_at)
    values = {"touch": touch.id, "firm": touch.enterprise_id, "day": day, "me": touch.created_by}
    found = list(session.scalars(_possible(), values))
    if len(found) != 1:
        return None
    session.add(TripTouch(touch_id=touch.id, trip_id=found[0], by=None, at=now))
    session.flush()
    return found[0]


@cache
def _possible() -> Select[int]:
    """Trips that were at the enterprise that day with the person, unless the touch has been put on one or on none."""
    day, me = bindparam("day", type_=Date()), bindparam("me", type_=BigInteger())
    here = select(Trip.id).join(TripStop, TripStop.trip_id == Trip.id)
    return (
        here.where(
            Trip.state != TripState.CANCELLED,
            Trip.starts_on <= day,
            Trip.ends_on >= day,
            TripStop.enterprise_id == bindparam("firm"),
            or_(Trip.created_by == me, Trip.id.in_(_goes(me))),
            ~exists().where(TripTouch.touch_id == bindparam("touch")),
        )
        .distinct()
        .limit(2)
    )


def adopt(session: Session, trip: Trip, *, now: datetime) -> int:
    """Link the touches that were logged before the trip had this stop, person or day; return how many."""
    firms = {stop.enterprise_id for stop in trip.stops if stop.enterprise_id is not None}
    people = {member.user_id for member in trip.members if member.user_id is not None} | {trip.created_by}
    if not firms or trip.state is TripState.CANCELLED:
        return 0
    linked = select(TripTouch.touch_id)
    statement = select(Touch.id).where(
        Touch.kind.in_(MEETINGS),
        Touch.enterprise_id.in_(firms),
        Touch.created_by.in_(people),
        _on_the_road(trip),
        fieldwork.counted(),
        Touch.id.not_in(linked),
    )
    found = list(session.scalars(statement))
    session.add_all(TripTouch(touch_id=one, trip_id=trip.id, by=None, at=now) for one in found)
    session.flush()
    return len(found)


def place(session: Session, actor: Actor, touch_id: int, trip_id: int | None, *, now: datetime) -> Touch:
    """Say by hand on which trip a touch was logged; None: on none."""
    touch = fieldwork.touch(session, actor, touch_id)
    if not rules.may_correct(actor, touch.created_by, touch.unit_id):
        raise ForbiddenError(NOT_YOURS)
    if trip_id is not None:
        queries.trip(session, actor, trip_id)
    row = session.get(TripTouch, touch_id)
    if row is None:
        row = TripTouch(touch_id=touch_id)
        session.add(row)
    row.trip_id, row.by, row.at = trip_id, actor.user_id, now
    audit.record(session, actor.user_id, "touch.trip", ("touch", touch_id), now=now, trip=trip_id)
    session.flush()
    return touch


def unvisited(session: Session, trip: Trip) -> tuple[str, ...]:
    """Name the stops with neither a touch nor a reason why nothing came of them."""
    visited = set(session.scalars(_firms_visited(trip.id)))
    return tuple(
        stop.called
        for stop in trip.stops
        if stop.enterprise_id is not None and not stop.skipped and stop.enterprise_id not in visited
    )


def _firms_visited(trip_id: int) -> Select[Any]:
    return (
        select(Touch.enterprise_id)
        .join(TripTouch, TripTouch.touch_id == Touch.id)
        .where(TripTouch.trip_id == trip_id, fieldwork.counted())
        .group_by(Touch.enterprise_id)
        .having(func.count() > 0)
    )


def _goes(user_id: BindParameter[int]) -> Select[Any]:
    return select(TripMember.trip_id).where(TripMember.user_id == user_id)


def _on_the_road(trip: Trip) -> ColumnElement[bool]:
    start = datetime.combine(trip.starts_on, time(), tzinfo=SHANGHAI)
    stop = datetime.combine(trip.ends_on + timedelta(days=1), time(), tzinfo=SHANGHAI)
    return (Touch.occurred_at >= start) & (Touch.occurred_at < stop)
