"""Keep the contacts of a unit: add, change, show a number (logged), put away, bring back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth.rules import Actor, Permission
from crm.core import audit, jobs
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.core.tasks import enqueue
from crm.core.text import sort_key
from crm.enterprises import queries
from crm.enterprises.indexing import CONTACT, index_contacts
from crm.enterprises.models import Contact
from crm.enterprises.rules import ContactDraft, contact_problems

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

SORT_LENGTH = 400
FIELDS = ("name", "post", "phone", "email", "source", "note", "do_not_contact")
NO_UNIT = Problem("contact.unit", "您今天没有编在任何机构，不能登记联系人。请联系管理员调整编组。")
NO_WRITE = Problem("contact.write", "您的角色不能修改联系人。")
NO_REVEAL = Problem("contact.reveal", "您的角色不能查看联系电话和邮箱。")


def add_contact(session: Session, actor: Actor, enterprise_id: int, draft: ContactDraft, *, now: datetime) -> Contact:
    """Add a contact of the actor's own unit; raise DomainError with what is wrong."""
    unit_id = next((unit for unit in actor.unit_ids if actor.reaches(Permission.CONTACT_WRITE, unit)), None)
    if unit_id is None:
        raise ForbiddenError(NO_UNIT)
    row = Contact(
        enterprise_id=queries.enterprise(session, enterprise_id).id,
        unit_id=unit_id,
        created_by=actor.user_id,
        created_at=now,
    )
    _fill(row, draft)
    session.add(row)
    session.flush()
    _keep(session, actor, "contact.create", row, now)
    return row


def update_contact(session: Session, actor: Actor, contact_id: int, draft: ContactDraft, *, now: datetime) -> Contact:
    """Change a contact; raise DomainError with what is wrong."""
    row = _writable(session, actor, contact_id)
    before = {field: getattr(row, field) for field in FIELDS}
    _fill(row, draft)
    changed = [field for field in FIELDS if before[field] != getattr(row, field)]
    if changed:
        _keep(session, actor, "contact.update", row, now, fields=changed)
    return row


def archive_contact(session: Session, actor: Actor, contact_id: int, *, now: datetime) -> Contact:
    """Put a contact away; visits that name it keep it."""
    row = _writable(session, actor, contact_id)
    if row.archived_at is None:
        row.archived_at = now
        _keep(session, actor, "contact.archive", row, now)
    return row


def restore_contact(session: Session, actor: Actor, contact_id: int, *, now: datetime) -> Contact:
    """Bring a contact back."""
    row = _writable(session, actor, contact_id)
    if row.archived_at is not None:
        row.archived_at = None
        _keep(session, actor, "contact.restore", row, now)
    return row


def reveal_contact(session: Session, actor: Actor, contact_id: int, *, now: datetime) -> Contact:
    """Return a contact whose phone and mail may be shown now; the look is on record."""
    row = queries.contact(session, actor, contact_id)
    if not actor.reaches(Permission.CONTACT_REVEAL, row.unit_id):
        raise ForbiddenError(NO_REVEAL)
    audit.record(session, actor.user_id, "contact.reveal", (CONTACT, row.id), now=now, enterprise_id=row.enterprise_id)
    return row


def _writable(session: Session, actor: Actor, contact_id: int) -> Contact:
    row = queries.contact(session, actor, contact_id)
    if not actor.reaches(Permission.CONTACT_WRITE, row.unit_id):
        raise ForbiddenError(NO_WRITE)
    return row


def _fill(row: Contact, draft: ContactDraft) -> None:
    problems = contact_problems(draft)
    if problems:
        raise DomainError(*problems)
    for field in FIELDS:
        setattr(row, field, getattr(draft, field))
    row.sort_key = sort_key(draft.name)[:SORT_LENGTH]


def _keep(session: Session, actor: Actor, action: str, row: Contact, now: datetime, **detail: object) -> None:
    audit.record(session, actor.user_id, action, (CONTACT, row.id), now=now, enterprise_id=row.enterprise_id, **detail)
    index_contacts(session, [row.id])
    key = f"rescore:{row.enterprise_id}"
    enqueue(session, jobs.RESCORE, {"enterprise_id": row.enterprise_id}, now=now, dedupe_key=key)
