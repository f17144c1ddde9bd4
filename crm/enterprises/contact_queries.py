"""Reads of one contact: posts over time, who knows it, who else has its number, who looked."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, union
from sqlalchemy.orm import joinedload

from crm.auth.models import User
from crm.core.audit import AuditEvent
from crm.core.errors import DomainError, Problem
from crm.enterprises import queries
from crm.enterprises.indexing import CONTACT
from crm.enterprises.models import Contact, ContactKnower, ContactPost
from crm.enterprises.reach import email_key, phone_key

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

POSTS = 50
LOOKS = 20
LOOKED = ("contact.reveal", "contact.export")
SAME_HERE = "“%(name)s”（%(firm)s）已登记同一个电话或邮箱。确是另一个人时，请勾选“仍要保存”。"
SAME_ELSEWHERE = "其他单位已登记同号联系人。确要登记时，请勾选“仍要保存”。"


def in_use() -> ColumnElement[bool]:
    """Condition: neither put away nor erased nor merged."""
    return Contact.archived_at.is_(None) & Contact.erased_at.is_(None)


def posts(session: Session, contact_id: int) -> list[ContactPost]:
    """Posts of a contact with their enterprises: the running one first, then the latest."""
    statement = (
        select(ContactPost)
        .where(ContactPost.contact_id == contact_id)
        .options(joinedload(ContactPost.enterprise))
        .order_by(ContactPost.until.is_not(None), ContactPost.until.desc(), ContactPost.since.desc(), ContactPost.id)
        .limit(POSTS)
    )
    return list(session.scalars(statement))


def running_post(session: Session, row: Contact) -> ContactPost | None:
    """Return the post a contact holds today, where it is registered."""
    statement = select(ContactPost).where(
        ContactPost.contact_id == row.id,
        ContactPost.enterprise_id == row.enterprise_id,
        ContactPost.until.is_(None),
    )
    return session.scalar(statement.order_by(ContactPost.id.desc()).limit(1))


def people_of(
    session: Session, actor: Actor, enterprise_id: int
) -> tuple[list[Contact], list[tuple[Contact, ContactPost]]]:
    """Contacts of an enterprise by name, and those who once held a post here and are elsewhere today."""
    rows = session.execute(_people_of().where(queries.visible_to(actor)), {"firm": enterprise_id}).all()
    today = [row[0] for row in rows if row[0].enterprise_id == enterprise_id]
    former = {row[0].id: (row[0], row[1]) for row in rows if row[1] is not None}
    return today, list(former.values())[:POSTS]


@cache
def _people_of() -> Select[Contact, ContactPost]:
    firm: BindParameter[int] = bindparam("firm")
    here = select(Contact.id).where(Contact.enterprise_id == firm)
    once = select(ContactPost.contact_id).where(ContactPost.enterprise_id == firm)
    known = union(here, once).subquery()
    at = (ContactPost.contact_id == Contact.id) & (ContactPost.enterprise_id == firm)
    return (
        select(Contact, ContactPost)
        .join(known, known.c.id == Contact.id)
        .outerjoin(ContactPost, at & (Contact.enterprise_id != firm))
        .where(in_use())
        .options(joinedload(Contact.enterprise))
        .order_by(Contact.sort_key, Contact.id, ContactPost.id)
    )


def knowers(session: Session, contact_id: int) -> list[tuple[ContactKnower, str]]:
    """Who of us knows a contact, with names."""
    statement = (
        select(ContactKnower, User.name)
        .join(User, User.id == ContactKnower.user_id)
        .where(ContactKnower.contact_id == contact_id)
        .order_by(User.name, User.id)
        .limit(POSTS)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def looks(session: Session, contact_id: int, limit: int = LOOKS) -> list[tuple[AuditEvent, str | None]]:
    """Who looked at phone and mail of a contact, or exported them, the latest first."""
    statement = (
        select(AuditEvent, User.name)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .where(
            AuditEvent.subject_type == CONTACT,
            AuditEvent.subject_id == contact_id,
            AuditEvent.action.in_(LOOKED),
        )
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def twins(session: Session, phone: str | None, email: str | None, own_id: int | None = None) -> list[Contact]:
    """Contacts in use that share a number or address, of whichever unit; a handful at most."""
    keys = [
        column == key
        for column, key in ((Contact.phone_key, phone_key(phone)), (Contact.email_key, email_key(email)))
        if key
    ]
    if not keys:
        return []
    statement = select(Contact).where(or_(*keys), in_use()).options(joinedload(Contact.enterprise))
    if own_id is not None:
        statement = statement.where(Contact.id != own_id)
    return list(session.scalars(statement.order_by(Contact.id).limit(5)))


def same_reach(
    session: Session, actor: Actor, phone: str | None, email: str | None, own_id: int | None = None
) -> list[Problem]:
    """Say who is on record with this number or address; names only of those the actor may see."""
    found = twins(session, phone, email, own_id)
    if not found:
        return []
    seen = set(
        session.scalars(select(Contact.id).where(Contact.id.in_([row.id for row in found]), queries.visible_to(actor)))
    )
    problems = [
        Problem("contact.same", SAME_HERE, "confirmed", {"name": row.name, "firm": row.enterprise.name, "id": row.id})
        for row in found
        if row.id in seen
    ]
    return problems or [Problem("contact.same_elsewhere", SAME_ELSEWHERE, "confirmed")]


def refuse_twins(session: Session, actor: Actor, phone: str | None, email: str | None, own_id: int | None) -> None:
    """Raise DomainError when somebody else in use has this number or address."""
    problems = same_reach(session, actor, phone, email, own_id)
    if problems:
        raise DomainError(*problems)
