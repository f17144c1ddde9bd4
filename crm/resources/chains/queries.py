"""Reads of chains: whole chains at a time, for they are small (at most 60 nodes); every reader may see them all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import case, select

from crm.core.audit import AuditEvent
from crm.core.errors import NotFoundError, Problem
from crm.core.files import Attachment
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.models import Enterprise
from crm.enterprises.queries import live
from crm.resources.chains.models import IndustryChain, IndustryLink, IndustryNode, IndustryPlace, IndustryVerdict
from crm.resources.chains.rules import (
    GAPS,
    ChainDraft,
    Duty,
    NodeFacts,
    PlaceState,
    Side,
    Tier,
    missing_duties,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

CHAIN, NODE = "industry_chain", "industry_node"
GUIDE = "industry_guide"  # subject of the files of a guide
MOST_PLACES, MOST_CHAINS = 500, 200
MISSING = Problem("chain.missing", "没有这条产业链，可能已经归档。")
MISSING_NODE = Problem("node.missing", "没有这个环节，可能已经删去。")
TIERS = {tier: place for place, tier in enumerate(Tier)}


@dataclass(frozen=True, slots=True)
class Placed:
    """An enterprise on a node."""

    place: IndustryPlace
    name: str
    region: str | None


@dataclass(frozen=True)
class Whole:
    """A chain with everything on it."""

    chain: IndustryChain
    nodes: Sequence[IndustryNode]
    links: Sequence[tuple[int, int]]
    verdicts: Mapping[int, IndustryVerdict]
    placed: Mapping[int, Sequence[Placed]]
    files: Sequence[Attachment] = field(default_factory=tuple)

    def of(self, node_id: int, side: Side) -> list[Placed]:
        """Enterprises confirmed on a side of a node."""
        return [
            one
            for one in self.placed.get(node_id, ())
            if one.place.side == side and one.place.state is PlaceState.CONFIRMED
        ]

    def suppliers(self, node_id: int) -> list[int]:
        """Nodes that supply this one."""
        return [first for first, second in self.links if second == node_id]

    def customers(self, node_id: int) -> list[int]:
        """Nodes that this one supplies."""
        return [second for first, second in self.links if first == node_id]

    def facts(self, node: IndustryNode) -> NodeFacts:
        """What the rule looks at."""
        here = self.of(node.id, Side.LOCAL)
        return NodeFacts(
            firms=len(here),
            leaders=sum(one.place.leading for one in here),
            scale=sum((one.place.scale or Decimal(0) for one in here), Decimal(0)),
            goal=node.goal,
            key=node.key,
            before=sum(len(self.of(one, Side.LOCAL)) for one in self.suppliers(node.id)),
            after=sum(len(self.of(one, Side.LOCAL)) for one in self.customers(node.id)),
        )

    @property
    def missing(self) -> list[Duty]:
        """Which of the five duties it lacks."""
        return missing_duties(draft_of(self.chain), guide_file=bool(self.files))

    @property
    def gaps(self) -> list[IndustryNode]:
        """Nodes that call for something."""
        return [node for node in self.nodes if node.id in self.verdicts and self.verdicts[node.id].call in GAPS]


def draft_of(chain: IndustryChain) -> ChainDraft:
    """Give a chain as it would be typed."""
    return ChainDraft(
        name=chain.name,
        industry=chain.industry or "",
        summary=chain.summary or "",
        leader=chain.leader or "",
        unit_id=chain.unit_id,
        team=chain.team or "",
        guide=chain.guide or "",
    )


def confirmed(side: Side) -> tuple[ColumnElement[bool], ...]:
    """Conditions: a person says so, and it still stands."""
    return (
        IndustryPlace.side == side,
        IndustryPlace.state == PlaceState.CONFIRMED,
        IndustryPlace.ended_at.is_(None),
    )


def chain(session: Session, chain_id: int, *, lock: bool = False) -> IndustryChain:
    """Return a chain; raise NotFoundError. ``lock`` makes others wait who want to write to it."""
    found = session.get(IndustryChain, chain_id, with_for_update=lock or None, populate_existing=lock)
    if found is None or found.archived_at is not None:
        raise NotFoundError(MISSING)
    return found


def live_ids(session: Session) -> list[int]:
    """Give the chains that are not put away, the oldest first."""
    statement = select(IndustryChain.id).where(IndustryChain.archived_at.is_(None))
    return list(session.scalars(statement.order_by(IndustryChain.id).limit(MOST_CHAINS)))


def node(session: Session, node_id: int) -> IndustryNode:
    """Return a node of a live chain; raise NotFoundError."""
    found = session.get(IndustryNode, node_id)
    if found is None or found.archived_at is not None or found.chain.archived_at is not None:
        raise NotFoundError(MISSING_NODE)
    return found


def living(session: Session, node_ids: Collection[int]) -> list[int]:
    """Which of these nodes can still be opened."""
    statement = select(IndustryNode.id).join(IndustryChain, IndustryChain.id == IndustryNode.chain_id)
    alive = (IndustryNode.archived_at.is_(None), IndustryChain.archived_at.is_(None))
    return list(session.scalars(statement.where(IndustryNode.id.in_(node_ids), *alive)))


def named(session: Session, name: str) -> IndustryChain | None:
    """Find the live chain of a name."""
    return session.scalar(
        select(IndustryChain).where(IndustryChain.name == name.strip(), IndustryChain.archived_at.is_(None))
    )


def nodes(session: Session, chain_id: int) -> list[IndustryNode]:
    """Nodes of a chain, from upstream to downstream, in the order they were made."""
    order = case(TIERS, value=IndustryNode.tier)
    statement = select(IndustryNode).where(IndustryNode.chain_id == chain_id, IndustryNode.archived_at.is_(None))
    return list(session.scalars(statement.order_by(order, IndustryNode.id)))


def links(session: Session, node_ids: Collection[int]) -> list[tuple[int, int]]:
    """Links between nodes, as (supplier, customer)."""
    statement = select(IndustryLink.from_id, IndustryLink.to_id).where(
        IndustryLink.from_id.in_(node_ids), IndustryLink.to_id.in_(node_ids)
    )
    return [(row.from_id, row.to_id) for row in session.execute(statement.order_by(IndustryLink.id))]


def verdicts(session: Session, node_ids: Collection[int]) -> dict[int, IndustryVerdict]:
    """What nodes call for now."""
    statement = select(IndustryVerdict).where(IndustryVerdict.node_id.in_(node_ids), IndustryVerdict.ended_at.is_(None))
    return {row.node_id: row for row in session.scalars(statement)}


def placed(session: Session, node_ids: Collection[int]) -> dict[int, list[Placed]]:
    """Enterprises on nodes, refused ones too; firms that lead first, then the larger ones."""
    statement = (
        select(IndustryPlace, Enterprise.name, Enterprise.region)
        .join(Enterprise, Enterprise.id == IndustryPlace.enterprise_id)
        .where(IndustryPlace.node_id.in_(node_ids), IndustryPlace.ended_at.is_(None), live())
        .order_by(IndustryPlace.leading.desc(), IndustryPlace.id)
        .limit(MOST_PLACES * 4)
    )
    found: defaultdict[int, list[Placed]] = defaultdict(list)
    for row in session.execute(statement):
        found[row[0].node_id].append(Placed(*row))
    return found


def whole(session: Session, chain_id: int) -> Whole:
    """Read a chain with everything on it, in six reads."""
    row = chain(session, chain_id)
    steps = nodes(session, chain_id)
    ids = [one.id for one in steps]
    return Whole(row, steps, links(session, ids), verdicts(session, ids), placed(session, ids), files(session, row.id))


def files(session: Session, chain_id: int) -> list[Attachment]:
    """Files of the guide of a chain, the newest first."""
    statement = select(Attachment).where(Attachment.subject_type == GUIDE, Attachment.subject_id == chain_id)
    return list(session.scalars(statement.order_by(Attachment.id.desc()).limit(20)))


def past_verdicts(session: Session, node_id: int, limit: int = 20) -> list[IndustryVerdict]:
    """What a node called for over time, the newest first."""
    statement = select(IndustryVerdict).where(IndustryVerdict.node_id == node_id)
    return list(session.scalars(statement.order_by(IndustryVerdict.id.desc()).limit(limit)))


def history(session: Session, chain_id: int, cursor: str | None) -> Page[AuditEvent]:
    """Who changed what on a chain, the newest first."""
    statement = select(AuditEvent).where(AuditEvent.subject_type == CHAIN, AuditEvent.subject_id == chain_id)
    return fetch_page(session, statement, [Key(AuditEvent.id, descending=True)], lambda row: [row.id], cursor=cursor)


def of_enterprise(session: Session, enterprise_id: int) -> list[tuple[IndustryPlace, IndustryNode, IndustryChain]]:
    """Where an enterprise stands on live chains."""
    statement = (
        select(IndustryPlace, IndustryNode, IndustryChain)
        .join(IndustryNode, IndustryNode.id == IndustryPlace.node_id)
        .join(IndustryChain, IndustryChain.id == IndustryNode.chain_id)
        .where(
            IndustryPlace.enterprise_id == enterprise_id,
            IndustryPlace.ended_at.is_(None),
            IndustryPlace.state == PlaceState.CONFIRMED,
            IndustryNode.archived_at.is_(None),
            IndustryChain.archived_at.is_(None),
        )
        .order_by(IndustryChain.id, IndustryNode.id)
        .limit(50)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]
