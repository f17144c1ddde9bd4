"""Posts of a contact over time, and who of us knows the person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.auth import queries as people
from crm.core import changes
from crm.core.changes import Via
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.enterprises import contact_queries, queries
from crm.enterprises.contacts import check_version, flush, keep, writable
from crm.enterprises.indexing import CONTACT
from crm.enterprises.models import Contact, ContactKnower, ContactPost
from crm.enterprises.rules import CLOSENESS

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOVED = "*moved"
NO_POST = Problem("post.missing", "没有这段任职经历，可能已被删除。")
RUNNING = Problem("post.running", "这是现任职务，不能删除；人已离开时请用“换单位”。")
SAME_PLACE = Problem("post.same", "这位联系人现在就在这家企业；职务变了请直接修改职务。", "enterprise_id")
NO_FIRM = Problem("post.firm", "请先选择企业。", "enterprise_id")
ORDER = Problem("post.order", "结束日期不能早于开始日期。", "until")
EARLIER = Problem("post.earlier", "开始日期不能早于现任职务的开始日期。", "since")
FUTURE = Problem("post.future", "日期不能晚于今天。", "since")
NO_COLLEAGUE = Problem("knower.person", "只能登记自己或本单位的同事。", "user_id")
NO_CLOSENESS = Problem("knower.closeness", "请从列表里选择熟悉程度。", "closeness")


@dataclass(frozen=True, slots=True)
class PostDraft:
    """One post: where, as what, from when to when, who says so; blank days are unknown."""

    enterprise_id: int | None
    post: str | None = None
    since: date | None = None
    until: date | None = None
    source: str | None = None


def move_contact(
    session: Session,
    actor: Actor,
    contact_id: int,
    draft: PostDraft,
    *,
    version: int | None,
    now: datetime,
    today: date,
) -> Contact:
    """Note that a person works at another enterprise: the old post ends, a new one begins (``since``, else today).

    Raises:
        DomainError: no enterprise, the same one, a day to come, or one before the old post began.
        ConflictError: somebody else changed the contact since ``version``.

    """
    row = writable(session, actor, contact_id)
    check_version(row, version)
    begins = draft.since or today
    problems = [*([NO_FIRM] if draft.enterprise_id is None else []), *([FUTURE] if begins > today else [])]
    if draft.enterprise_id == row.enterprise_id:
        problems.append(SAME_PLACE)
    if problems or draft.enterprise_id is None:
        raise DomainError(*problems)
    firm = queries.enterprise(session, draft.enterprise_id)
    old = contact_queries.running_post(session, row) or ContactPost(
        contact_id=row.id, enterprise_id=row.enterprise_id, post=row.post, created_by=row.created_by, created_at=now
    )
    if old.since is not None and old.since > begins:
        raise DomainError(EARLIER)
    old.until = begins
    session.add(old)
    noted = {MOVED: (row.enterprise.name, firm.name), "post": (row.post, draft.post)}
    row.enterprise_id, row.post, row.updated_at = firm.id, draft.post, now
    flush(session)
    _add(session, actor, row, PostDraft(firm.id, draft.post, begins, None, draft.source), now)
    changes.note(session, (CONTACT, row.id), noted, by=actor.user_id, via=Via.FORM, now=now)
    session.expire(row, ["enterprise"])
    keep(session, actor, "contact.move", row, now, from_id=old.enterprise_id)
    return row


def own_post(session: Session, actor: Actor, contact_id: int, post_id: int) -> tuple[ContactPost, Contact]:
    """Return a post of a contact the actor may change, and the contact; raise NotFoundError, ForbiddenError."""
    row = writable(session, actor, contact_id)
    found = session.get(ContactPost, post_id)
    if found is None or found.contact_id != row.id:
        raise NotFoundError(NO_POST)
    return found, row


def add_post(
    session: Session, actor: Actor, contact_id: int, draft: PostDraft, *, now: datetime, today: date
) -> ContactPost:
    """Add an earlier post; an end is needed unless the day is unknown, then today stands for it."""
    row = writable(session, actor, contact_id)
    _check(draft, today)
    firm = queries.enterprise(session, draft.enterprise_id or 0)
    ended = PostDraft(firm.id, draft.post, draft.since, draft.until or today, draft.source)
    made = _add(session, actor, row, ended, now)
    keep(session, actor, "contact.post", row, now, at=firm.id)
    return made


def edit_post(
    session: Session, actor: Actor, post_id: int, draft: PostDraft, *, now: datetime, today: date
) -> ContactPost:
    """Correct a post; the title of the running one is the contact's own."""
    found, row = _post(session, actor, post_id)
    running = contact_queries.running_post(session, row)
    current = running is not None and running.id == found.id
    until = None if current else draft.until or found.until
    _check(PostDraft(found.enterprise_id, draft.post, draft.since, until), today)
    found.post, found.since, found.source = draft.post, draft.since, draft.source
    if current:
        noted = {"post": (row.post, draft.post)}
        row.post, row.updated_at = draft.post, now
        flush(session)
        changes.note(session, (CONTACT, row.id), noted, by=actor.user_id, via=Via.FORM, now=now)
    else:
        found.until = until
    keep(session, actor, "contact.post", row, now, at=found.enterprise_id)
    return found


