"""The profile of an enterprise in six blocks: dated, sourced paragraphs, added, changed, put away, brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit, changes
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.enterprises import queries
from crm.enterprises.indexing import ENTERPRISE
from crm.enterprises.models import ProfileEntry
from crm.enterprises.rules import LINE, ProfileBlock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

BODY = 5000
ENTRIES = 200
ENTRY = "profile_entry"
NO_RIGHT = Problem("profile.right", "您的角色不能修改企业档案。")
MISSING = Problem("profile.missing", "没有这条档案内容，可能已被移走。")
STALE = Problem("profile.stale", "您打开页面之后，有人改过这条内容。请核对最新内容后重新保存。")
NO_BODY = Problem("profile.body", "请填写内容。", "body")
LONG = Problem("profile.long", "内容最多 5000 个字，请分成几条。", "body")
NO_SOURCE = Problem("profile.source", "请填写来源，例如 年报、官网、走访。", "source")
NO_DAY = Problem("profile.as_of", "请选择这些内容是哪一天的。", "as_of")
FUTURE = Problem("profile.future", "日期不能晚于今天。", "as_of")


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """What a person writes into a block: the text, where it is from, and the day it holds for."""

    block: ProfileBlock
    body: str
    source: str
    as_of: date | None


def entries(session: Session, enterprise_id: int, *, archived: bool = False) -> list[ProfileEntry]:
    """Entries of an enterprise, the newest day first, at most ``ENTRIES``."""
    state = ProfileEntry.archived_at.is_not(None) if archived else ProfileEntry.archived_at.is_(None)
    statement = select(ProfileEntry).where(ProfileEntry.enterprise_id == enterprise_id, state)
    return list(session.scalars(statement.order_by(ProfileEntry.as_of.desc(), ProfileEntry.id.desc()).limit(ENTRIES)))


def entry(session: Session, entry_id: int) -> ProfileEntry:
    """Return an entry of a living enterprise; raise NotFoundError."""
    found = session.get(ProfileEntry, entry_id)
    if found is None:
        raise NotFoundError(MISSING)
    queries.enterprise(session, found.enterprise_id)
    return found


def add_entry(
    session: Session, actor: Actor, enterprise_id: int, draft: EntryDraft, *, now: datetime, today: date
) -> ProfileEntry:
    """Write an entry; raise DomainError with what is missing or wrong."""
    _may_write(actor)
    firm = queries.enterprise(session, enterprise_id)
    as_of = _checked(draft, today)
    row = ProfileEntry(enterprise_id=firm.id, created_by=actor.user_id or None, created_at=now)
    _fill(row, draft, as_of, now)
    session.add(row)
    session.flush()
    _keep(session, actor, "add", row, {changes.CREATED: (None, row.body)}, now)
    return row


def change_entry(
    session: Session, actor: Actor, entry_id: int, draft: EntryDraft, version: int, *, now: datetime, today: date
) -> ProfileEntry:
    """Change an entry as it was at ``version``.

    Raises:
        ConflictError: somebody else changed it since.

    """
    _may_write(actor)
    row = entry(session, entry_id)
    if row.version != version:
        raise ConflictError(STALE)
    as_of = _checked(draft, today)
    before = _values(row)
    if before == {"block": draft.block, "body": draft.body, "source": draft.source, "as_of": as_of}:
        return row
    _fill(row, draft, as_of, now)
    after = _values(row)
    _keep(session, actor, "change", row, {field: (before[field], after[field]) for field in before}, now)
    session.flush()
    return row


def archive_entry(session: Session, actor: Actor, entry_id: int, *, now: datetime) -> ProfileEntry:
    """Put an entry away."""
    return _put(session, actor, entry_id, now, now)


def restore_entry(session: Session, actor: Actor, entry_id: int, *, now: datetime) -> ProfileEntry:
    """Bring an entry back."""
    return _put(session, actor, entry_id, None, now)


def _put(session: Session, actor: Actor, entry_id: int, at: datetime | None, now: datetime) -> ProfileEntry:
    _may_write(actor)
    row = entry(session, entry_id)
    if (row.archived_at is None) is not (at is None):
        was = row.archived_at
        row.archived_at, row.updated_at = at, now
        _keep(session, actor, "restore" if at is None else "archive", row, {"archived_at": (was, at)}, now)
        session.flush()
    return row


def _may_write(actor: Actor) -> None:
    if not actor.may(Permission.ENTERPRISE_WRITE):
        raise ForbiddenError(NO_RIGHT)


def _checked(draft: EntryDraft, today: date) -> date:
    """Give the day of a draft that is in order; raise DomainError otherwise."""
    body, source = draft.body.strip(), draft.source.strip()
    problems = [*([] if body else [NO_BODY]), *([LONG] if len(body) > BODY else [])]
    if not source or len(source) > LINE:
        problems.append(NO_SOURCE)
    if draft.as_of is None:
        problems.append(NO_DAY)
    elif draft.as_of > today:
        problems.append(FUTURE)
    if problems or draft.as_of is None:
        raise DomainError(*problems)
    return draft.as_of


def _fill(row: ProfileEntry, draft: EntryDraft, as_of: date, now: datetime) -> None:
    row.block, row.body, row.source, row.as_of = draft.block, draft.body.strip(), draft.source.strip(), as_of
    row.updated_at = now


def _values(row: ProfileEntry) -> dict[str, object]:
    return {"block": row.block, "body": row.body, "source": row.source, "as_of": row.as_of}


def _keep(
    session: Session,
    actor: Actor,
    action: str,
    row: ProfileEntry,
    changed: Mapping[str, tuple[object, object]],
    now: datetime,
) -> None:
    changes.note(session, (ENTRY, row.id), changed, by=actor.user_id, via=changes.Via.FORM, now=now)
    detail = {"entry": row.id, "block": row.block.value}
    audit.record(
        session,
        actor.user_id or None,
        f"enterprise.profile_{action}",
        (ENTERPRISE, row.enterprise_id),
        now=now,
        **detail,
    )
