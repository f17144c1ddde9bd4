"""Local firms a run put on nodes, taken off again; what was said of them before stands again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.enterprises.models import Enterprise
from crm.imports.models import ImportRun
from crm.imports.phases import CHUNK
from crm.imports.revert import Kept
from crm.imports.rules import UNDONE
from crm.imports.sheets.undoing import acting
from crm.resources.chains import judging, rights
from crm.resources.chains.models import IndustryChain, IndustryNode, IndustryPlace
from crm.resources.chains.rules import Side

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.imports.write import Mark

CHANGED = "本地企业“%(firm)s”在导入之后有人改过，保留。"
COPIED = (
    "node_id",
    "enterprise_id",
    "side",
    "state",
    "leading",
    "scale",
    "reasons",
    "note",
    "since",
    "until",
    "run_id",
)


def places(session: Session, before: int | None, mark: Mark) -> tuple[int | None, list[Kept]]:
    """Take firms off that a run put on nodes, except where a later hand said something else."""
    actor = acting(session, mark.by, mark.now)
    statement = (
        select(IndustryPlace, Enterprise.name, IndustryNode.name, IndustryChain.id, IndustryChain.unit_id)
        .join(Enterprise, Enterprise.id == IndustryPlace.enterprise_id)
        .join(IndustryNode, IndustryNode.id == IndustryPlace.node_id)
        .join(IndustryChain, IndustryChain.id == IndustryNode.chain_id)
        .where(IndustryPlace.run_id == mark.run_id)
    )
    if before is not None:
        statement = statement.where(IndustryPlace.id < before)
    found = session.execute(statement.order_by(IndustryPlace.id.desc()).limit(CHUNK)).all()
    kept = []
    for row, firm, node, chain_id, unit_id in found:
        if not rights.may(actor, unit_id):
            kept.append(Kept(chain_id, node, rights.NO_RIGHT.message))
        elif row.ended_at is None:
            _take_off(session, row, mark)
        elif _standing(session, row, mark):
            kept.append(Kept(chain_id, node, CHANGED, {"firm": firm}))
    return (found[-1][0].id if found else None), kept


def _standing(session: Session, row: IndustryPlace, mark: Mark) -> bool:
    """Whether somebody said something else of the same firm on the same node after the run, and something stands."""
    rows = session.scalars(select(IndustryPlace).where(*_same(row, row.side), IndustryPlace.id > row.id)).all()
    after = next((one for one in rows if one.recorded_at == row.ended_at), None)
    by_others = after is not None and after.run_id not in {mark.run_id, *_undone(session, rows)}
    return by_others and any(one.ended_at is None and one.run_id != mark.run_id for one in rows)


def _undone(session: Session, rows: Iterable[IndustryPlace]) -> set[int]:
    """Which of the runs of these rows were taken back."""
    runs = {row.run_id for row in rows if row.run_id}
    return set(session.scalars(select(ImportRun.id).where(ImportRun.id.in_(runs), ImportRun.state == UNDONE)))


def _take_off(session: Session, row: IndustryPlace, mark: Mark) -> None:
    row.ended_at, row.ended_by = mark.now, mark.by
    session.flush()
    earlier = _ended(session, row, row.side)
    while earlier is not None and earlier.run_id in {mark.run_id, *_undone(session, [earlier])} - {None}:
        earlier = _ended(session, earlier, row.side)
    target = _ended(session, row, Side.TARGET)
    for one in (earlier, target if row.side is Side.LOCAL else None):
        if one is not None:
            again = {name: getattr(one, name) for name in COPIED}
            session.add(IndustryPlace(**again, recorded_at=mark.now, recorded_by=mark.by))
    session.flush()
    if target is not None:
        judging.ask(session, row.enterprise_id, mark.now)


def _ended(session: Session, row: IndustryPlace, side: Side) -> IndustryPlace | None:
    """What stood until the very moment at which something else was said."""
    before = (IndustryPlace.ended_at == row.recorded_at, IndustryPlace.id < row.id)
    statement = select(IndustryPlace).where(*_same(row, side), *before)
    return session.scalar(statement.order_by(IndustryPlace.id.desc()).limit(1))


def _same(row: IndustryPlace, side: Side) -> tuple[ColumnElement[bool], ...]:
    return (
        IndustryPlace.node_id == row.node_id,
        IndustryPlace.enterprise_id == row.enterprise_id,
        IndustryPlace.side == side,
    )
