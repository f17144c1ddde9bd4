"""Health of the network: new faces, who was forgotten, growth, and people called by several units at once.

A person is what shares a phone, else a mail address, else is a record alone: several units may each
keep a record of the same person.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from crm.auth import queries as people
from crm.auth.rules import Permission
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises import contact_queries
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch, TouchContact
from crm.fieldwork.overlap import CROWD_DAYS, person
from crm.fieldwork.rules import TouchKind
from crm.register.contact_list import MONTH, last_touch, retention_due, untouched_since

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

PERIODS = (30, 90, 365)
QUIET_MONTHS = (3, 6, 12)
MEETINGS = (TouchKind.VISIT, TouchKind.RECEPTION, TouchKind.INSPECTION, TouchKind.NEGOTIATION)
CROWD_LOOK_BACK = timedelta(days=90)
CROWDS = 30
CANDIDATES = 200
CROWD_TOUCHES = 3000
MONTHS = 12
FIRST, LAST = func.min(Touch.occurred_at).label("first"), func.max(Touch.occurred_at).label("last")


@dataclass(frozen=True, slots=True)
class Faces:
    """Persons met in a period, and how many of them for the first time; ``unit`` None for all together."""

    unit: str | None
    met: int
    new: int
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class FaceFilter:
    """Which persons a figure of new faces counted: met in the period, by one unit, only new ones."""

    since: datetime
    until: datetime
    unit_id: int | None = None
    new: bool = False


@dataclass(frozen=True, slots=True)
class Growth:
    """Contacts on record before the first month and added in each; kept too long; not to be contacted."""

    before: int
    added: tuple[int, ...]
    due: int
    avoid: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """One touch of a person in a crowd; ``unit`` None: another unit the reader knows nothing of."""

    unit: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Crowd:
    """A person whom at least two units touched within a few days."""

    contact: Contact
    firm: str
    meetings: tuple[Meeting, ...]


def _touched(actor: Actor | None) -> Select[Any]:
    statement = (
        select(Touch.id)
        .join(TouchContact, TouchContact.touch_id == Touch.id)
        .join(Contact, Contact.id == TouchContact.contact_id)
        .where(fieldwork.counted(), Contact.erased_at.is_(None))
    )
    return statement if actor is None else statement.where(fieldwork.visible_to(actor), enterprises.visible_to(actor))


def faces(session: Session, actor: Actor, *, since: datetime, now: datetime) -> tuple[Faces, list[Faces]]:
    """Count persons met from ``since`` to ``now`` and those met then for the first time: all, and by unit.

    A unit's new face is one that this unit had not met before; for all together, nobody had.
    """
    by_unit = _faces(session, actor, since, now, by_unit=True)
    names = people.unit_names(session, [unit_id for unit_id, _met, _new in by_unit])
    rows = [Faces(names.get(unit_id, ""), met, new, unit_id) for unit_id, met, new in by_unit]
    everything = _faces(session, actor, since, now, by_unit=False)
    return Faces(None, everything[0][1], everything[0][2]), sorted(rows, key=lambda row: (-row.met, row.unit or ""))


def _faces(
    session: Session, actor: Actor, since: datetime, now: datetime, *, by_unit: bool
) -> list[tuple[int, int, int]]:
    who = person().label("who")
    grouped = [Touch.unit_id, who] if by_unit else [who]
    persons = _met(actor, now).with_only_columns(*grouped, FIRST, LAST).group_by(*grouped).subquery()
    figures = (func.count(), _sum(persons.c.first >= since))
    if not by_unit:
        row = session.execute(select(*figures).where(persons.c.last >= since)).one()
        return [(0, int(row[0]), int(row[1]))]
    statement = select(persons.c.unit_id, *figures).where(persons.c.last >= since).group_by(persons.c.unit_id)
    return [(int(unit_id), int(count), int(new)) for unit_id, count, new in session.execute(statement)]


def face_rows(session: Session, actor: Actor, wanted: FaceFilter, *, cursor: str | None) -> tuple[Page[Any], int]:
    """Return a page of (contact, enterprise, first met, last met) behind a figure of :func:`faces`, and how many.

    Each person stands once, by the latest record of it.
    """
    who, latest = person().label("who"), func.max(Contact.id).label("contact_id")
    met = _met(actor, wanted.until)
    if wanted.unit_id is not None:
        met = met.where(Touch.unit_id == wanted.unit_id)
    persons = met.with_only_columns(who, latest, FIRST, LAST).group_by(who).subquery()
    statement: Any = (
        select(Contact, Enterprise.name, persons.c.first, persons.c.last)
        .join(persons, persons.c.contact_id == Contact.id)
        .join(Enterprise, Enterprise.id == Contact.enterprise_id)
        .where(persons.c.last >= wanted.since)
    )
    if wanted.new:
        statement = statement.where(persons.c.first >= wanted.since)
    total = session.scalar(select(func.count()).select_from(statement.with_only_columns(Contact.id).subquery())) or 0
    order = [Key(Contact.sort_key), Key(Contact.id)]
    return fetch_page(session, statement, order, lambda row: [row[0].sort_key, row[0].id], cursor=cursor), total


def _met(actor: Actor, until: datetime) -> Select[Any]:
    return _touched(actor).where(Touch.kind.in_(MEETINGS), Touch.occurred_at <= until)


def forgotten(
    session: Session, actor: Actor, months: int, *, cursor: str | None, now: datetime
) -> tuple[Page[Any], int]:
    """Return a page of (contact, enterprise, last touch) whom nobody touched for ``months``, and how many."""
    statement: Any = (
        select(Contact, Enterprise.name, last_touch(actor).label("last"))
        .join(Enterprise, Enterprise.id == Contact.enterprise_id)
        .where(enterprises.visible_to(actor), contact_queries.in_use(), untouched_since(actor, now - MONTH * months))
    )
    total = session.scalar(select(func.count()).select_from(statement.with_only_columns(Contact.id).subquery())) or 0
    order = [Key(Contact.sort_key), Key(Contact.id)]
    return fetch_page(session, statement, order, lambda row: [row[0].sort_key, row[0].id], cursor=cursor), total


def growth(session: Session, actor: Actor, months: Sequence[tuple[datetime, datetime]], today: date) -> Growth:
    """Count the contacts of the actor's view: before the first month, added in each; what the law asks to look at."""
    start = months[0][0]
    columns = [
        _sum(Contact.created_at < start),
        _sum(retention_due(today) & contact_queries.in_use()),
        _sum(Contact.do_not_contact.is_(True) & contact_queries.in_use()),
        *(_sum((Contact.created_at >= begin) & (Contact.created_at < end)) for begin, end in months),
    ]
    mine = (enterprises.visible_to(actor), Contact.erased_at.is_(None), Contact.merged_into_id.is_(None))
    before, due, avoid, *added = (int(count) for count in session.execute(select(*columns).where(*mine)).one())
    return Growth(before, tuple(added), due, avoid)


