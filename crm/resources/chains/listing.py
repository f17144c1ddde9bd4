"""The list of chains with their counts, in a fixed number of reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from crm.auth.models import OrgUnit
from crm.core.files import Attachment
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.models import Enterprise
from crm.enterprises.queries import live
from crm.resources.chains.models import IndustryChain, IndustryNode, IndustryPlace, IndustryVerdict
from crm.resources.chains.queries import GUIDE, confirmed, draft_of
from crm.resources.chains.rules import GAPS, Duty, Side, missing_duties

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


class Listed(NamedTuple):
    """A chain as a line of the list: how many nodes, how many call for something, firms here, targets."""

    chain: IndustryChain
    unit: str | None
    nodes: int
    gaps: int
    locals: int
    targets: int
    missing: Sequence[Duty]


def listed(session: Session, cursor: str | None) -> Page[Listed]:
    """Chains with their counts, the oldest first, in a fixed number of reads."""
    statement = select(IndustryChain).where(IndustryChain.archived_at.is_(None))
    page = fetch_page(session, statement, [Key(IndustryChain.id)], lambda row: [row.id], cursor=cursor)
    ids = [chain.id for chain in page.rows]
    nodes = _counted(session, select(IndustryNode.chain_id, func.count()).where(*_alive(ids)), ids)
    gaps = _counted(
        session,
        select(IndustryNode.chain_id, func.count())
        .join(IndustryVerdict, IndustryVerdict.node_id == IndustryNode.id)
        .where(*_alive(ids), IndustryVerdict.ended_at.is_(None), IndustryVerdict.call.in_(GAPS)),
        ids,
    )
    sides = {side: _firms(session, ids, side) for side in Side}
    files = set(
        session.scalars(
            select(Attachment.subject_id).where(Attachment.subject_type == GUIDE, Attachment.subject_id.in_(ids))
        )
    )
    wanted = {chain.unit_id for chain in page.rows if chain.unit_id}
    units = dict(session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(wanted))).all())
    rows = tuple(
        Listed(
            chain,
            units.get(chain.unit_id or 0),
            nodes.get(chain.id, 0),
            gaps.get(chain.id, 0),
            sides[Side.LOCAL].get(chain.id, 0),
            sides[Side.TARGET].get(chain.id, 0),
            missing_duties(draft_of(chain), guide_file=chain.id in files),
        )
        for chain in page.rows
    )
    return Page(rows, page.next, page.previous)


def _alive(ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return IndustryNode.chain_id.in_(ids), IndustryNode.archived_at.is_(None)


def _counted(session: Session, statement: object, ids: Collection[int]) -> dict[int, int]:
    if not ids:
        return {}
    return dict(session.execute(statement.group_by(IndustryNode.chain_id)).all())  # type: ignore[attr-defined]  # a select of two columns


def _firms(session: Session, ids: Collection[int], side: Side) -> dict[int, int]:
    statement = (
        select(IndustryNode.chain_id, func.count(IndustryPlace.enterprise_id.distinct()))
        .join(IndustryPlace, IndustryPlace.node_id == IndustryNode.id)
        .join(Enterprise, Enterprise.id == IndustryPlace.enterprise_id)
        .where(*_alive(ids), *confirmed(side), live())
    )
    return _counted(session, statement, ids)


def archived(session: Session, limit: int = 20) -> list[IndustryChain]:
    """Chains that were put away lately."""
    statement = select(IndustryChain).where(IndustryChain.archived_at.is_not(None))
    return list(session.scalars(statement.order_by(IndustryChain.archived_at.desc()).limit(limit)))
