"""The history of an enterprise, field by field, and a way back to each earlier value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.auth.rules import Permission
from crm.core.changes import FieldChange, Via, opened
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.paging import Key, fetch_page
from crm.enterprises import queries, services
from crm.enterprises.fields import FIELDS, plain
from crm.enterprises.indexing import ENTERPRISE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.paging import Page
    from crm.enterprises.models import Enterprise

VIA_LABELS: dict[Via, str] = {
    Via.FORM: "表单",
    Via.CELL: "表格内修改",
    Via.BULK: "批量修改",
    Via.IMPORT: "导入",
    Via.MERGE: "合并",
    Via.RESTORE: "恢复旧值",
    Via.SYSTEM: "系统",
}
DELETED = "*deleted"
MISSING = Problem("history.missing", "没有这条修改记录。")
NOT_A_FIELD = Problem("history.field", "这条记录不是可以恢复的字段。")
SAME = Problem("history.same", "现在就是这个值，不用恢复。")


def page(session: Session, subject: tuple[str, int], *, cursor: str | None) -> Page[FieldChange]:
    """Changes of one record, the newest first, a page at a time."""
    statement = select(FieldChange).where(FieldChange.kind == subject[0], FieldChange.ref_id == subject[1])
    return fetch_page(session, statement, [Key(FieldChange.id, descending=True)], lambda row: [row.id], cursor=cursor)


def latest(session: Session, subject: tuple[str, int], fields: Sequence[str]) -> dict[str, FieldChange]:
    """The last change of each of these fields of a record."""
    if not fields:
        return {}
    mine = (FieldChange.kind == subject[0], FieldChange.ref_id == subject[1], FieldChange.field.in_(fields))
    newest = select(func.max(FieldChange.id)).where(*mine).group_by(FieldChange.field)
    return {row.field: row for row in session.scalars(select(FieldChange).where(FieldChange.id.in_(newest)))}


def change(session: Session, subject: tuple[str, int], change_id: int) -> FieldChange:
    """One change of a record; raise NotFoundError."""
    mine = (FieldChange.kind == subject[0], FieldChange.ref_id == subject[1])
    found = session.scalar(select(FieldChange).where(FieldChange.id == change_id, *mine))
    if found is None:
        raise NotFoundError(MISSING)
    return found


def restorable(row: FieldChange) -> bool:
    """Whether a change of an enterprise can be taken back: one of its own fields, not a birth or a removal."""
    return row.field in FIELDS


def restore(session: Session, actor: Actor, enterprise_id: int, change_id: int, *, now: datetime) -> Enterprise:
    """Put the value before a change back, checked like any other write.

    Raises:
        DomainError: the value no longer fits, or stands there already; the sentence says why.

    """
    if not actor.may(Permission.ENTERPRISE_WRITE):
        raise ForbiddenError(services.NO_RIGHT)
    row = queries.enterprise(session, enterprise_id)
    found = change(session, (ENTERPRISE, enterprise_id), change_id)
    if not restorable(found):
        raise DomainError(NOT_A_FIELD)
    value: Any = opened(found.field, found.before)
    if plain(found.field, value) == plain(found.field, getattr(row, found.field)):
        raise DomainError(SAME)
    wanted = {found.field: value, "confirmed": True}
    return services.update_fields(session, actor, enterprise_id, wanted, version=None, via=Via.RESTORE, now=now)
