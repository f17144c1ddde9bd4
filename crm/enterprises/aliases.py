"""Other names of an enterprise with their kind, source and, for former names, the days they were in use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.auth.rules import Permission
from crm.core import audit, changes
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.text import fold
from crm.enterprises import queries, services
from crm.enterprises.indexing import ENTERPRISE
from crm.enterprises.models import EnterpriseAlias
from crm.enterprises.naming import is_ambiguous
from crm.enterprises.rules import LINE, AliasKind, folded_length

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ALIAS = "enterprise_alias"
BY_HAND, IMPORTED, TOLD = "手工", "导入", "导入时人工核对"
OWN_WORDS = frozenset({BY_HAND, IMPORTED, TOLD})  # sources in our words, to be translated; others are people's
KEEP_NAME = Problem("alias.own", "这是企业的登记名称，不能删除。")
NO_ALIAS = Problem("alias.missing", "没有这个别名，可能已被删除。")
ORDER = Problem("alias.order", "停用日期不能早于启用日期。", "valid_to")
LONG = Problem("alias.source", "来源最多 200 个字。", "source")


@dataclass(frozen=True, slots=True)
class AliasDraft:
    """What a person says of a name; the days are those between which it was in use."""

    alias: str
    kind: AliasKind
    source: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


def add_alias(
    session: Session, actor: Actor, enterprise_id: int, alias: str, kind: AliasKind, *, now: datetime
) -> EnterpriseAlias:
    """Add another name; the same name of another enterprise is allowed, matching asks for a cue then."""
    services.may_write(actor)
    row = queries.enterprise(session, enterprise_id)
    folded = fold(alias)
    if len(folded) < 2 or folded_length(alias) > LINE:  # noqa: PLR2004 (one character names nothing)
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
    services.keep(session, actor, "enterprise.alias", row, now, alias=alias, kind=kind.value)
    return added


def remove_alias(session: Session, actor: Actor, alias_id: int, *, now: datetime) -> EnterpriseAlias:
    """Take a name away, but never the registered one."""
    services.may_write(actor)
    found = session.get(EnterpriseAlias, alias_id)
    if found is None:
        raise NotFoundError(NO_ALIAS)
    row = queries.enterprise(session, found.enterprise_id)
    if found.folded == row.folded_name:
        raise DomainError(KEEP_NAME)
    session.delete(found)
    services.keep(session, actor, "enterprise.alias_removed", row, now, alias=found.alias, kind=found.kind.value)
    return found


def add(session: Session, actor: Actor, enterprise_id: int, draft: AliasDraft, *, now: datetime) -> EnterpriseAlias:
    """Add a name with its days and source; raise DomainError when it is known or wrong."""
    _check(draft)
    row = add_alias(session, actor, enterprise_id, draft.alias, draft.kind, now=now)
    row.source, row.valid_from, row.valid_to = draft.source or BY_HAND, draft.valid_from, draft.valid_to
    session.flush()
    changes.note(
        session,
        (ALIAS, row.id),
        {changes.CREATED: (None, row.alias)},
        by=actor.user_id,
        via=changes.Via.FORM,
        now=now,
    )
    return row


def get(session: Session, alias_id: int) -> EnterpriseAlias:
    """Return a name of a living enterprise; raise NotFoundError."""
    found = session.get(EnterpriseAlias, alias_id)
    if found is None:
        raise NotFoundError(NO_ALIAS)
    queries.enterprise(session, found.enterprise_id)
    return found


def change(session: Session, actor: Actor, alias_id: int, draft: AliasDraft, *, now: datetime) -> EnterpriseAlias:
    """Change kind, source and days of a name; the name itself stays as it was written."""
    if not actor.may(Permission.ENTERPRISE_WRITE):
        raise ForbiddenError(services.NO_RIGHT)
    _check(draft)
    row = get(session, alias_id)
    before = _values(row)
    row.kind, row.source = draft.kind, draft.source
    row.valid_from, row.valid_to = draft.valid_from, draft.valid_to
    after = _values(row)
    changed = {field: (before[field], after[field]) for field in before if before[field] != after[field]}
    if not changed:
        return row
    if "kind" in changed:
        shared = any(other.id != row.enterprise_id for other in queries.called(session, row.alias))
        row.ambiguous = shared or is_ambiguous(row.folded, row.kind)
    changes.note(session, (ALIAS, row.id), changed, by=actor.user_id, via=changes.Via.FORM, now=now)
    subject = (ENTERPRISE, row.enterprise_id)
    audit.record(session, actor.user_id or None, "enterprise.alias_changed", subject, now=now, alias=row.alias)
    session.flush()
    return row


def _check(draft: AliasDraft) -> None:
    problems = [ORDER] if draft.valid_from and draft.valid_to and draft.valid_to < draft.valid_from else []
    if len(draft.source or "") > LINE:
        problems.append(LONG)
    if problems:
        raise DomainError(*problems)


def _values(row: EnterpriseAlias) -> dict[str, object]:
    return {"kind": row.kind, "source": row.source, "valid_from": row.valid_from, "valid_to": row.valid_to}
