"""How enterprises stand to each other: typed relations with their dates; the group tree is in ``groups``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from crm.auth.rules import Permission
from crm.core import audit, changes
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.scored import want_score
from crm.enterprises import queries
from crm.enterprises.indexing import ENTERPRISE
from crm.enterprises.models import Enterprise, EnterpriseRelation
from crm.enterprises.rules import LINE, RELATION_LABELS, RelationKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

RELATIONS = 200
RELATION = "enterprise_relation"
INTRODUCED = "introduced"
ROLES: dict[str, tuple[RelationKind, bool]] = {
    "supplier": (RelationKind.SUPPLIER, True),
    "customer": (RelationKind.SUPPLIER, False),
    "competitor": (RelationKind.COMPETITOR, True),
    "introducer": (RelationKind.INTRODUCER, True),
    INTRODUCED: (RelationKind.INTRODUCER, False),
    "partner": (RelationKind.PARTNER, True),
}
ROLE_LABELS: dict[str, str] = {
    "supplier": "供应商",
    "customer": "客户",
    "competitor": "竞争对手",
    "introducer": "引荐方",
    INTRODUCED: "由其引荐",
    "partner": "合作方",
}
MIRRORS = {
    RelationKind.SUPPLIER: RelationKind.CUSTOMER,
    RelationKind.CUSTOMER: RelationKind.SUPPLIER,
    RelationKind.COMPETITOR: RelationKind.COMPETITOR,
    RelationKind.PARTNER: RelationKind.PARTNER,
}
NO_RIGHT = Problem("relation.right", "您的角色不能修改企业关系。")
MISSING = Problem("relation.missing", "没有这条关系，可能已被删除。")
ITSELF = Problem("relation.itself", "不能选本企业自己，请选另一家。", "other_id")
KNOWN = Problem("relation.known", "已有这条关系，请在企业页面上修改它的起止时间。", "other_id")
ROLE = Problem("relation.role", "请选择对方是本企业的什么。", "role")
ORDER = Problem("relation.order", "结束日期不能早于开始日期。", "until")
LONG = Problem("relation.long", "来源和备注各最多 200 个字。", "note")


@dataclass(frozen=True, slots=True)
class RelationDraft:
    """What a person says of a relation: ``role`` is what the other one is to this one, a key of ``ROLES``."""

    other_id: int
    role: str
    since: date | None = None
    until: date | None = None
    source: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A relation as one of its two enterprises sees it; ``label`` (a Chinese msgid) is what the other one is."""

    id: int
    other_id: int
    other: str
    label: str
    since: date | None
    until: date | None
    source: str | None
    note: str | None


def relations(session: Session, enterprise_id: int) -> list[Link]:
    """Relations of an enterprise from its side: current ones first, a pair that says the same twice shown once."""
    other = aliased(Enterprise)
    here, there = EnterpriseRelation.from_id == enterprise_id, EnterpriseRelation.to_id == enterprise_id
    statement = (
        select(EnterpriseRelation, other.id, other.name)
        .join(
            other, ((EnterpriseRelation.to_id == other.id) & here) | ((EnterpriseRelation.from_id == other.id) & there)
        )
        .where(here | there, other.deleted_at.is_(None), other.id != enterprise_id)
        .order_by(EnterpriseRelation.until.is_not(None), EnterpriseRelation.kind, other.sort_key, EnterpriseRelation.id)
        .limit(RELATIONS)
    )
    found: dict[tuple[str, int], Link] = {}
    for row, other_id, name in session.execute(statement):
        label = RELATION_LABELS[row.kind][row.from_id == enterprise_id]
        link = Link(row.id, other_id, name, label, row.since, row.until, row.source, row.note)
        found.setdefault((label, other_id), link)
    return list(found.values())


def relation(session: Session, enterprise_id: int, relation_id: int) -> EnterpriseRelation:
    """Return a relation of an enterprise; raise NotFoundError."""
    found = session.get(EnterpriseRelation, relation_id)
    if found is None or enterprise_id not in {found.from_id, found.to_id}:
        raise NotFoundError(MISSING)
    return found


def add_relation(
    session: Session, actor: Actor, enterprise_id: int, draft: RelationDraft, *, now: datetime
) -> EnterpriseRelation:
    """Keep a relation of an enterprise; one that had ended starts anew.

    Raises:
        DomainError: the relation is known from either side, or the draft is wrong.

    """
    _may_write(actor)
    own = queries.enterprise(session, enterprise_id)
    problems = _problems(draft)
    if draft.role not in ROLES:
        problems.append(ROLE)
    if draft.other_id == own.id:
        problems.append(ITSELF)
    if problems:
        raise DomainError(*problems)
    other = queries.enterprise(session, draft.other_id)
    kind, other_first = ROLES[draft.role]
    ends = (other.id, own.id) if other_first else (own.id, other.id)
    row = _same(session, ends, kind)
    if row is not None and row.until is None:
        raise DomainError(KNOWN)
    if row is None:
        row = EnterpriseRelation(
            from_id=ends[0], to_id=ends[1], kind=kind, created_by=actor.user_id or None, created_at=now
        )
        session.add(row)
    _fill(row, draft)
    session.flush()
    label = ROLE_LABELS[draft.role]
    _note(session, actor, row, {changes.CREATED: (None, f"{label}：{other.name}")}, now)
    _audit(session, actor, "enterprise.relation", own.id, now, relation=row.id, other=other.id, role=draft.role)
    return row


