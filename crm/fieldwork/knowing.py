"""Who knows whom: which colleague knows which contacts, and through what — told by hand, or met on a visit.

Only contacts and visits the person who looks may read are counted; numbers and mail addresses are never read here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, cast, func, null, select, union_all
from sqlalchemy.orm import joinedload

from crm.auth.models import User
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises import queries as register
from crm.enterprises.contact_queries import in_use
from crm.enterprises.models import Contact, ContactKnower
from crm.fieldwork.models import Touch, TouchContact
from crm.fieldwork.queries import counted, visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 500
NOTHING = cast(null(), String())


@dataclass(frozen=True, slots=True)
class Tie:
    """One colleague and one contact: how close by their own word, how often met, when last."""

    user_id: int
    contact_id: int
    closeness: str | None
    note: str | None
    meetings: int
    last_met: datetime | None


@dataclass(frozen=True, slots=True)
class Circle:
    """A colleague with how many contacts are known and how many of them were met."""

    user_id: int
    name: str
    known: int
    met: int


def circles(session: Session, actor: Actor, *, cursor: str | None) -> Page[Circle]:
    """Return a page of colleagues, by name, with the size of what they know."""
    pairs = _pairs(actor).subquery()
    contact = pairs.c.contact_id.distinct()
    columns: list[Any] = [
        User.id,
        User.name,
        func.count(contact),
        func.count(contact).filter(pairs.c.met_at.is_not(None)),
    ]
    statement = select(*columns).join(pairs, pairs.c.user_id == User.id).group_by(User.id, User.name)
    order = (Key(User.name), Key(User.id))
    page = fetch_page(session, statement, order, lambda row: (row[1], row[0]), cursor=cursor)
    return Page(tuple(Circle(*row) for row in page.rows), page.next, page.previous)


def known_by(session: Session, actor: Actor, user_id: int, *, cursor: str | None) -> Page[Contact]:
    """Return a page of the contacts a colleague knows, by name."""
    pairs = _pairs(actor).subquery()
    ids = select(pairs.c.contact_id).where(pairs.c.user_id == user_id)
    statement = _contacts(actor).where(Contact.id.in_(ids))
    order = (Key(Contact.sort_key), Key(Contact.id))
    return fetch_page(session, statement, order, lambda row: (row.sort_key, row.id), cursor=cursor)


def contacts_at(session: Session, actor: Actor, enterprise_id: int) -> list[Contact]:
    """Return the contacts of an enterprise the person may see, by name."""
    statement = _contacts(actor).where(Contact.enterprise_id == enterprise_id).order_by(Contact.sort_key, Contact.id)
    return list(session.scalars(statement.limit(MOST)))


def ties(
    session: Session, actor: Actor, contact_ids: Sequence[int], user_id: int | None = None
) -> dict[int, list[Tie]]:
    """Return who knows these contacts, by contact, the closest first; of one colleague only where asked."""
    rows = _pairs(actor).subquery()
    statement = select(
        rows.c.user_id,
        rows.c.contact_id,
        func.max(rows.c.closeness),
        func.max(rows.c.note),
        func.count(rows.c.met_at),
        func.max(rows.c.met_at),
    ).where(rows.c.contact_id.in_(contact_ids))
    if user_id is not None:
        statement = statement.where(rows.c.user_id == user_id)
    found: dict[int, list[Tie]] = defaultdict(list)
    for row in session.execute(statement.group_by(rows.c.user_id, rows.c.contact_id)):
        found[row[1]].append(Tie(*row))
    return {contact: sorted(some, key=_nearness) for contact, some in found.items()}


def _nearness(tie: Tie) -> tuple[int, int, int]:
    order = {"close": 0, "acquainted": 1, "met": 2}
    return order.get(tie.closeness or "", 3), -tie.meetings, tie.user_id


def _contacts(actor: Actor) -> Select[Contact]:
    return select(Contact).where(_open(actor)).options(joinedload(Contact.enterprise))


def _open(actor: Actor) -> ColumnElement[bool]:
    return register.visible_to(actor) & in_use()


def _pairs(actor: Actor) -> Select[Any]:
    """One row for each time somebody said or showed that a contact is known."""
    said = (
        select(
            ContactKnower.user_id,
            ContactKnower.contact_id,
            ContactKnower.closeness,
            ContactKnower.note,
            cast(null(), Touch.occurred_at.type).label("met_at"),
        )
        .join(Contact, Contact.id == ContactKnower.contact_id)
        .where(_open(actor))
    )
    met = (
        select(Touch.created_by, TouchContact.contact_id, NOTHING, NOTHING, Touch.occurred_at)
        .join(TouchContact, TouchContact.touch_id == Touch.id)
        .join(Contact, Contact.id == TouchContact.contact_id)
        .where(_open(actor), counted(), visible_to(actor))
    )
    both = union_all(said, met).subquery()
    return select(both.c.user_id, both.c.contact_id, both.c.closeness, both.c.note, both.c.met_at)
