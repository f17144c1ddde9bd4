"""Lines of chains on their way into the register: a node each, with its local firms, and its chain if it is new.

Links are made when all nodes are in, and what the nodes call for is judged at the end, a chain at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.enterprises.codes import industries
from crm.imports import units
from crm.imports.chains import finals
from crm.imports.chains.fields import HEAD_OF, reading_places
from crm.imports.chains.firms import Firms
from crm.imports.chains.lines import Line, Reader
from crm.imports.models import RowAction
from crm.imports.rules import BAD, problem
from crm.imports.sheets.cells import Cells
from crm.imports.sheets.contract import Plan, is_bad, refused
from crm.imports.sheets.units import UNIT, Units, may
from crm.resources.chains import placing, queries, rights, services, sheet
from crm.resources.chains.models import IndustryChain, IndustryNode
from crm.resources.chains.rules import MOST_NODES, ChainDraft, NodeDraft, Tier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal
    from typing import Any

    from sqlalchemy.orm import Session

    from crm.imports.columns import Mapping as Columns
    from crm.imports.reading import Row
    from crm.imports.sheets.contract import Hand
    from crm.resources.chains.placing import PlaceDraft

NEEDS_TIER = "新的环节要写明位置：上游、中游 或 下游。"
NO_TARGET = "“%(chain)s”上没有“%(name)s”这个环节，表里也没有，请核对名称。"
ITSELF = "一个环节不能供应给自己。"


@dataclass(frozen=True, slots=True)
class Taken:
    """A line as it is written: its chain and node if they are there, the node as drafted, the firms to put on it."""

    line: Line
    unit_id: int | None
    chain: IndustryChain | None
    node: IndustryNode | None
    draft: NodeDraft
    places: tuple[PlaceDraft, ...]


class ChainTaker:
    """Takes lines of chains."""

    turns = 1

    def __init__(self, columns: Columns, hand: Hand) -> None:
        """Begin with an empty file."""
        self._columns, self._hand = columns, hand
        self._units, self._firms = Units(hand), Firms()
        self._first: dict[tuple[str, str], int] = {}
        self._in_file: dict[str, set[str]] = {}
        self._reader = Reader(reading_places(columns), industries(), self._first)
        self._chains: dict[str, IndustryChain] = {}
        self._nodes: dict[int, dict[str, IndustryNode]] = {}
        self._links: set[tuple[int, int]] = set()
        self._fresh: dict[str, set[str]] = {}
        self.finals = (finals.linking(columns, hand), finals.judging_of(hand))

    def place(self, name: str) -> int | None:
        """In which column the field of a problem stands."""
        return self._columns.first(HEAD_OF.get(name, name))

    def turn(self, cells: Row) -> int:  # noqa: ARG002 (one turn for all)
        """In which turn a line is written."""
        return 0

    def note(self, number: int, cells: Row) -> None:
        """Remember which nodes the file names."""
        chain, node = (self._columns.value(cells, key).strip() for key in ("chain", "node"))
        if node:
            self._first.setdefault((chain, node), number)
            self._in_file.setdefault(chain, set()).add(node)

    def load(self, session: Session, lines: Sequence[Row]) -> None:
        """Read the chains these lines name, their nodes and links, and the firms."""
        names = {self._columns.value(row, "chain").strip() for row in lines}
        statement = select(IndustryChain).where(IndustryChain.name.in_(names), IndustryChain.archived_at.is_(None))
        self._chains = {one.name: one for one in session.scalars(statement)}
        ids = {one.id for one in self._chains.values()}
        self._nodes = {key: {} for key in ids}
        nodes = select(IndustryNode).where(IndustryNode.chain_id.in_(ids), IndustryNode.archived_at.is_(None))
        for node in session.scalars(nodes):
            self._nodes[node.chain_id][node.name] = node
        node_ids = [node.id for some in self._nodes.values() for node in some.values()]
        self._links = set(queries.links(session, node_ids))
        firms = {firm.name for row in lines for firm in sheet.read_firms(self._columns.value(row, "locals"))}
        self._firms.load(session, firms, node_ids)

    def plan(self, session: Session, number: int, cells: Row) -> Plan:
        """Say what a line would do."""
        read = Cells(self._columns, cells)
        line, problems = self._reader.read(number, self._in_wan(read, cells))
        unit_id = self._units.of(session, read)
        chain = self._chains.get(line.chain)
        node = self._nodes[chain.id].get(line.node) if chain else None
        places, said = self._firms.drafts(node.id if node else 0, line.firms, self._columns.first("locals"))
        if node is None:
            read.missing("tier", NEEDS_TIER)
        if chain is None and not read.has(UNIT) and not may(self._hand, unit_id or self._hand.unit_id):
            read.bad(UNIT, rights.NO_RIGHT.message)
        problems += [*read.problems, *said, *self._wrong(line, chain)]
        if is_bad(problems):
            return refused(problems)
        if node is None:
            self._fresh.setdefault(line.chain, set()).add(line.node)
        draft = _draft(line, node)
        taken = Taken(line, unit_id or self._hand.unit_id, chain, node, draft, tuple(places))
        action = RowAction.CREATE if node is None else RowAction.UPDATE
        if node is not None and chain is not None and self._nothing_new(taken, chain, node):
            action = RowAction.SAME
        return Plan(action, chain.id if chain else None, problems, taken).within(self._hand.mode)

    def _in_wan(self, read: Cells, cells: Row) -> Row:
        """Put the goal into 万元 where the cell or its column has another unit."""
        place, unit = self._columns.first("goal"), self._columns.unit("goal")
        text = self._columns.value(cells, "goal")
        if place is None or not text or not (unit or not sheet_reads(text)):
            return cells
        amount: Decimal | None = read.money("goal")
        return (*cells[:place], "" if amount is None else str(amount), *cells[place + 1 :])

    def _wrong(self, line: Line, chain: IndustryChain | None) -> list[dict[str, Any]]:
        found = []
        if chain is not None and not rights.may(self._hand.actor, chain.unit_id):
            found.append(problem(self._columns.first("chain"), BAD, rights.NO_RIGHT.message))
        known = set(self._nodes[chain.id]) if chain else set()
        if len(known | self._fresh.get(line.chain, set()) | {line.node}) > MOST_NODES:
            found.append(problem(self._columns.first("node"), BAD, services.FULL.message))
        place = self._columns.first("supplies")
        for name in line.supplies if self._in_file else ():
            if name == line.node:
                found.append(problem(place, BAD, ITSELF))
            elif name not in known | self._in_file.get(line.chain, set()):
                found.append(problem(place, BAD, NO_TARGET, chain=line.chain, name=name))
        return found

    def _nothing_new(self, taken: Taken, chain: IndustryChain, node: IndustryNode) -> bool:
        known = self._nodes[chain.id]
        linked = all(name in known and (node.id, known[name].id) in self._links for name in taken.line.supplies)
        return linked and not taken.places and taken.draft == _draft(Line(taken.line.chain, node.name), node)

    def write(self, session: Session, plan: Plan) -> int:
        """Write a node, its chain if it is new, and the firms on it."""
        taken: Taken = plan.data
        actor, door, now = self._hand.actor, self._hand.door, self._hand.now
        chain, node = taken.chain, taken.node
        if chain is None:
            draft = ChainDraft(taken.line.chain, unit_id=taken.unit_id)
            chain = services.add_chain(session, actor, draft, now=now, door=door)
        if node is None:
            node = services.add_node(session, actor, chain.id, taken.draft, now=now, door=door)
        else:
            services.change_node(session, actor, node.id, taken.draft, version=None, now=now, door=door)
        for place in taken.places:
            placing.place(session, actor, node.id, place, now=now, door=door)
        return chain.id


def sheet_reads(text: str) -> bool:
    """Whether the sheet of chains reads a sum as it stands, in 万元."""
    try:
        sheet.read_sum(text)
    except ValueError:
        return units.NOTHING_SAID.fullmatch(text.strip()) is not None
    return True


def _draft(line: Line, node: IndustryNode | None) -> NodeDraft:
    """A node as a line says it; what is blank leaves what is stored, links are made later."""
    if node is None:
        return NodeDraft(
            line.node,
            line.tier or Tier.MIDSTREAM,
            line.words or (),
            line.codes or (),
            key=bool(line.key),
            goal=line.goal,
            note=line.note or "",
        )
    return NodeDraft(
        node.name,
        line.tier or node.tier,
        line.words or tuple(node.words),
        line.codes or tuple(node.codes),
        key=node.key if line.key is None else line.key,
        goal=line.goal or node.goal,
        note=line.note or node.note or "",
    )
