"""What a leader led: trips, receptions, visits, and the projects linked to the person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from crm.auth.models import User
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch
from crm.fieldwork.receptions import queries as receptions
from crm.fieldwork.receptions.models import Reception, ReceptionPerson
from crm.fieldwork.receptions.rules import PersonRole, Side
from crm.fieldwork.rules import LeaderLevel
from crm.fieldwork.trips import queries as trips
from crm.fieldwork.trips.models import Trip, TripMember, TripTouch
from crm.fieldwork.trips.rules import MemberRole
from crm.pipeline import queries as pipeline
from crm.pipeline.intake import leaders
from crm.pipeline.intake.models import LeaderLink
from crm.pipeline.models import Project
from crm.pipeline.team.models import TaskForce

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

EACH = 50
MOST = 200
RANKS = (LeaderLevel.DEPARTMENT, LeaderLevel.COUNTY)


@dataclass(frozen=True, slots=True)
class Leader:
    """Somebody who led something: one of our people, or a name."""

    user_id: int | None
    name: str
    trips: int = 0
    receptions: int = 0


@dataclass(frozen=True, slots=True)
class Led:
    """What the page of a leader lists, each at most ``EACH``."""

    trips: tuple[Trip, ...]
    receptions: tuple[Reception, ...]
    touches: tuple[Touch, ...]
    projects: tuple[Project, ...]


def everybody(session: Session, actor: Actor, today: date) -> list[Leader]:
    """Return leaders in office and whoever led a trip or hosted a reception, who led most first."""
    names: dict[tuple[int | None, str], list[int]] = {
        (user_id, name): [0, 0] for user_id, name in leaders.leaders(session, today)
    }
    for place, statement in enumerate((_trip_heads(actor), _reception_heads(actor))):
        for user_id, own, typed, count in session.execute(statement):
            names.setdefault((user_id, own or typed or ""), [0, 0])[place] = count
    found = [Leader(user_id, name, *counts) for (user_id, name), counts in names.items() if name]
    return sorted(found, key=lambda one: (-one.trips - one.receptions, one.name))[:MOST]


def _trip_heads(actor: Actor) -> Select[int | None, str | None, str | None, int]:
    return (
        select(TripMember.user_id, User.name, TripMember.name, func.count())
        .join(Trip, Trip.id == TripMember.trip_id)
        .outerjoin(User, User.id == TripMember.user_id)
        .where(TripMember.role == MemberRole.LEADER, trips.visible_to(actor))
        .group_by(TripMember.user_id, User.name, TripMember.name)
        .limit(MOST)
    )


def _reception_heads(actor: Actor) -> Select[int | None, str | None, str | None, int]:
    return (
        select(ReceptionPerson.user_id, User.name, ReceptionPerson.name, func.count())
        .join(Reception, Reception.id == ReceptionPerson.reception_id)
        .outerjoin(User, User.id == ReceptionPerson.user_id)
        .where(_hosts(), receptions.visible_to(actor))
        .group_by(ReceptionPerson.user_id, User.name, ReceptionPerson.name)
        .limit(MOST)
    )


def led(session: Session, actor: Actor, who: Leader) -> Led:
    """Read what a leader led, within what the actor may see."""
    on_trips = select(TripMember.trip_id).where(TripMember.role == MemberRole.LEADER, _is(TripMember, who))
    hosted = select(ReceptionPerson.reception_id).where(_hosts(), _is(ReceptionPerson, who))
    journeys = select(Trip).where(Trip.id.in_(on_trips), trips.visible_to(actor))
    visits = (
        select(Reception)
        .where(Reception.id.in_(hosted), receptions.visible_to(actor))
        .options(joinedload(Reception.enterprise))
    )
    return Led(
        tuple(session.scalars(journeys.order_by(Trip.starts_on.desc(), Trip.id.desc()).limit(EACH))),
        tuple(session.scalars(visits.order_by(Reception.starts_at.desc(), Reception.id.desc()).limit(EACH))),
        tuple(session.scalars(_touches(actor, who, on_trips, hosted))),
        tuple(session.scalars(_projects(actor, who))) if who.user_id is not None else (),
    )


def _touches(actor: Actor, who: Leader, on_trips: Select[int], hosted: Select[int]) -> Select[Touch]:
    on_road = select(TripTouch.touch_id).where(TripTouch.trip_id.in_(on_trips))
    at_home = select(Reception.touch_id).where(Reception.id.in_(hosted), Reception.touch_id.is_not(None))
    own = (Touch.created_by == who.user_id) & Touch.leader_level.in_(RANKS)
    return (
        select(Touch)
        .where(or_(Touch.id.in_(on_road), Touch.id.in_(at_home), own), fieldwork.visible_to(actor), fieldwork.counted())
        .options(joinedload(Touch.enterprise), joinedload(Touch.author))
        .order_by(Touch.occurred_at.desc(), Touch.id.desc())
        .limit(EACH)
    )


def _projects(actor: Actor, who: Leader) -> Select[Project]:
    linked = select(LeaderLink.project_id).where(
        LeaderLink.leader_id == who.user_id, LeaderLink.project_id.is_not(None)
    )
    forces = select(TaskForce.project_id).where(
        TaskForce.leader_id == who.user_id, TaskForce.project_id.is_not(None), TaskForce.ended_at.is_(None)
    )
    return (
        select(Project)
        .where(or_(Project.id.in_(linked), Project.id.in_(forces)), pipeline.visible_to(actor))
        .options(joinedload(Project.enterprise))
        .order_by(Project.id.desc())
        .limit(EACH)
    )


def _hosts() -> ColumnElement[bool]:
    return (ReceptionPerson.side == Side.HOST) & (ReceptionPerson.role == PersonRole.LEADER)


def _is(model: type[TripMember | ReceptionPerson], who: Leader) -> ColumnElement[bool]:
    if who.user_id is not None:
        return model.user_id == who.user_id
    return model.user_id.is_(None) & (model.name == who.name)
