"""What is done with chains when all lines are in: links between nodes, then what each node calls for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core.changes import FieldChange
from crm.core.errors import DomainError
from crm.imports.models import ImportRow
from crm.imports.rules import DOUBT, problem
from crm.resources.chains import judging, queries, services
from crm.resources.chains.models import IndustryChain, IndustryLink, IndustryNode, IndustryPlace
from crm.resources.chains.queries import CHAIN, NODE
from crm.resources.chains.rules import NodeDraft, split_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.imports.columns import Mapping as Columns
    from crm.imports.sheets.contract import Hand

    Final = Callable[[Session, int], int | None]

CHUNK = 50


def linking(columns: Columns, hand: Hand) -> Final:
    """Let nodes supply what their lines name, beside what they supply already."""

    def link(session: Session, after: int) -> int | None:
        statement = (
            select(ImportRow)
            .where(ImportRow.run_id == hand.run_id, ImportRow.line > after, ImportRow.applied_at.is_not(None))
            .order_by(ImportRow.line)
            .limit(CHUNK)
        )
        rows = session.scalars(statement).all()
        for row in rows:
            if split_words(columns.value(tuple(row.cells), "supplies")):
                _link(session, hand, row, columns)
        return rows[-1].line if rows else None

    return link


def _link(session: Session, hand: Hand, row: ImportRow, columns: Columns) -> None:
    cells = tuple(row.cells)
    chain = queries.named(session, columns.value(cells, "chain"))
    nodes = {one.name: one for one in queries.nodes(session, chain.id)} if chain else {}
    node = nodes.get(columns.value(cells, "node").strip())
    if node is None:
        return
    named = split_words(columns.value(cells, "supplies"))
    before = {
        second for first, second in queries.links(session, [one.id for one in nodes.values()]) if first == node.id
    }
    wanted = before | {nodes[name].id for name in named if name in nodes}
    if wanted == before:
        return
    try:
        with session.begin_nested():
            draft = draft_of(node, tuple(sorted(wanted)))
            services.change_node(session, hand.actor, node.id, draft, version=None, now=hand.now, door=hand.door)
    except DomainError as error:
        first = error.problems[0]
        row.problems = [*row.problems, problem(columns.first("supplies"), DOUBT, first.message, **first.params)]


def draft_of(node: IndustryNode, supplies: tuple[int, ...] | None = None) -> NodeDraft:
    """Give a node as it would be typed."""
    return NodeDraft(
        node.name,
        node.tier,
        tuple(node.words),
        tuple(node.codes),
        key=node.key,
        goal=node.goal,
        note=node.note or "",
        supplies=supplies,
    )


def judging_of(hand: Hand) -> Final:
    """Tell anew what the nodes of the chains of a run call for."""
    return lambda session, after: judge_next(session, hand.run_id, after, by=hand.actor.user_id or None, now=hand.now)


def judge_next(session: Session, run_id: int, after: int, *, by: int | None, now: datetime) -> int | None:
    """Judge the next living chain a run touched; None when there is none left."""
    found: int | None = session.scalar(
        touched(run_id).where(IndustryChain.id > after).order_by(IndustryChain.id).limit(1)
    )
    if found is not None:
        queries.chain(session, found, lock=True)
        judging.rejudge(session, found, by=by, now=now)
    return found


def touched(run_id: int) -> Select[int]:
    """Living chains a run wrote to."""
    told = select(FieldChange.ref_id).where(FieldChange.run_id == run_id)
    linked = select(IndustryLink.from_id).where(IndustryLink.id.in_(told.where(FieldChange.kind == services.LINK)))
    nodes = told.where(FieldChange.kind == NODE).union(
        select(IndustryPlace.node_id).where(IndustryPlace.run_id == run_id), linked
    )
    of_nodes = select(IndustryNode.chain_id).where(IndustryNode.id.in_(nodes))
    made = told.where(FieldChange.kind == CHAIN)
    return select(IndustryChain.id).where(
        IndustryChain.archived_at.is_(None), IndustryChain.id.in_(of_nodes) | IndustryChain.id.in_(made)
    )
