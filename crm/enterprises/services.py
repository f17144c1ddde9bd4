"""Keep the register of enterprises: add, change, name. Every door writes through here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from crm.auth.rules import Actor, Permission
from crm.core import audit, jobs
from crm.core.changes import CREATED, Via, note
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.core.tasks import enqueue
from crm.core.text import fold
from crm.enterprises import queries
from crm.enterprises.fields import FIELDS, code_problems, coded, draft_of, fill, plain, read_value
from crm.enterprises.identifiers import clean_uscc
from crm.enterprises.indexing import ENTERPRISE, index_enterprises
from crm.enterprises.models import Enterprise, EnterpriseAlias
from crm.enterprises.naming import is_ambiguous, names_of
from crm.enterprises.rules import AliasKind, EnterpriseDraft, enterprise_problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

RESCORE_EACH = 200
COMPARE_EACH = 500
STALE = Problem("enterprise.stale", "您打开页面之后，有人改过这家企业。请核对最新内容后重新保存。")
NO_RIGHT = Problem("enterprise.right", "您的角色不能修改企业资料。")
NO_FIELD = "没有“%(field)s”这个可以修改的字段。"
NO_NUMBER = "请填数字，例如 12000。"


class DuplicateError(DomainError):
    """The register already holds this enterprise: ``existing_id`` is where."""

    def __init__(self, existing_id: int, *problems: Problem) -> None:
        """Keep where the existing one is."""
        super().__init__(*problems)
        self.existing_id = existing_id


class BinnedError(DuplicateError):
    """The recycle bin holds an enterprise of this name; a confirmed draft is added all the same."""


@dataclass(frozen=True, slots=True)
class Origin:
    """By which door a change comes in, when, and in which run."""

    via: Via
    now: datetime
    run_id: int | None = None


def create_enterprise(
    session: Session, actor: Actor, draft: EnterpriseDraft, *, now: datetime, origin: Origin | None = None
) -> Enterprise:
    """Add an enterprise with the names that follow from it.

    Raises:
        DuplicateError: the name or credit code is taken, or another one is also called so
            (BinnedError: one in the recycle bin is) and the draft is not confirmed.
        DomainError: what is wrong with the draft itself.

    """
    row = create_row(session, actor, draft, origin or Origin(Via.FORM, now))
    settle(session, [row.id], now=now)
    return row


def create_row(session: Session, actor: Actor, draft: EnterpriseDraft, origin: Origin) -> Enterprise:
    """Add an enterprise without its search document and score: the caller settles many at once."""
    may_write(actor)
    draft = coded(draft)
    _check(session, draft, None)
    row = Enterprise(created_by=actor.user_id or None, created_at=origin.now, updated_at=origin.now)
    fill(row, draft)
    session.add(row)
    session.flush()
    _name(session, row)
    _note(session, actor, row, {CREATED: (None, row.name)}, origin)
    audit.record(
        session, actor.user_id or None, "enterprise.create", (ENTERPRISE, row.id), now=origin.now, name=row.name
    )
    return row


def update_enterprise(
    session: Session, actor: Actor, enterprise_id: int, draft: EnterpriseDraft, version: int, *, now: datetime
) -> Enterprise:
    """Change every field of an enterprise as it was at ``version``; see :func:`update_fields`."""
    may_write(actor)
    row = queries.enterprise(session, enterprise_id)
    derived = {name: getattr(draft, name) for name in ("industry_code", "region_code")}
    typed = {field: getattr(draft, field) for field in FIELDS if field not in derived}
    typed |= {field: value for field, value in derived.items() if value is not None}
    changed = {
        field: value for field, value in typed.items() if plain(field, value) != plain(field, getattr(row, field))
    }
    if draft.confirmed:
        changed["confirmed"] = True
    return update_fields(session, actor, enterprise_id, changed, version=version, via=Via.FORM, now=now)


def update_fields(  # noqa: PLR0913 (the one door of every writer: what, as of when, by which way)
    session: Session,
    actor: Actor,
    enterprise_id: int,
    changes: Mapping[str, Any],
    *,
    version: int | None,
    via: Via,
    now: datetime,
    run_id: int | None = None,
) -> Enterprise:
    """Change some fields (keys of :data:`FIELDS`) of an enterprise; an old name stays as a former name.

    Values are as typed or as stored: texts, Decimal or digits for money (万元) and land (亩), None or blank
    to empty a field. ``confirmed: True`` among them waves a similar name through. ``version`` None takes the
    row as it is.

    Raises:
        ConflictError: somebody else changed it since ``version``.
        DuplicateError: the new name or credit code is another one's.
        DomainError: what is wrong with the values.

    """
    may_write(actor)
    row = queries.enterprise(session, enterprise_id)
    if version is not None and row.version != version:
        raise ConflictError(STALE)
    changed = change_row(session, actor, row, changes, Origin(via, now, run_id))
    if changed:
        settle(session, [row.id], now=now)
    return row


def change_row(
    session: Session, actor: Actor, row: Enterprise, changes: Mapping[str, Any], origin: Origin
) -> tuple[str, ...]:
    """Check and write fields of one enterprise, with history and audit; return which really changed.

    Search documents and scores are left to :func:`settle`, so that many rows are settled at once.
    """
    may_write(actor)
    wanted = {field: value for field, value in changes.items() if field != "confirmed"}
    _refuse_unreadable(wanted)
    draft = draft_of(row, wanted, confirmed=bool(changes.get("confirmed")))
    before = {field: plain(field, getattr(row, field)) for field in FIELDS}
    after = {field: plain(field, getattr(draft, field)) for field in FIELDS}
    changed = {field: (before[field], after[field]) for field in FIELDS if before[field] != after[field]}
    if not changed:
        return ()
    _check(session, draft, row)
    _write(session, row, draft, origin.now)
    _note(session, actor, row, changed, origin)
    old = {field: values[0] for field, values in changed.items()}
    subject = (ENTERPRISE, row.id)
    audit.record(
        session, actor.user_id or None, "enterprise.update", subject, now=origin.now, before=old, via=origin.via
    )
    return tuple(changed)


def settle(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    """Write the search documents of changed enterprises anew, have them compared with others and scored."""
    index_enterprises(session, ids)
    for start in range(0, len(ids), COMPARE_EACH):
        compare(session, ENTERPRISE, ids[start : start + COMPARE_EACH], now=now)
    if len(ids) > RESCORE_EACH:
        enqueue(session, jobs.RESCORE_ALL, {}, now=now, dedupe_key="rescore_all:0")
        return
    for one in ids:
        enqueue(session, jobs.RESCORE, {"enterprise_id": one}, now=now, dedupe_key=f"rescore:{one}")


def compare(session: Session, kind: str, ids: Sequence[int], *, now: datetime) -> None:
    """Have changed records looked at for doubles."""
    key = f"duplicates:{kind}:{ids[0]}" if len(ids) == 1 else None
    enqueue(session, jobs.FIND_DUPLICATES, {"kind": kind, "ids": list(ids)}, now=now, dedupe_key=key)


def may_write(actor: Actor) -> None:
    """Refuse who may not write enterprises."""
    if not actor.may(Permission.ENTERPRISE_WRITE):
        raise ForbiddenError(NO_RIGHT)


def _refuse_unreadable(wanted: Mapping[str, Any]) -> None:
    problems = []
    for field, value in wanted.items():
        if field not in FIELDS:
            problems.append(Problem("enterprise.field", NO_FIELD, None, {"field": field}))
            continue
        try:
            read_value(field, value)
        except ValueError:
            problems.append(Problem("enterprise.number", NO_NUMBER, field))
    if problems:
        raise DomainError(*problems)


def _check(session: Session, draft: EnterpriseDraft, own: Enterprise | None) -> None:
    problems = enterprise_problems(draft) + code_problems(draft)
    if problems:
        raise DomainError(*problems)
    own_id = own.id if own else None
    if own is None or fold(draft.name) != own.folded_name:
        same = queries.same_name(session, draft.name)
        if same is not None and same.id != own_id:
            raise DuplicateError(same.id, Problem("enterprise.same_name", "登记册里已有这家企业，请直接打开。", "name"))
    uscc = clean_uscc(draft.uscc)
    same = queries.same_uscc(session, uscc) if uscc and (own is None or own.uscc != uscc) else None
    if same is not None and same.id != own_id:
        message = "这个统一社会信用代码属于“%(name)s”，请直接打开。"
        raise DuplicateError(same.id, Problem("enterprise.same_uscc", message, "uscc", {"name": same.name}))
    if not draft.confirmed and (own is None or own.name != draft.name):
        _ask(session, draft, own_id)


def _ask(session: Session, draft: EnterpriseDraft, own_id: int | None) -> None:
    """Refuse, until it is confirmed, a name that another one is also called by or that lies in the bin."""
    others = [other for other in queries.called(session, draft.name) if other.id != own_id]
    if others:
        message = "“%(name)s”也用这个名称。确是另一家企业时，请勾选“仍要保存”。"
        raise DuplicateError(
            others[0].id, Problem("enterprise.similar", message, "confirmed", {"name": others[0].name})
        )
    binned = queries.binned(session, draft.name, clean_uscc(draft.uscc))
    if binned is not None and binned.id != own_id:
        message = "回收站里有同名企业“%(name)s”，可以恢复它；确要另建一家时，请勾选“仍要保存”。"
        raise BinnedError(binned.id, Problem("enterprise.binned", message, "confirmed", {"name": binned.name}))


def _write(session: Session, row: Enterprise, draft: EnterpriseDraft, now: datetime) -> None:
    old_name, old_folded, old_english = row.name, row.folded_name, row.name_en
    fill(row, draft)
    row.updated_at = now
    try:
        session.flush()
    except StaleDataError as error:
        raise ConflictError(STALE) from error
    if row.name == old_name and row.name_en == old_english:
        return
    if row.folded_name != old_folded:
        own = EnterpriseAlias.enterprise_id == row.id
        for former in session.scalars(select(EnterpriseAlias).where(own, EnterpriseAlias.folded == old_folded)):
            former.kind = AliasKind.FORMER
        for full in session.scalars(select(EnterpriseAlias).where(own, EnterpriseAlias.folded == row.folded_name)):
            full.kind, full.ambiguous = AliasKind.FULL, False
    _name(session, row)


def _note(
    session: Session, actor: Actor, row: Enterprise, changed: Mapping[str, tuple[Any, Any]], origin: Origin
) -> None:
    note(
        session,
        (ENTERPRISE, row.id),
        changed,
        by=actor.user_id or None,
        via=origin.via,
        now=origin.now,
        run_id=origin.run_id,
    )


def _name(session: Session, row: Enterprise) -> None:
    statement = select(EnterpriseAlias.folded).where(EnterpriseAlias.enterprise_id == row.id)
    known = set(session.scalars(statement))
    for folded, (text, kind) in names_of(row.name, row.name_en).items():
        if folded not in known:
            alias = EnterpriseAlias(enterprise_id=row.id, alias=text, folded=folded, kind=kind)
            alias.ambiguous = is_ambiguous(folded, kind)
            session.add(alias)


def keep(session: Session, actor: Actor, action: str, row: Enterprise, now: datetime, **detail: object) -> None:
    """Write a change of an enterprise down, and let whoever rests on it know."""
    audit.record(session, actor.user_id or None, action, (ENTERPRISE, row.id), now=now, **detail)
    settle(session, [row.id], now=now)