def remove_post(session: Session, actor: Actor, post_id: int, *, now: datetime) -> int:
    """Take a mistaken post away, never the running one; return the contact's id."""
    found, row = _post(session, actor, post_id)
    running = contact_queries.running_post(session, row)
    if running is not None and running.id == found.id:
        raise DomainError(RUNNING)
    session.delete(found)
    keep(session, actor, "contact.post_removed", row, now, at=found.enterprise_id)
    return row.id


def set_knower(
    session: Session, actor: Actor, contact_id: int, user_id: int, closeness: str, *, now: datetime, today: date
) -> ContactKnower:
    """Note that oneself or a colleague of one's own unit knows a contact, and how well."""
    row = writable(session, actor, contact_id)
    allowed = {one.id for one in people.colleagues(session, frozenset(actor.unit_ids), today)} | {actor.user_id}
    problems = [
        *([NO_COLLEAGUE] if user_id not in allowed else []),
        *([NO_CLOSENESS] if closeness not in CLOSENESS else []),
    ]
    if problems:
        raise DomainError(*problems)
    found = session.get(ContactKnower, (row.id, user_id))
    if found is None:
        found = ContactKnower(contact_id=row.id, user_id=user_id, created_at=now)
        session.add(found)
    found.closeness = closeness
    keep(session, actor, "contact.knower", row, now, user_id=user_id, closeness=closeness)
    return found


def remove_knower(session: Session, actor: Actor, contact_id: int, user_id: int, *, now: datetime) -> None:
    """Take back that somebody knows a contact."""
    row = writable(session, actor, contact_id)
    found = session.get(ContactKnower, (row.id, user_id))
    if found is not None:
        session.delete(found)
        keep(session, actor, "contact.knower_removed", row, now, user_id=user_id)


def _post(session: Session, actor: Actor, post_id: int) -> tuple[ContactPost, Contact]:
    found = session.get(ContactPost, post_id)
    if found is None:
        raise NotFoundError(NO_POST)
    return found, writable(session, actor, found.contact_id)


def _check(draft: PostDraft, today: date) -> None:
    problems = []
    if draft.enterprise_id is None:
        problems.append(NO_FIRM)
    if draft.since and draft.until and draft.until < draft.since:
        problems.append(ORDER)
    if (draft.since or today) > today or (draft.until or today) > today:
        problems.append(FUTURE)
    if problems:
        raise DomainError(*problems)


def _add(session: Session, actor: Actor, row: Contact, draft: PostDraft, now: datetime) -> ContactPost:
    made = ContactPost(
        contact_id=row.id, post=draft.post, since=draft.since, until=draft.until, source=draft.source,
        enterprise_id=draft.enterprise_id, created_by=actor.user_id or None, created_at=now,
    )  # fmt: skip
    session.add(made)
    return made
