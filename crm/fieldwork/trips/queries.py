"""Reads of trips; every one passes ``visible_to``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from crm.auth.queries import EYES, within
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.trips.models import Trip, TripAgreed, TripMember, TripStop, TripTouch
from crm.fieldwork.trips.rules import TripState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.rules import FollowUpDraft, LeaderLevel

ABSENT = Problem("trip.absent", "没有这次出访，或者不在您的查看范围内。")
MOST_TOUCHES = 200


@dataclass(frozen=True, slots=True)
class TripFilter:
    """What the list of trips is narrowed to."""

    state: TripState | None = None
    unit_id: int | None = None
    level: LeaderLevel | None = None
    since: date | None = None
    until: date | None = None


@lru_cache(maxsize=EYES)
def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: trips of units the person may read, and those the person goes on or planned."""
    goes = select(TripMember.trip_id).where(TripMember.user_id == actor.user_id)
    readable = within(Trip.unit_id, actor, Permission.TOUCH_READ)
    return or_(readable, Trip.created_by == actor.user_id, Trip.id.in_(goes))


def trip(session: Session, actor: Actor, trip_id: int) -> Trip:
    """Return a trip with delegation, route and money; not found when it is another unit's."""
    whole = (
        joinedload(Trip.unit),
        joinedload(Trip.author),
        selectinload(Trip.members).joinedload(TripMember.user),
        selectinload(Trip.costs),
    )
    return _one(session, _routed(actor, trip_id).options(*whole))


def route(session: Session, actor: Actor, trip_id: int) -> Trip:
    """Return a trip with its stops alone."""
    return _one(session, _routed(actor, trip_id))


def _routed(actor: Actor, trip_id: int) -> Select[Trip]:
    stops = joinedload(Trip.stops).joinedload(TripStop.enterprise)
    return select(Trip).where(Trip.id == trip_id, visible_to(actor)).options(stops)


def _one(session: Session, statement: Select[Trip]) -> Trip:
    found = session.scalars(statement).unique().one_or_none()
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def page(session: Session, actor: Actor, wanted: TripFilter, *, cursor: str | None) -> Page[Trip]:
    """Return a page of trips, the latest departure first."""
    statement = select(Trip).where(visible_to(actor), *_conditions(wanted)).options(joinedload(Trip.unit))
    order = (Key(Trip.starts_on, descending=True), Key(Trip.id, descending=True))
    return fetch_page(session, statement, order, lambda row: (row.starts_on, row.id), cursor=cursor)


def count(session: Session, actor: Actor, wanted: TripFilter) -> int:
    """Count the trips of a list."""
    statement = select(func.count()).select_from(Trip).where(visible_to(actor), *_conditions(wanted))
    return session.scalar(statement) or 0


def _conditions(wanted: TripFilter) -> list[ColumnElement[bool]]:
    pairs = ((Trip.state, wanted.state), (Trip.unit_id, wanted.unit_id), (Trip.leader_level, wanted.level))
    conditions = [column == value for column, value in pairs if value is not None]
    if wanted.since is not None:
        conditions.append(Trip.starts_on >= wanted.since)
    if wanted.until is not None:
        conditions.append(Trip.starts_on < wanted.until)
    return conditions


def tallies(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, tuple[int, int, str]]:
    """Count stops and touches of trips and name who leads them: id -> (stops, touches, names)."""
    stops = select(TripStop.trip_id, func.count()).where(TripStop.trip_id.in_(ids)).group_by(TripStop.trip_id)
    logged = _logged(actor).with_only_columns(TripTouch.trip_id, func.count())
    logged = logged.where(TripTouch.trip_id.in_(ids)).group_by(TripTouch.trip_id)
    planned = {row[0]: row[1] for row in session.execute(stops)}
    made = {row[0]: row[1] for row in session.execute(logged)}
    heads = heads_of(session, ids)
    return {one: (planned.get(one, 0), made.get(one, 0), heads.get(one, "")) for one in ids}


