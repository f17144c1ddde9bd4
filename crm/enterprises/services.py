"""Keep the register of enterprises: add, change, name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Actor, Permission
from crm.core import audit, jobs
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.tasks import enqueue
from crm.core.text import fold, sort_key
from crm.enterprises import queries
from crm.enterprises.indexing import ENTERPRISE, index_enterprises
from crm.enterprises.models import Enterprise, EnterpriseAlias
from crm.enterprises.naming import is_ambiguous, names_of
from crm.enterprises.rules import LINE, AliasKind, EnterpriseDraft, clean_codes, clean_uscc, enterprise_problems

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

SORT_LENGTH = 400
FIELDS = ("name", "name_en", "uscc", "stock_codes", "industry", "region", "website", "profile")
STALE = Problem("enterprise.stale", "您打开页面之后，有人改过这家企业。请核对最新内容后重新保存。")
NO_RIGHT = Problem("enterprise.right", "您的角色不能修改企业资料。")
KEEP_NAME = Problem("alias.own", "这是企业的登记名称，不能删除。")
NO_ALIAS = Problem("alias.missing", "没有这个别名，可能已被删除。")


class DuplicateError(DomainError):
    """The register already holds this enterprise: ``existing_id`` is where."""

    def __init__(self, existing_id: int, *problems: Problem) -> None:
        """Keep where the existing one is."""
        super().__init__(*problems)
        self.existing_id = existing_id


def create_enterprise(session: Session, actor: Actor, draft: EnterpriseDraft, *, now: datetime) -> Enterprise:
    """Add an enterprise with the names that follow from it.

    Raises:
        DuplicateError: the name or credit code is taken, or another one is also called so
            and the draft is not confirmed.
        DomainError: what is wrong with the draft itself.

    """
    _may_write(actor)
    _check(session, draft, None)
    row = Enterprise(created_by=actor.user_id or None, created_at=now, updated_at=now)
    _fill(row, draft)
    session.add(row)
    session.flush()
    _name(session, row)
    _keep(session, actor, "enterprise.create", row, now, name=row.name)
    return row


def update_enterprise(
    session: Session, actor: Actor, enterprise_id: int, draft: EnterpriseDraft, version: int, *, now: datetime
) -> Enterprise:
    """Change an enterprise as it was at ``version``; an old name stays as a former name.

    Raises:
        ConflictError: somebody else changed it since.

    """
    _may_write(actor)
    row = queries.enterprise(session, enterprise_id)
    if row.version != version:
        raise ConflictError(STALE)
    _check(session, draft, row)
    before = {field: getattr(row, field) for field in FIELDS}
    _fill(row, draft)
    changed = [field for field in FIELDS if before[field] != getattr(row, field)]
    if not changed:
        return row
    row.updated_at = now
    if "name" in changed:
        old = session.scalar(
            select(EnterpriseAlias).where(
                EnterpriseAlias.enterprise_id == row.id, EnterpriseAlias.folded == fold(str(before["name"]))
            )
        )
        if old is not None:
            old.kind = AliasKind.FORMER
    session.flush()
    _name(session, row)
    _keep(session, actor, "enterprise.update", row, now, before={field: before[field] for field in changed})
    return row


def add_alias(
    session: Session, actor: Actor, enterprise_id: int, alias: str, kind: AliasKind, *, now: datetime
) -> EnterpriseAlias:
    """Add another name; the same name of another enterprise is allowed, matching asks for a cue then."""
    _may_write(actor)
    row = queries.enterprise(session, enterprise_id)
    folded = fold(alias)
    if len(folded) < 2 or len(alias) > LINE:  # noqa: PLR2004 (one character names nothing)
        raise DomainError(Problem("alias.length", "别名至少 2 个字，最多 200 个字。", "alias"))
    if any(known.folded == folded for known in row.aliases):
        raise DomainError(Problem("alias.known", "这家企业已有这个名称。", "alias"))
    shared = any(other.id != row.id for other in queries.called(session, alias))
    added = EnterpriseAlias(
        enterprise_id=row.id,
        alias=alias,
        folded=folded,
        kind=kind,
        ambiguous=shared or is_ambiguous(folded, kind),
        source="手工",
    )
    session.add(added)
    _keep(session, actor, "enterprise.alias", row, now, alias=alias, kind=kind.value)
    return added


def remove_alias(session: Session, actor: Actor, alias_id: int, *, now: datetime) -> EnterpriseAlias:
    """Take a name away, but never the registered one."""
    _may_write(actor)
    found = session.get(EnterpriseAlias, alias_id)
    if found is None:
        raise NotFoundError(NO_ALIAS)
    row = queries.enterprise(session, found.enterprise_id)
    if found.folded == row.folded_name:
        raise DomainError(KEEP_NAME)
    session.delete(found)
    _keep(session, actor, "enterprise.alias_removed", row, now, alias=found.alias, kind=found.kind.value)
    return found


def _may_write(actor: Actor) -> None:
    if not actor.may(Permission.ENTERPRISE_WRITE):
        raise ForbiddenError(NO_RIGHT)


def _check(session: Session, draft: EnterpriseDraft, own: Enterprise | None) -> None:
    problems = enterprise_problems(draft)
    if problems:
        raise DomainError(*problems)
    own_id = own.id if own else None
    same = queries.same_name(session, draft.name)
    if same is not None and same.id != own_id:
        raise DuplicateError(same.id, Problem("enterprise.same_name", "登记册里已有这家企业，请直接打开。", "name"))
    uscc = clean_uscc(draft.uscc)
    same = queries.same_uscc(session, uscc) if uscc else None
    if same is not None and same.id != own_id:
        message = "这个统一社会信用代码属于“%(name)s”，请直接打开。"
        raise DuplicateError(same.id, Problem("enterprise.same_uscc", message, "uscc", {"name": same.name}))
    if draft.confirmed or (own is not None and own.name == draft.name):
        return
    others = [other for other in queries.called(session, draft.name) if other.id != own_id]
    if others:
        message = "“%(name)s”也用这个名称。确是另一家企业时，请勾选“仍要保存”。"
        raise DuplicateError(
            others[0].id, Problem("enterprise.similar", message, "confirmed", {"name": others[0].name})
        )


def _fill(row: Enterprise, draft: EnterpriseDraft) -> None:
    row.name, row.folded_name, row.sort_key = draft.name, fold(draft.name), sort_key(draft.name)[:SORT_LENGTH]
    row.uscc, row.stock_codes = clean_uscc(draft.uscc), clean_codes(draft.stock_codes)
    for field in ("name_en", "industry", "region", "website", "profile"):
        setattr(row, field, getattr(draft, field))


def _name(session: Session, row: Enterprise) -> None:
    statement = select(EnterpriseAlias.folded).where(EnterpriseAlias.enterprise_id == row.id)
    known = set(session.scalars(statement))
    for folded, (text, kind) in names_of(row.name, row.name_en).items():
        if folded not in known:
            alias = EnterpriseAlias(enterprise_id=row.id, alias=text, folded=folded, kind=kind)
            alias.ambiguous = is_ambiguous(folded, kind)
            session.add(alias)


def _keep(session: Session, actor: Actor, action: str, row: Enterprise, now: datetime, **detail: object) -> None:
    audit.record(session, actor.user_id or None, action, (ENTERPRISE, row.id), now=now, **detail)
    index_enterprises(session, [row.id])
    enqueue(session, jobs.RESCORE, {"enterprise_id": row.id}, now=now, dedupe_key=f"rescore:{row.id}")
