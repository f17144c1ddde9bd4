"""Keep the contacts of a unit: add, change, put away, bring back; every change of a field is kept."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm.exc import StaleDataError

from crm.auth.rules import SYSTEM, Actor, Permission
from crm.core import audit, changes, jobs
from crm.core.changes import FieldChange, Via
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.tasks import enqueue
from crm.core.text import sort_key
from crm.enterprises import contact_queries, queries
from crm.enterprises.indexing import CONTACT, index_contacts
from crm.enterprises.models import Contact, ContactPost
from crm.enterprises.reach import set_reach
from crm.enterprises.rules import ContactDraft, KnownThrough, contact_problems

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

SORT_LENGTH = 400
FIELDS = tuple(field.name for field in fields(ContactDraft) if field.name != "confirmed")
DAYS = frozenset({"notice_on", "retain_until"})
REACH = ("phone", "email")
NO_UNIT = Problem("contact.unit", "您今天没有编在任何机构，不能登记联系人。请联系管理员调整编组。")
NO_WRITE = Problem("contact.write", "您的角色不能修改联系人。")
STALE = Problem("contact.stale", "您打开页面之后，有人改过这位联系人。请核对最新内容后重新保存。")
MERGED = Problem("contact.merged", "这位联系人已并入另一条记录，请打开那一条来修改；并错了可在合并记录里撤销。")
ERASED = Problem("contact.erased", "这位联系人的个人信息已删除，不能再修改或恢复。")
NO_CHANGE = Problem("contact.change", "没有这条修改记录，或者它不能恢复。")
UNREADABLE = "“%(field)s”里的内容读不懂，请改正后再试。"


def add_contact(
    session: Session,
    actor: Actor,
    enterprise_id: int,
    draft: ContactDraft,
    *,
    now: datetime,
    via: Via = Via.FORM,
    run_id: int | None = None,
) -> Contact:
    """Add a contact of the actor's own unit with its first post.

    Raises:
        ForbiddenError: the actor sits in no unit it may write for.
        DomainError: what is wrong with the draft, or somebody with this number is on record and
            the draft is not confirmed.

    """
    unit_id = next((unit for unit in actor.unit_ids if actor.reaches(Permission.CONTACT_WRITE, unit)), None)
    if unit_id is None:
        raise ForbiddenError(NO_UNIT)
    problems = contact_problems(draft)
    if not problems and not draft.confirmed:
        problems = contact_queries.same_reach(session, actor, draft.phone, draft.email)
    if problems:
        raise DomainError(*problems)
    firm = queries.enterprise(session, enterprise_id)
    row = Contact(enterprise_id=firm.id, unit_id=unit_id, created_by=actor.user_id, created_at=now)
    _assign(row, {field: getattr(draft, field) for field in FIELDS})
    session.add(row)
    session.flush()
    post = ContactPost(contact_id=row.id, enterprise_id=firm.id, post=row.post, created_by=actor.user_id)
    post.created_at = now
    session.add(post)
    born = {changes.CREATED: (None, True)}
    changes.note(session, (CONTACT, row.id), born, by=actor.user_id, via=via, now=now, run_id=run_id)
    keep(session, actor, "contact.create", row, now)
    return row


def update_contact(
    session: Session, actor: Actor, contact_id: int, changed: Mapping[str, Any], *, version: int | None, now: datetime
) -> Contact:
    """Change fields of a contact as it was at ``version`` (None: whatever it is now).

    Raises:
        ConflictError: somebody else changed it since.

    """
    row = writable(session, actor, contact_id)
    check_version(row, version)
    return update_contact_fields(session, actor, contact_id, changed, via=Via.FORM, now=now)


def update_contact_fields(
    session: Session,
    actor: Actor,
    contact_id: int,
    changed: Mapping[str, Any],
    *,
    via: Via,
    now: datetime,
    run_id: int | None = None,
) -> Contact:
    """Write fields of a contact by whichever door; the one path on which they change.

    ``changed`` holds fields of :data:`FIELDS`; days may be ISO texts, ``known_through`` its key, blank
    means none. The post of the running :class:`ContactPost` follows ``post``.

    Raises:
        DomainError: what is wrong, by field.

    """
    row = writable(session, actor, contact_id)
    values = _cleaned(changed)
    _check(row, values)
    before = {field: getattr(row, field) for field in values}
    differing = {field: value for field, value in values.items() if value != before[field]}
    if not differing:
        return row
    _assign(row, differing)
    row.updated_at = now
    flush(session)
    if "post" in differing:
        running = contact_queries.running_post(session, row)
        if running is not None:
            running.post = row.post
    noted = {field: (before[field], value) for field, value in differing.items()}
    changes.note(session, (CONTACT, row.id), noted, by=actor.user_id, via=via, now=now, run_id=run_id)
    keep(session, actor, "contact.update", row, now, fields=sorted(differing))
    return row


def restore_field(session: Session, actor: Actor, contact_id: int, change_id: int, *, now: datetime) -> Contact:
    """Put back what a field held before a change; raise NotFoundError for a change of something else."""
    found = session.get(FieldChange, change_id)
    mine = found is not None and (found.kind, found.ref_id) == (CONTACT, contact_id) and found.field in FIELDS
    if found is None or not mine:
        raise NotFoundError(NO_CHANGE)
    value = changes.opened(found.field, found.before)
    return update_contact_fields(session, actor, contact_id, {found.field: value}, via=Via.RESTORE, now=now)


def archive_contact(session: Session, actor: Actor, contact_id: int, *, now: datetime) -> Contact:
    """Put a contact away; visits that name it keep it."""
    row = writable(session, actor, contact_id)
    if row.archived_at is None:
        row.archived_at = now
        keep(session, actor, "contact.archive", row, now)
    return row


def restore_contact(session: Session, actor: Actor, contact_id: int, *, now: datetime) -> Contact:
    """Bring a contact back."""
    row = writable(session, actor, contact_id)
    if row.archived_at is not None:
        row.archived_at = None
        keep(session, actor, "contact.restore", row, now)
    return row


def writable(session: Session, actor: Actor, contact_id: int) -> Contact:
    """Return a contact the actor may change; the system may change all but erased ones."""
    row = session.get(Contact, contact_id) if actor is SYSTEM else queries.contact(session, actor, contact_id)
    if row is None:
        raise NotFoundError(queries.MISSING_CONTACT)
    if actor is not SYSTEM and not actor.reaches(Permission.CONTACT_WRITE, row.unit_id):
        raise ForbiddenError(NO_WRITE)
    if row.erased_at is not None:
        raise DomainError(ERASED)
    if row.merged_into_id is not None:
        raise DomainError(MERGED)
    return row


def flush(session: Session) -> None:
    """Write what was assigned; raise ConflictError when somebody else wrote meanwhile."""
    try:
        session.flush()
    except StaleDataError as error:
        raise ConflictError(STALE) from error


def check_version(row: Contact, version: int | None) -> None:
    """Raise ConflictError when the contact is not the one the page showed."""
    if version is not None and row.version != version:
        raise ConflictError(STALE)


def keep(session: Session, actor: Actor, action: str, row: Contact, now: datetime, **detail: object) -> None:
    """Leave the audit row, the search document and the rescore that follow a change."""
    firm = row.enterprise_id
    audit.record(session, actor.user_id or None, action, (CONTACT, row.id), now=now, enterprise_id=firm, **detail)
    index_contacts(session, [row.id])
    enqueue(session, jobs.RESCORE, {"enterprise_id": firm}, now=now, dedupe_key=f"rescore:{firm}")
    double = {"kind": CONTACT, "ids": [row.id]}
    enqueue(session, jobs.FIND_DUPLICATES, double, now=now, dedupe_key=f"duplicates:{CONTACT}:{row.id}")


def _check(row: Contact, values: Mapping[str, Any]) -> None:
    stored = {field: getattr(row, field) for field in FIELDS if field not in REACH}
    problems = contact_problems(ContactDraft(**{**stored, **values}))
    if problems:
        raise DomainError(*problems)


def _cleaned(changed: Mapping[str, Any]) -> dict[str, Any]:
    values, problems = {}, []
    for field, value in changed.items():
        try:
            values[field] = _clean(field, value)
        except ValueError:
            problems.append(Problem(f"contact.{field}", UNREADABLE, field, {"field": field}))
    if problems:
        raise DomainError(*problems)
    return values


def _clean(field: str, value: Any) -> Any:  # noqa: ANN401 (a value of any field)
    if field not in FIELDS:
        message = f"a contact has no field {field!r}"
        raise KeyError(message)
    if field == "do_not_contact":
        return bool(value)
    value = value.strip() if type(value) is str else value
    if field == "name":
        return value or ""
    if not value:
        return "duty" if field == "legal_basis" else None
    if field == "known_through":
        return KnownThrough(value)
    return date.fromisoformat(value) if field in DAYS and isinstance(value, str) else value


def _assign(row: Contact, values: Mapping[str, Any]) -> None:
    for field, value in values.items():
        if field not in REACH:
            setattr(row, field, value)
    set_reach(row, values.get("phone", row.phone), values.get("email", row.email))
    row.sort_key = sort_key(row.name)[:SORT_LENGTH]
