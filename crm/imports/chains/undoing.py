"""Take chains back: links, fields, nodes and chains; what somebody changed or used since stays and is told."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_, select

from crm.core import audit
from crm.core.changes import shut
from crm.core.files import Attachment
from crm.core.tables import references
from crm.imports.chains.fields import HEADS
from crm.imports.chains.finals import draft_of, judge_next
from crm.imports.chains.places import places
from crm.imports.phases import changes_of
from crm.imports.revert import Kept
from crm.imports.sheets.undoing import acting, by_record, door, put_back, tried
from crm.imports.taking import EDITED, USED, edited
from crm.resources.chains import judging, queries, rights, services
from crm.resources.chains.models import IndustryChain, IndustryLink, IndustryNode, IndustryPlace
from crm.resources.chains.queries import CHAIN, NODE
from crm.resources.chains.rules import NodeDraft, Tier

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from crm.core.changes import FieldChange
    from crm.imports.phases import Phase
    from crm.imports.write import Mark

OWN = frozenset({"industry_link", "industry_place", "industry_verdict"})  # tables of chains, asked one by one
NODES_LEFT = "导入之后有人添了环节或指南，保留。"


def links(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Take away what a run let nodes supply."""
    actor = acting(session, mark.by, mark.now)
    statement = (
        select(IndustryLink.id, IndustryChain.id, IndustryChain.unit_id)
        .join(IndustryNode, IndustryNode.id == IndustryLink.from_id)
        .join(IndustryChain, IndustryChain.id == IndustryNode.chain_id)
        .where(IndustryLink.id.in_({row.ref_id for row in rows}))
    )
    found = [row for row in session.execute(statement) if rights.may(actor, row[2])]
    session.execute(delete(IndustryLink).where(IndustryLink.id.in_({row[0] for row in found})))
    for chain_id in sorted({row[1] for row in found}):
        if session.get_one(IndustryChain, chain_id).archived_at is None:
            judging.rejudge(session, chain_id, by=mark.by, now=mark.now)
    return []


def fields(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Put fields of nodes back through the service that changes them."""
    actor, kept = acting(session, mark.by, mark.now), []
    for node_id, changes in by_record(rows).items():
        node = session.get(IndustryNode, node_id)
        if node is None or node.archived_at is not None or node.chain.archived_at is not None:
            continue

        def stays(message: str, params: dict[str, str] | None = None, node: IndustryNode = node) -> Kept:
            return Kept(node.chain_id, node.name, message, params or {})

        current = {change.field: _kept_value(change.field, getattr(node, change.field)) for change in changes}
        values, left = put_back(changes, current, HEADS | {"name": HEADS["node"]}, stays)
        kept += left
        if values:
            draft = _drafted(node, values)
            kept += tried(
                session,
                partial(
                    services.change_node, session, actor, node_id, draft, version=None, now=mark.now, door=door(mark)
                ),
                stays,
            )
    return kept


def _kept_value(name: str, value: Any) -> Any:  # noqa: ANN401 (any field of a node)
    return shut(name, services.plain(value))


def _drafted(node: IndustryNode, values: dict[str, Any]) -> NodeDraft:
    """A node as it stands, with some fields as they were kept."""
    now = draft_of(node)
    goal = values.get("goal", now.goal)
    return NodeDraft(
        now.name,
        Tier(values.get("tier", now.tier)),
        tuple(values.get("words", now.words) or ()),
        tuple(values.get("codes", now.codes) or ()),
        key=values.get("key", now.key),
        goal=Decimal(goal) if goal is not None else None,
        note=values.get("note", now.note) or "",
    )


def nodes(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Put nodes away that a run made."""
    actor, kept = acting(session, mark.by, mark.now), []
    ids = {row.ref_id for row in rows}
    statement = select(IndustryNode).where(IndustryNode.id.in_(ids), IndustryNode.archived_at.is_(None))
    found = list(session.scalars(statement.order_by(IndustryNode.id)))
    changed, used = edited(session, NODE, ids, mark), _used(session, ids)
    for node in found:
        if not rights.may(actor, node.chain.unit_id):
            kept.append(Kept(node.chain_id, node.name, rights.NO_RIGHT.message))
        elif node.id in changed or node.id in used:
            kept.append(Kept(node.chain_id, node.name, EDITED if node.id in changed else USED))
        else:
            services.put_away(session, node, mark.by, mark.now)
            subject, said = (CHAIN, node.chain_id), {"node": node.name}
            audit.record(session, mark.by, "chain.remove_node", subject, now=mark.now, **said)
    return kept


def _used(session: Session, ids: Collection[int]) -> set[int]:
    """Nodes on which something stands that is not the run's."""
    found: set[int] = set()
    standing = select(IndustryPlace.node_id).where(IndustryPlace.node_id.in_(ids), IndustryPlace.ended_at.is_(None))
    found.update(session.scalars(standing))
    linked = or_(IndustryLink.from_id.in_(ids), IndustryLink.to_id.in_(ids))
    for pair in session.execute(select(IndustryLink.from_id, IndustryLink.to_id).where(linked)):
        found.update(pair)
    found |= {key for key, verdict in queries.verdicts(session, ids).items() if verdict.by_hand}
    for column in references(NODE):
        if column.table.name not in OWN:
            found.update(session.scalars(select(column).where(column.in_(ids))))
    return found


def chains(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Put chains away that a run made and on which nothing stands any more."""
    actor, kept = acting(session, mark.by, mark.now), []
    ids = {row.ref_id for row in rows}
    changed = edited(session, CHAIN, ids, mark)
    alive = select(IndustryNode.chain_id).where(IndustryNode.chain_id.in_(ids), IndustryNode.archived_at.is_(None))
    guides = select(Attachment.subject_id).where(
        Attachment.subject_type == queries.GUIDE, Attachment.subject_id.in_(ids)
    )
    held = {*session.scalars(alive), *session.scalars(guides)}
    statement = select(IndustryChain).where(IndustryChain.id.in_(ids), IndustryChain.archived_at.is_(None))
    for chain in session.scalars(statement.order_by(IndustryChain.id)).all():
        if chain.id in changed or chain.id in held:
            kept.append(Kept(chain.id, chain.name, EDITED if chain.id in changed else NODES_LEFT))
            continue

        def stays(message: str, params: dict[str, str] | None = None, chain: IndustryChain = chain) -> Kept:
            return Kept(chain.id, chain.name, message, params or {})

        kept += tried(
            session,
            partial(services.archive_chain, session, actor, chain.id, archived=True, now=mark.now),
            stays,
        )
    return kept


def judged(session: Session, before: int | None, mark: Mark) -> tuple[int | None, Sequence[Kept]]:
    """Tell anew what the nodes of the chains a run touched call for."""
    return judge_next(session, mark.run_id or 0, before or 0, by=mark.by, now=mark.now), ()


PHASES: dict[str, Phase] = {
    "places": places,
    "links": changes_of(services.LINK, links, born=True),
    "fields": changes_of(NODE, fields),
    "nodes": changes_of(NODE, nodes, born=True),
    "chains": changes_of(CHAIN, chains, born=True),
    "judged": judged,
}
