"""What the law asks of us about a person: look only with a reason, forget when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, null, or_, select, update
from sqlalchemy.orm import joinedload

from crm.auth.rules import SYSTEM, Actor, Permission
from crm.core import audit
from crm.core.changes import FieldChange
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.searchindex import SearchDocument
from crm.core.text import sort_key
from crm.enterprises import queries
from crm.enterprises.indexing import CONTACT
from crm.enterprises.models import Contact, ContactKnower, ContactPost
from crm.enterprises.reach import set_reach
from crm.enterprises.rules import LINE, REVEAL_REASONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

NOBODY = "已删除的联系人"
OTHER = "other"
MOST_ALIKE = 20
BLANKED = ("post", "source", "known_through", "introducer", "hometown", "note", "notice_on", "retain_until")
NO_REVEAL = Problem("contact.reveal", "您的角色不能查看联系电话和邮箱。")
NO_ERASE = Problem("contact.erase", "您的角色不能删除个人信息，请找招商办。")
WHY = Problem("contact.why", "请先选择查看事由，再显示电话和邮箱。", "reason")
WHAT_ELSE = Problem("contact.why_other", "选“其他”时请写明事由。", "other")
ERASE_WHY = Problem("contact.erase_why", "请写明删除原因，例如 本人要求删除。", "reason")
ERASE_NAME = Problem("contact.erase_name", "请输入这位联系人的姓名来确认。", "name")


def reveal_contact(
    session: Session, actor: Actor, contact_id: int, *, reason: str, other: str = "", now: datetime
) -> Contact:
    """Return a contact whose phone and mail may be shown now; the look and its reason are on record.

    ``reason`` is a key of ``REVEAL_REASONS``; ``other`` says it in words.

    Raises:
        ForbiddenError: the actor may not see numbers of this unit.
        DomainError: no reason was given.

    """
    row = queries.contact(session, actor, contact_id)
    if not actor.reaches(Permission.CONTACT_REVEAL, row.unit_id):
        raise ForbiddenError(NO_REVEAL)
    if reason not in REVEAL_REASONS:
        raise DomainError(WHY)
    words = other.strip()[:LINE]
    if reason == OTHER and not words:
        raise DomainError(WHAT_ELSE)
    detail = {"enterprise_id": row.enterprise_id, "reason": REVEAL_REASONS[reason]}
    if reason == OTHER:
        detail["reason"] = words
    audit.record(session, actor.user_id, "contact.reveal", (CONTACT, row.id), now=now, **detail)
    return row


def erasable(session: Session, actor: Actor, contact_id: int) -> Contact:
    """Return a contact the actor may erase; raise NotFoundError or ForbiddenError."""
    row = session.get(Contact, contact_id) if actor is SYSTEM else queries.contact(session, actor, contact_id)
    if row is None:
        raise NotFoundError(queries.MISSING_CONTACT)
    if actor is not SYSTEM and not actor.reaches(Permission.CONTACT_ERASE, row.unit_id):
        raise ForbiddenError(NO_ERASE)
    return row


def one_person(session: Session, contact_id: int) -> list[Contact]:
    """Return all records of one person here: the contact, what it was merged into, and all merged into that."""
    found: dict[int, Contact] = {}
    wanted = {contact_id}
    while wanted:
        near = or_(Contact.id.in_(wanted), Contact.merged_into_id.in_(wanted))
        fresh = [row for row in session.scalars(select(Contact).where(near)) if row.id not in found]
        found |= {row.id: row for row in fresh}
        above = {row.merged_into_id for row in fresh if row.merged_into_id is not None}
        wanted = ({row.id for row in fresh} | above) - (wanted & found.keys())
    return [found[key] for key in sorted(found)]


def alike(session: Session, rows: Sequence[Contact]) -> list[Contact]:
    """Return other records with a number or address of these, of any unit, also those put away; a handful at most."""
    phones = {row.phone_key for row in rows if row.phone_key}
    emails = {row.email_key for row in rows if row.email_key}
    if not phones | emails:
        return []
    same = or_(Contact.phone_key.in_(phones), Contact.email_key.in_(emails))
    other = (Contact.id.not_in([row.id for row in rows]), Contact.erased_at.is_(None))
    statement = select(Contact).where(same, *other).options(joinedload(Contact.enterprise))
    return list(session.scalars(statement.order_by(Contact.id).limit(MOST_ALIKE)))


def forget(session: Session, row: Contact, *, now: datetime) -> None:
    """Take everything personal out of one contact record, its posts, knowers and kept changes.

    The row itself stays without a name, so that visits and figures that count it stay right.
    """
    row.name, row.legal_basis, row.do_not_contact = NOBODY, "duty", False
    row.sort_key = sort_key(NOBODY)
    set_reach(row, None, None)
    for field in BLANKED:
        setattr(row, field, None)
    row.archived_at = row.archived_at or now
    row.erased_at = row.updated_at = now
    session.flush()
    session.execute(delete(ContactPost).where(ContactPost.contact_id == row.id))
    session.execute(delete(ContactKnower).where(ContactKnower.contact_id == row.id))
    kept = update(FieldChange).where(FieldChange.kind == CONTACT, FieldChange.ref_id == row.id)
    session.execute(kept.values(before=null(), after=null()))
    session.expire(row, ["posts"])
    found = delete(SearchDocument).where(SearchDocument.kind == CONTACT, SearchDocument.ref_id == row.id)
    session.execute(found)