def heads_of(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Names of who leads each trip, by trip."""
    statement = (
        select(TripMember)
        .where(TripMember.trip_id.in_(ids), TripMember.role == "leader")
        .options(joinedload(TripMember.user))
        .order_by(TripMember.position, TripMember.id)
    )
    found: dict[int, list[str]] = {}
    for row in session.scalars(statement):
        found.setdefault(row.trip_id, []).append(row.called)
    return {trip_id: "、".join(names) for trip_id, names in found.items()}


def _logged(actor: Actor) -> Select[Any]:
    return (
        select(Touch)
        .join(TripTouch, TripTouch.touch_id == Touch.id)
        .where(fieldwork.visible_to(actor), fieldwork.counted())
    )


def touches(session: Session, actor: Actor, trip_id: int) -> list[Touch]:
    """Return the touches logged on a trip, in order of time."""
    statement = _logged(actor).where(TripTouch.trip_id == trip_id)
    statement = statement.options(joinedload(Touch.enterprise), joinedload(Touch.author))
    return list(session.scalars(statement.order_by(Touch.occurred_at, Touch.id).limit(MOST_TOUCHES)))


def agreed(session: Session, actor: Actor, trip_id: int) -> list[FollowUp]:
    """Return what was agreed on a trip and promised in its touches, open ones first; steps of chains are neither."""
    on_trip = select(TripAgreed.follow_up_id).where(TripAgreed.trip_id == trip_id)
    in_touch = select(TripTouch.touch_id).where(TripTouch.trip_id == trip_id)
    promised = and_(FollowUp.touch_id.in_(in_touch), FollowUp.kind == "todo")
    statement = (
        select(FollowUp)
        .where(or_(FollowUp.id.in_(on_trip), promised), fieldwork.follow_ups_visible_to(actor))
        .options(joinedload(FollowUp.owner), joinedload(FollowUp.enterprise))
        .order_by(FollowUp.done_at.is_not(None), FollowUp.due_on.is_(None), FollowUp.due_on, FollowUp.id)
        .limit(MOST_TOUCHES)
    )
    return list(session.scalars(statement))


def agreed_twin(session: Session, trip_id: int, draft: FollowUpDraft, owner_id: int) -> FollowUp | None:
    """Return the open item agreed on a trip in the same words for the same person and day."""
    same = (FollowUp.title == draft.title.strip(), FollowUp.owner_id == owner_id, FollowUp.due_on == draft.due_on)
    statement = select(FollowUp).join(TripAgreed, TripAgreed.follow_up_id == FollowUp.id)
    return session.scalar(statement.where(TripAgreed.trip_id == trip_id, FollowUp.done_at.is_(None), *same).limit(1))


def of_touch(session: Session, actor: Actor, touch_id: int) -> Trip | None:
    """Return the trip a touch was logged on, when the person may see it."""
    return session.scalar(_of_touch(actor), {"touch": touch_id})


@lru_cache(maxsize=EYES)
def _of_touch(actor: Actor) -> Select[Trip]:
    joined = select(Trip).join(TripTouch, TripTouch.trip_id == Trip.id)
    return joined.where(TripTouch.touch_id == bindparam("touch"), visible_to(actor))


def twin(session: Session, actor: Actor, title: str, starts_on: date, unit_id: int) -> Trip | None:
    """Return the trip the person has planned already under this name for this day."""
    same = (Trip.title == title, Trip.starts_on == starts_on, Trip.unit_id == unit_id)
    return session.scalar(select(Trip).where(*same, Trip.created_by == actor.user_id, Trip.state == TripState.PLANNED))


def around(session: Session, actor: Actor, day: date, limit: int = 20) -> list[Trip]:
    """Return the trips on the road on a day, for the picker of a touch."""
    return list(session.scalars(_around(actor, limit), {"day": day}))


@lru_cache(maxsize=EYES)
def _around(actor: Actor, limit: int) -> Select[Trip]:
    day = bindparam("day", type_=Date())
    on_the_road = select(Trip).where(visible_to(actor), Trip.starts_on <= day, Trip.ends_on >= day)
    return on_the_road.order_by(Trip.starts_on.desc(), Trip.id.desc()).limit(limit)
