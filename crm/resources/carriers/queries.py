"""Reads of carriers: the list with what is free on a day, one carrier, its parts and holds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, or_, select, type_coerce

from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.core.types import Wan
from crm.resources.carriers.models import Carrier, CarrierHold
from crm.resources.carriers.narrowing import Wanted, conditions, held_on, offered_again
from crm.resources.carriers.rules import LAND, ZERO, Availability, CarrierKind, Held, availability

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

__all__ = ["Wanted", "held_on", "offered_again"]  # what of the narrowing others reach through here

MISSING = Problem("carrier.missing", "没有这处载体，可能已被删除。")
NO_HOLD = Problem("hold.missing", "没有这条占用记录。")
MOST = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """A carrier with what is free of it on the day asked."""

    carrier: Carrier
    free: Decimal
    state: Availability


@dataclass(frozen=True, slots=True)
class Total:
    """What is offered in all: carriers, area and free area by land (亩) and buildings (平方米)."""

    land: int
    land_area: Decimal
    land_free: Decimal
    floors: int
    floor_area: Decimal
    floor_free: Decimal


def may_manage(actor: Actor, unit_id: int) -> bool:
    """Whether a person keeps the carriers of a unit."""
    return actor.reaches(Permission.RESOURCE_MANAGE, unit_id)


def get(session: Session, carrier_id: int, *, lock: bool = False) -> Carrier:
    """Return a carrier."""
    statement = select(Carrier).where(Carrier.id == carrier_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found: Carrier | None = session.scalar(statement)
    if found is None:
        raise NotFoundError(MISSING)
    return found


def hold(session: Session, hold_id: int) -> CarrierHold:
    """Return a hold."""
    found = session.get(CarrierHold, hold_id)
    if found is None:
        raise NotFoundError(NO_HOLD)
    return found


def listing(session: Session, wanted: Wanted, day: date, *, cursor: str | None) -> Page[Shown]:
    """List carriers by their code with what is free on a day."""
    held = held_on(day)
    statement = select(Carrier, held).where(*conditions(wanted, held, day))
    page = fetch_page(session, statement, [Key(Carrier.code)], lambda row: [row[0].code], cursor=cursor)
    return Page(tuple(_shown(row[0], row[1], day) for row in page.rows), page.next, page.previous)


def chosen(session: Session, wanted: Wanted, day: date, most: int = MOST) -> list[Shown]:
    """Give carriers without pages: for the map, an export or a choice."""
    held = held_on(day)
    statement = select(Carrier, held).where(*conditions(wanted, held, day)).order_by(Carrier.code).limit(most)
    return [_shown(row[0], row[1], day) for row in session.execute(statement)]


def total(session: Session, wanted: Wanted, day: date) -> Total:
    """Add up what a list shows; parks count through what lies in them, so they are left out."""
    held = held_on(day)
    land = Carrier.kind.in_(LAND)
    free = type_coerce(func.sum(case((Carrier.area > held, Carrier.area - held), else_=0)), Wan())
    statement = (
        select(land, func.count(), func.sum(Carrier.area), free)
        .where(*conditions(wanted, held, day), Carrier.kind != CarrierKind.PARK, Carrier.withdrawn_on.is_(None))
        .group_by(land)
    )
    sums = {bool(row[0]): row[1:] for row in session.execute(statement)}
    nothing = (0, ZERO, ZERO)
    return Total(*sums.get(True, nothing), *sums.get(False, nothing))


def _shown(carrier: Carrier, held: Decimal | None, day: date) -> Shown:
    free = max(ZERO, carrier.area - (held or ZERO))
    gone = carrier.withdrawn_on is not None and carrier.withdrawn_on <= day
    return Shown(carrier, free, availability(carrier.area, free, withdrawn=gone))


def show(session: Session, carrier: Carrier, day: date) -> Shown:
    """Give one carrier with what is free of it on a day."""
    held = session.scalar(select(held_on(day)).where(Carrier.id == carrier.id))
    return _shown(carrier, held, day)


def holds(session: Session, carrier_id: int) -> list[CarrierHold]:
    """Give who holds what of a carrier, the latest first."""
    statement = (
        select(CarrierHold)
        .where(CarrierHold.carrier_id == carrier_id)
        .order_by(CarrierHold.from_on.desc(), CarrierHold.id.desc())
        .limit(MOST)
    )
    return list(session.scalars(statement))


def touching(session: Session, carrier_id: int, start: date) -> bool:
    """Whether anybody holds a part of a carrier on a day or later."""
    return session.scalar(select(CarrierHold.id).where(*_touches(carrier_id, start, None)).limit(1)) is not None


def _touches(carrier_id: int, start: date, end: date | None) -> list[ColumnElement[bool]]:
    found = [CarrierHold.carrier_id == carrier_id, or_(CarrierHold.until_on.is_(None), CarrierHold.until_on >= start)]
    return found if end is None else [*found, CarrierHold.from_on <= end]


def fullest(session: Session, carrier_id: int, start: date, end: date | None = None) -> Held:
    """The first day from ``start`` to ``end`` (None: for good) on which most is held, with how much: every hold counts.

    The database adds up what begins and what ends by day, so that years of holds are a few sums.
    """
    area, touches = func.sum(CarrierHold.area), _touches(carrier_id, start, end)
    change: defaultdict[date, Decimal] = defaultdict(Decimal)
    begins = select(CarrierHold.from_on, area).where(*touches).group_by(CarrierHold.from_on)
    ends = select(CarrierHold.until_on, area).where(*touches, CarrierHold.until_on < date.max)
    for day, begun in session.execute(begins):
        change[max(day, start)] += begun
    for last, ended in session.execute(ends.group_by(CarrierHold.until_on)):
        if last is not None:
            change[last + timedelta(days=1)] -= ended
    held = ZERO
    most = Held(held, start, start)
    for day in sorted(change):
        held += change[day]
        if held > most.area and (end is None or day <= end):
            most = Held(held, day, day)
    return most


def again_since(session: Session, ids: Iterable[int], day: date) -> dict[int, date]:
    """Give the day since which carriers are offered again; those that are not are left out."""
    since = offered_again(day)
    rows = session.execute(select(Carrier.id, since).where(Carrier.id.in_(set(ids)), since.is_not(None)))
    return {row[0]: row[1] for row in rows}


def running(session: Session, project_id: int, day: date) -> list[CarrierHold]:
    """Give what a project holds on a day or will hold later, locked."""
    statement = select(CarrierHold).where(
        CarrierHold.project_id == project_id,
        CarrierHold.ended_at.is_(None),
        or_(CarrierHold.until_on.is_(None), CarrierHold.until_on >= day),
    )
    return list(session.scalars(statement.order_by(CarrierHold.id).with_for_update()))


def holds_of(session: Session, project_ids: Sequence[int]) -> list[CarrierHold]:
    """Give what projects hold or held, the latest first."""
    statement = (
        select(CarrierHold)
        .where(CarrierHold.project_id.in_(project_ids))
        .order_by(CarrierHold.from_on.desc(), CarrierHold.id.desc())
        .limit(MOST)
    )
    return list(session.scalars(statement))


def named(session: Session, ids: Iterable[int]) -> dict[int, Carrier]:
    """Give carriers by id."""
    return {row.id: row for row in session.scalars(select(Carrier).where(Carrier.id.in_(set(ids))))}


def parks(session: Session) -> list[tuple[int, str]]:
    """Give parks to choose from."""
    statement = (
        select(Carrier.id, Carrier.name)
        .where(Carrier.kind == CarrierKind.PARK, Carrier.withdrawn_on.is_(None))
        .order_by(Carrier.code)
        .limit(MOST)
    )
    return [(row.id, row.name) for row in session.execute(statement)]


def parks_to_choose(session: Session, actor: Actor, row: Carrier | None) -> list[tuple[int, str]]:
    """Give parks a carrier may be put into by a person, and the one it lies in."""
    units, held = actor.scope(Permission.RESOURCE_MANAGE), None if row is None else row.parent_id
    statement = select(Carrier.id, Carrier.name).where(
        Carrier.kind == CarrierKind.PARK, Carrier.id != (row.id if row else 0)
    )
    open_ = Carrier.withdrawn_on.is_(None)
    may = open_ if units is None else and_(open_, Carrier.unit_id.in_(units))
    found = session.execute(statement.where(or_(may, Carrier.id == held)).order_by(Carrier.code).limit(MOST))
    return [(key, name) for key, name in found]
