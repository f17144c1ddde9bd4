"""Put an enterprise into the recycle bin and take it out again: nothing is ever lost, no name is blocked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from crm.auth.rules import Permission
from crm.core import audit, changes
from crm.core.errors import ForbiddenError, NotFoundError, Problem
from crm.core.searchindex import SearchDocument
from crm.core.text import fold
from crm.enterprises import queries, services
from crm.enterprises.history import DELETED
from crm.enterprises.indexing import ENTERPRISE
from crm.enterprises.models import Enterprise
from crm.enterprises.rules import exhume, tombstone

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

NO_RIGHT = Problem("enterprise.remove", "您的角色不能删除或恢复企业。")
NOT_IN_BIN = Problem("enterprise.bin", "回收站里没有这家企业，可能已被恢复。")
TAKEN = "“%(name)s”不能恢复：登记册里已有同名企业。请打开它核对；确是另一家的，先改它的名称。"
CODE_TAKEN = "“%(name)s”不能恢复：它的统一社会信用代码已属于“%(other)s”。请打开它核对。"


def delete_enterprise(session: Session, actor: Actor, enterprise_id: int, *, now: datetime) -> Enterprise:
    """Put an enterprise into the bin: out of search and lists, its name and credit code are free again.

    Whether anything hangs on it is for the caller to ask; lower layers do not know.
    """
    _may_remove(actor)
    row = queries.enterprise(session, enterprise_id)
    row.deleted_at, row.deleted_by = now, actor.user_id or None
    row.folded_name = tombstone(row.folded_name, row.id)
    row.uscc = tombstone(row.uscc, row.id) if row.uscc else None
    session.execute(
        delete(SearchDocument).where(SearchDocument.kind == ENTERPRISE, SearchDocument.ref_id == enterprise_id)
    )
    _keep(session, actor, row, "enterprise.delete", {DELETED: (None, row.name)}, now)
    return row


def restore_enterprise(session: Session, actor: Actor, enterprise_id: int, *, now: datetime) -> Enterprise:
    """Take an enterprise out of the bin.

    Raises:
        DuplicateError: its name or credit code was taken meanwhile.

    """
    _may_remove(actor)
    statement = select(Enterprise).where(Enterprise.id == enterprise_id, queries.in_bin())
    row = session.scalar(statement.options(joinedload(Enterprise.aliases)).execution_options(populate_existing=True))
    if row is None:
        raise NotFoundError(NOT_IN_BIN)
    uscc = exhume(row.uscc) if row.uscc else None
    _refuse_taken(session, row, uscc)
    row.deleted_at = row.deleted_by = None
    row.folded_name, row.uscc = fold(row.name), uscc
    _keep(session, actor, row, "enterprise.undelete", {DELETED: (row.name, None)}, now)
    services.settle(session, [row.id], now=now)
    return row


def _refuse_taken(session: Session, row: Enterprise, uscc: str | None) -> None:
    same = queries.same_name(session, row.name)
    if same is not None:
        raise services.DuplicateError(same.id, Problem("enterprise.same_name", TAKEN, None, {"name": row.name}))
    same = queries.same_uscc(session, uscc) if uscc else None
    if same is not None:
        params: dict[str, object] = {"name": row.name, "other": same.name}
        raise services.DuplicateError(same.id, Problem("enterprise.same_uscc", CODE_TAKEN, None, params))


def _may_remove(actor: Actor) -> None:
    if not actor.may(Permission.ENTERPRISE_REMOVE):
        raise ForbiddenError(NO_RIGHT)


def _keep(
    session: Session,
    actor: Actor,
    row: Enterprise,
    action: str,
    changed: dict[str, tuple[str | None, str | None]],
    now: datetime,
) -> None:
    row.updated_at = now
    session.flush()
    changes.note(session, (ENTERPRISE, row.id), changed, by=actor.user_id or None, via=changes.Via.FORM, now=now)
    audit.record(session, actor.user_id or None, action, (ENTERPRISE, row.id), now=now, name=row.name)