def change_relation(
    session: Session, actor: Actor, enterprise_id: int, relation_id: int, draft: RelationDraft, *, now: datetime
) -> EnterpriseRelation:
    """Change dates, source and note of a relation; an end date ends it."""
    _may_write(actor)
    queries.enterprise(session, enterprise_id)
    row = relation(session, enterprise_id, relation_id)
    problems = _problems(draft)
    if problems:
        raise DomainError(*problems)
    before = _values(row)
    _fill(row, draft)
    after = _values(row)
    changed = {field: (before[field], after[field]) for field in before if before[field] != after[field]}
    if changed:
        _note(session, actor, row, changed, now)
        _audit(session, actor, "enterprise.relation_change", enterprise_id, now, relation=row.id, fields=[*changed])
        session.flush()
    return row


def end_relation(
    session: Session, actor: Actor, enterprise_id: int, relation_id: int, until: date, *, now: datetime
) -> EnterpriseRelation:
    """End a relation on a day; one that had ended keeps its day."""
    _may_write(actor)
    row = relation(session, enterprise_id, relation_id)
    other_id = row.to_id if row.from_id == enterprise_id else row.from_id
    draft = RelationDraft(other_id, "", row.since, row.until or until, row.source, row.note)
    return change_relation(session, actor, enterprise_id, relation_id, draft, now=now)


def remove_relation(session: Session, actor: Actor, enterprise_id: int, relation_id: int, *, now: datetime) -> str:
    """Take a relation away that never was, and its mirror with it; return the name of the other enterprise."""
    _may_write(actor)
    queries.enterprise(session, enterprise_id)
    row = relation(session, enterprise_id, relation_id)
    other_id = row.to_id if row.from_id == enterprise_id else row.from_id
    mirror = _same(session, (row.to_id, row.from_id), MIRRORS[row.kind]) if row.kind in MIRRORS else None
    for one in {row, mirror} - {None}:
        session.delete(one)
    words = {"relation": relation_id, "other": other_id, "kind": row.kind.value}
    _audit(session, actor, "enterprise.relation_removed", enterprise_id, now, **words)
    session.flush()
    return session.scalars(select(Enterprise.name).where(Enterprise.id == other_id)).one()


def _same(session: Session, ends: tuple[int, int], kind: RelationKind) -> EnterpriseRelation | None:
    """The relation between two enterprises, written from either side; a current one before an ended one."""
    straight = (
        (EnterpriseRelation.from_id == ends[0])
        & (EnterpriseRelation.to_id == ends[1])
        & (EnterpriseRelation.kind == kind)
    )
    if kind in MIRRORS:
        straight |= (
            (EnterpriseRelation.from_id == ends[1])
            & (EnterpriseRelation.to_id == ends[0])
            & (EnterpriseRelation.kind == MIRRORS[kind])
        )
    order = (EnterpriseRelation.until.is_not(None), EnterpriseRelation.id)
    return session.scalar(select(EnterpriseRelation).where(straight).order_by(*order).limit(1))


def _problems(draft: RelationDraft) -> list[Problem]:
    problems = [ORDER] if draft.since and draft.until and draft.until < draft.since else []
    return [*problems, LONG] if max(len(draft.source or ""), len(draft.note or "")) > LINE else problems


def _fill(row: EnterpriseRelation, draft: RelationDraft) -> None:
    row.since, row.until, row.source, row.note = draft.since, draft.until, draft.source, draft.note


def _values(row: EnterpriseRelation) -> dict[str, object]:
    return {"since": row.since, "until": row.until, "source": row.source, "note": row.note}


def _may_write(actor: Actor) -> None:
    if not actor.may(Permission.ENTERPRISE_WRITE):
        raise ForbiddenError(NO_RIGHT)


def _note(
    session: Session,
    actor: Actor,
    row: EnterpriseRelation,
    changed: Mapping[str, tuple[object, object]],
    now: datetime,
) -> None:
    changes.note(session, (RELATION, row.id), changed, by=actor.user_id, via=changes.Via.FORM, now=now)
    want_score(session, (row.from_id, row.to_id), now=now)


def _audit(session: Session, actor: Actor, action: str, enterprise_id: int, now: datetime, **detail: object) -> None:
    audit.record(session, actor.user_id or None, action, (ENTERPRISE, enterprise_id), now=now, **detail)
