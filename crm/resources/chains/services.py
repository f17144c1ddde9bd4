"""Writes of chains, nodes and links. Every change is in the audit trail of the chain; nothing here commits."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_, select

from crm.core import audit
from crm.core.changes import CREATED, FORM, Door, note
from crm.core.errors import ConflictError, DomainError, Problem
from crm.enterprises.codes import industries
from crm.resources.chains import judging, queries
from crm.resources.chains.models import IndustryChain, IndustryLink, IndustryNode, IndustryPlace
from crm.resources.chains.queries import CHAIN, NODE
from crm.resources.chains.rights import may_change
from crm.resources.chains.rules import MOST_NODES, ChainDraft, NodeDraft, Side, chain_problems, node_problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

LINK = "industry_link"
TAKEN = Problem("chain.taken", "已有同名的产业链，请换一个名称，或直接修改那一条。", "name")
NODE_TAKEN = Problem("node.taken", "这条链上已有同名的环节，请换一个名称。", "name")
FULL = Problem("node.full", "一条产业链最多60个环节，请把过细的环节合并。", "name")
STRANGE = Problem("link.strange", "供应关系只能连到同一条链上的其他环节。", "supplies")
CIRCLE = Problem("link.circle", "“%(name)s”已经供应这个环节，不能反过来再连一次。", "supplies")
STALE = Problem("chain.version", "您打开页面之后，有人改过这里。请核对最新内容后再提交。")


def add_chain(session: Session, actor: Actor, draft: ChainDraft, *, now: datetime, door: Door = FORM) -> IndustryChain:
    """Add a chain to the department that answers for it."""
    may_change(actor, draft.unit_id)
    _refuse(chain_problems(draft))
    if queries.named(session, draft.name):
        raise DomainError(TAKEN)
    row = IndustryChain(name=draft.name.strip(), created_by=actor.user_id or None, created_at=now, updated_at=now)
    _take_chain(row, draft)
    session.add(row)
    session.flush()
    _noted(session, actor, (CHAIN, row.id), {CREATED: (None, row.name)}, now, door)
    audit.record(session, actor.user_id or None, "chain.add", (CHAIN, row.id), now=now, name=row.name)
    return row


def change_chain(
    session: Session, actor: Actor, chain_id: int, draft: ChainDraft, *, version: int, now: datetime
) -> IndustryChain:
    """Change the head of a chain and its five duties."""
    row = queries.chain(session, chain_id, lock=True)
    may_change(actor, row.unit_id)
    may_change(actor, draft.unit_id)
    if row.version != version:
        raise ConflictError(STALE)
    _refuse(chain_problems(draft))
    other = queries.named(session, draft.name)
    if other is not None and other.id != row.id:
        raise DomainError(TAKEN)
    before = asdict(queries.draft_of(row))
    row.name = draft.name.strip()
    _take_chain(row, draft)
    row.updated_at = now
    changed = _changed(before, asdict(queries.draft_of(row)))
    session.flush()
    _noted(session, actor, (CHAIN, row.id), changed, now, FORM)
    audit.record(session, actor.user_id, "chain.change", (CHAIN, row.id), now=now, changed=sorted(changed))
    return row


def _take_chain(row: IndustryChain, draft: ChainDraft) -> None:
    row.industry = draft.industry.strip() or None
    row.summary = draft.summary.strip() or None
    row.leader = draft.leader.strip() or None
    row.unit_id = draft.unit_id
    row.team = draft.team.strip() or None
    row.guide = draft.guide.strip() or None


def archive_chain(session: Session, actor: Actor, chain_id: int, *, archived: bool, now: datetime) -> IndustryChain:
    """Put a chain away, or bring it back; what stands on it stays as it was."""
    row = session.get(IndustryChain, chain_id, with_for_update=True, populate_existing=True)
    if row is None:
        queries.chain(session, chain_id)
        raise AssertionError
    may_change(actor, row.unit_id)
    if (row.archived_at is not None) is archived:
        return row
    if not archived and queries.named(session, row.name):
        raise DomainError(TAKEN)
    row.archived_at, row.updated_at = (now if archived else None), now
    session.flush()
    action = "chain.archive" if archived else "chain.restore"
    audit.record(session, actor.user_id, action, (CHAIN, row.id), now=now, name=row.name)
    ids = list(session.scalars(select(IndustryNode.id).where(IndustryNode.chain_id == row.id)))
    judging.rescore(session, ids, now)
    return row


def add_node(
    session: Session,
    actor: Actor,
    chain_id: int,
    draft: NodeDraft,
    *,
    now: datetime,
    door: Door = FORM,
) -> IndustryNode:
    """Add a node and what it supplies."""
    chain = queries.chain(session, chain_id, lock=True)
    may_change(actor, chain.unit_id)
    known = queries.nodes(session, chain.id)
    _refuse(node_problems(draft, industries()))
    if any(one.name == draft.name.strip() for one in known):
        raise DomainError(NODE_TAKEN)
    if len(known) >= MOST_NODES:
        raise DomainError(FULL)
    row = IndustryNode(chain_id=chain.id, created_at=now, updated_at=now, **_node_fields(draft))
    session.add(row)
    session.flush()
    _noted(session, actor, (NODE, row.id), {CREATED: (None, row.name)}, now, door)
    audit.record(session, actor.user_id or None, "chain.add_node", (CHAIN, chain.id), now=now, node=row.name)
    _link(session, actor, row, draft.supplies or (), now, door)
    if door.run_id is None:  # an import judges once, at its end
        judging.rejudge(session, chain.id, by=actor.user_id or None, now=now)
    return row


def change_node(
    session: Session,
    actor: Actor,
    node_id: int,
    draft: NodeDraft,
    *,
    version: int | None,
    now: datetime,
    door: Door = FORM,
) -> IndustryNode:
    """Change a node and what it supplies; ``version`` None: whatever it was before."""
    row = queries.node(session, node_id)
    chain = queries.chain(session, row.chain_id, lock=True)
    may_change(actor, chain.unit_id)
    if version is not None and row.version != version:
        raise ConflictError(STALE)
    _refuse(node_problems(draft, industries()))
    if any(one.name == draft.name.strip() and one.id != row.id for one in queries.nodes(session, chain.id)):
        raise DomainError(NODE_TAKEN)
    fields = _node_fields(draft)
    changed = _changed({name: getattr(row, name) for name in fields}, fields)
    for name, value in fields.items():
        if name in changed:
            setattr(row, name, value)
    linked = [] if draft.supplies is None else _link(session, actor, row, draft.supplies, now, door)
    if changed or linked:
        row.updated_at = now
        session.flush()
        _noted(session, actor, (NODE, row.id), changed, now, door)
        detail = {"node": row.name, "changed": sorted([*changed, *(["supplies"] if linked else [])])}
        audit.record(session, actor.user_id or None, "chain.change_node", (CHAIN, chain.id), now=now, **detail)
        if door.run_id is None:
            judging.rejudge(session, chain.id, by=actor.user_id or None, now=now)
        if "name" in changed:
            judging.rescore(session, [row.id], now)
    return row


def remove_node(session: Session, actor: Actor, node_id: int, *, now: datetime) -> IndustryChain:
    """Take a node off its chain with its links; its history stays, firms on it are free again."""
    row = queries.node(session, node_id)
    chain = queries.chain(session, row.chain_id, lock=True)
    may_change(actor, chain.unit_id)
    targets = session.scalars(
        select(IndustryPlace.enterprise_id).where(IndustryPlace.node_id == row.id, *queries.confirmed(Side.TARGET))
    ).all()
    put_away(session, row, actor.user_id or None, now)
    audit.record(session, actor.user_id, "chain.remove_node", (CHAIN, chain.id), now=now, node=row.name)
    judging.rejudge(session, chain.id, by=actor.user_id or None, now=now)
    for firm in targets:
        judging.ask(session, firm, now)
    return chain


def put_away(session: Session, row: IndustryNode, by: int | None, now: datetime) -> None:
    """End everything that stands on a node and archive it."""
    session.execute(delete(IndustryLink).where(or_(IndustryLink.from_id == row.id, IndustryLink.to_id == row.id)))
    standing = select(IndustryPlace).where(IndustryPlace.node_id == row.id, IndustryPlace.ended_at.is_(None))
    for place in session.scalars(standing):
        place.ended_at, place.ended_by = now, by
    for verdict in queries.verdicts(session, [row.id]).values():
        verdict.ended_at = now
    row.archived_at, row.updated_at = now, now
    session.flush()


def _node_fields(draft: NodeDraft) -> dict[str, Any]:
    return {
        "name": draft.name.strip(),
        "tier": draft.tier,
        "words": list(draft.words),
        "codes": list(draft.codes),
        "key": draft.key,
        "goal": draft.goal,
        "note": draft.note.strip() or None,
    }


def _link(
    session: Session, actor: Actor, row: IndustryNode, supplies: Sequence[int], now: datetime, door: Door
) -> list[int]:
    """Let a node supply exactly these; return what changed."""
    wanted = set(supplies)
    names = {one.id: one.name for one in queries.nodes(session, row.chain_id)}
    if not wanted <= names.keys() - {row.id}:
        raise DomainError(STRANGE)
    known = queries.links(session, names)
    for first, second in known:
        if second == row.id and first in wanted:
            raise DomainError(Problem(CIRCLE.key, CIRCLE.message, CIRCLE.field, {"name": names[first]}))
    before = {second for first, second in known if first == row.id}
    for gone in sorted(before - wanted):
        session.execute(delete(IndustryLink).where(IndustryLink.from_id == row.id, IndustryLink.to_id == gone))
    for fresh in sorted(wanted - before):
        link = IndustryLink(from_id=row.id, to_id=fresh, created_at=now)
        session.add(link)
        session.flush()
        _noted(session, actor, (LINK, link.id), {CREATED: (None, [row.id, fresh])}, now, door)
    return sorted(before ^ wanted)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (plain(before[name]), plain(value)) for name, value in after.items() if before[name] != value}


def plain(value: Any) -> Any:  # noqa: ANN401 (any field of a chain or node)
    """Give a value as its history keeps it."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _noted(
    session: Session,
    actor: Actor,
    subject: tuple[str, int],
    changed: Mapping[str, tuple[Any, Any]],
    now: datetime,
    door: Door,
) -> None:
    note(session, subject, changed, by=actor.user_id or None, via=door.via, now=now, run_id=door.run_id)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise DomainError(*problems)
