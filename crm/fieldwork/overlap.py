"""Several units calling one person: who that person is across their records, and what to say of it.

A person is what shares a phone, else a mail address, else is a record alone: several units may each
keep a record of the same person.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import String, cast, func, or_, select

from crm.core.errors import Problem
from crm.enterprises.models import Contact
from crm.fieldwork.models import Touch, TouchContact
from crm.fieldwork.queries import counted

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

CROWD_DAYS = 7
AVOID = "“%(name)s”本人要求不再联系，请不要再约；情况有变请先在联系人页更正。"
CROWDED = "“%(name)s”近期也有其他单位联系：%(days)s天前。请先与招商办协调，避免多头联系。"
CROWDED_TODAY = "“%(name)s”今天也有其他单位联系。请先与招商办协调，避免多头联系。"


def person() -> ColumnElement[str]:
    """Name a person across the records of units."""
    return func.coalesce(Contact.phone_key, Contact.email_key, cast(Contact.id, String))


def key_of(row: Contact) -> str:
    """Name the person of a record, as :func:`person` does."""
    return row.phone_key or row.email_key or str(row.id)


def last_by_others(session: Session, rows: Collection[Contact], *, unit_id: int, now: datetime) -> dict[int, datetime]:
    """When another unit last touched these persons within a week, by contact id."""
    if not rows:
        return {}
    statement = (
        select(person(), func.max(Touch.occurred_at))
        .join(TouchContact, TouchContact.contact_id == Contact.id)
        .join(Touch, Touch.id == TouchContact.touch_id)
        .where(
            _same_as(rows),
            counted(),
            Touch.unit_id != unit_id,
            Touch.occurred_at >= now - timedelta(days=CROWD_DAYS),
            Touch.occurred_at <= now,
        )
        .group_by(person())
    )
    latest: dict[str, datetime] = {row[0]: row[1] for row in session.execute(statement)}
    return {row.id: latest[key_of(row)] for row in rows if key_of(row) in latest}


def _same_as(rows: Collection[Contact]) -> ColumnElement[bool]:
    """Condition: records of these persons, by columns that have an index."""
    phones, emails = {row.phone_key for row in rows}, {row.email_key for row in rows if not row.phone_key}
    mailed = Contact.phone_key.is_(None) & Contact.email_key.in_(emails - {None})
    return or_(Contact.phone_key.in_(phones - {None}), mailed, Contact.id.in_({row.id for row in rows}))


def days_since_other_unit(session: Session, row: Contact, *, now: datetime) -> int | None:
    """Say how many days ago (0: today) another unit than its own touched this person; None when not within a week."""
    at = last_by_others(session, [row], unit_id=row.unit_id, now=now).get(row.id)
    return None if at is None else (now - at).days


def cautions(session: Session, touch: Touch, *, now: datetime) -> list[Problem]:
    """Say what whoever logged a touch should know of the people in it: not to be contacted, called by others too."""
    others = last_by_others(session, touch.contacts, unit_id=touch.unit_id, now=now)
    found = []
    for row in touch.contacts:
        if row.do_not_contact:
            found.append(Problem("contact.avoid", AVOID, None, {"name": row.name}))
        if row.id in others:
            days = (now - others[row.id]).days
            message = CROWDED if days else CROWDED_TODAY
            found.append(Problem("contact.crowded", message, None, {"name": row.name, "days": days}))
    return found