def months_until(today: date, zone: ZoneInfo, count: int = MONTHS) -> list[tuple[date, datetime, datetime]]:
    """Return the last calendar months of the office, the running one last: first day, begin, end."""
    number = today.year * 12 + today.month - 1
    firsts = [date(one // 12, one % 12 + 1, 1) for one in range(number - count + 1, number + 2)]
    begins = [datetime.combine(first, time(), tzinfo=zone) for first in firsts]
    return list(zip(firsts[:-1], begins[:-1], begins[1:], strict=True))


def _sum(condition: ColumnElement[bool]) -> Any:  # noqa: ANN401 (an aggregate column)
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def crowds(session: Session, actor: Actor, *, now: datetime) -> list[Crowd]:
    """Return persons whom two units touched within a week, the latest first; at most :data:`CROWDS`.

    Who reads only its own unit learns that another unit was there, not which one nor when.
    """
    since = now - CROWD_LOOK_BACK
    recent = _touched(None).where(Touch.occurred_at >= since, Touch.occurred_at <= now)
    mine = select(person()).where(enterprises.visible_to(actor), contact_queries.in_use())
    wanted = (
        recent.with_only_columns(person())
        .where(person().in_(mine))
        .group_by(person())
        .having(func.count(func.distinct(Touch.unit_id)) > 1)
        .order_by(func.max(Touch.occurred_at).desc(), person())
        .limit(CANDIDATES)
    )
    keys = list(session.scalars(wanted))
    rows = (
        recent.with_only_columns(person(), Touch.unit_id, Touch.occurred_at)
        .where(person().in_(keys))
        .order_by(Touch.occurred_at.desc(), Touch.id.desc())
        .limit(CROWD_TOUCHES)
    )
    seen: defaultdict[str, list[tuple[int, datetime]]] = defaultdict(list)
    for key, unit_id, at in session.execute(rows) if keys else ():
        seen[key].append((unit_id, at))
    crowded = {key: found for key in keys if (found := crowd_of(seen[key]))}
    return _named(session, actor, dict(list(crowded.items())[:CROWDS]))


def crowd_of(meetings: Sequence[tuple[int, datetime]]) -> list[tuple[int, datetime]]:
    """Pick the touches that have one of another unit within :data:`CROWD_DAYS` days; newest first."""
    span = timedelta(days=CROWD_DAYS)
    return [
        (unit, at) for unit, at in meetings if any(other != unit and abs(at - then) <= span for other, then in meetings)
    ]


def _named(session: Session, actor: Actor, crowded: dict[str, list[tuple[int, datetime]]]) -> list[Crowd]:
    if not crowded:
        return []
    scope = actor.scope(Permission.TOUCH_READ)
    names = people.unit_names(session, [unit for found in crowded.values() for unit, _at in found])
    statement = (
        select(person(), Contact, Enterprise.name)
        .join(Enterprise, Enterprise.id == Contact.enterprise_id)
        .where(person().in_(list(crowded)), enterprises.visible_to(actor), contact_queries.in_use())
        .order_by(Contact.id.desc())
    )
    records = {key: (row, firm) for key, row, firm in session.execute(statement)}
    return [
        Crowd(*records[key], tuple(_meetings(found, scope, names))) for key, found in crowded.items() if key in records
    ]


def _meetings(found: list[tuple[int, datetime]], scope: frozenset[int] | None, names: dict[int, str]) -> list[Meeting]:
    told = [Meeting(names.get(unit, ""), at) for unit, at in found if scope is None or unit in scope]
    return told if len(told) == len(found) else [*told, Meeting(None, None)]
