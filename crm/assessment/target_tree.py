"""Reads: targets in their trees with what was done of each, in one query for all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from crm.assessment.goals import SplitBy
from crm.assessment.measures import MEASURES
from crm.assessment.models import Target
from crm.assessment.ratios import plain
from crm.assessment.rules import Progress, elapsed
from crm.assessment.summing import summed
from crm.assessment.targets import scope_of
from crm.assessment.window import Lens, Size, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.assessment.goals import Scope
    from crm.assessment.rules import TargetLevel
    from crm.assessment.window import Measure

MOST = 400
Sums = dict[tuple[int, int | None], Decimal]


@dataclass(frozen=True, slots=True)
class Node:
    """One target with its progress, how deep it hangs, and the window its rows lie in."""

    row: Target
    depth: int
    progress: Progress
    window: Window
    parts: int

    @property
    def measure(self) -> Measure:
        """What is counted."""
        return MEASURES[self.row.metric]


def forest(
    session: Session, year: int, level: TargetLevel, *, now: datetime, today: date, metric: str = ""
) -> tuple[list[Node], bool]:
    """Every target of a year and level with its parts below it, wholes first; and whether some were left out."""
    asked = (Target.year == year, Target.level == level, *([Target.metric == metric] if metric else []))
    rows = list(session.scalars(_loaded().where(*asked).order_by(Target.id).limit(MOST + 1)))
    return _nodes(session, rows[:MOST], now, today), len(rows) > MOST


def around(session: Session, row: Target, *, now: datetime, today: date) -> tuple[Node, list[Node]]:
    """One target and everything below it."""
    found, level = {row.id: row}, [row.id]
    while level and len(found) <= MOST:
        below = list(session.scalars(_loaded().where(Target.parent_id.in_(level)).order_by(Target.id).limit(MOST)))
        level = [one.id for one in below if one.id not in found]
        found |= {one.id: one for one in below}
    nodes = _nodes(session, list(found.values()), now, today, top=row.id)
    return nodes[0], nodes[1:]


def lens_of(scope: Scope) -> Lens:
    """The lens a target looks through."""
    people = None if scope.person_id is None else frozenset({scope.person_id})
    return Lens(people, scope.low, scope.high, Size(scope.size), scope.currency, sector=scope.sector, site=scope.site)


def course(session: Session, node: Node, days: Sequence[date]) -> list[Decimal]:
    """What was done of a target by the end of each of these days, as known now."""
    windows = [(str(place), node.measure, replace(node.window, end=day)) for place, day in enumerate(days)]
    found = summed(session, windows, "unit_id")
    return [sum(found[str(place)].values(), Decimal(0)) for place in range(len(days))]


def _loaded() -> Select[Target]:
    return select(Target).options(joinedload(Target.unit), joinedload(Target.person), selectinload(Target.milestones))


def _nodes(session: Session, rows: Sequence[Target], now: datetime, today: date, top: int | None = None) -> list[Node]:
    scopes = {row.id: scope_of(row) for row in rows if row.metric in MEASURES}
    below: dict[int | None, list[Target]] = {}
    for row in rows:
        if row.id in scopes:
            above = row.parent_id if row.parent_id in scopes and row.id != top else None
            below.setdefault(above, []).append(row)
    sums = _sums(session, scopes.values(), now)
    found: list[Node] = []

    def walk(row: Target, depth: int) -> None:
        scope, parts = scopes[row.id], sorted(below.get(row.id, ()), key=_place)
        units = _units(row, below)
        done = _done(sums[_kind(scope)], units, scope.person_id)
        start, end = scope.days
        spent = elapsed(start, end, today, [(one.on, one.percent) for one in row.milestones])
        window = Window(start, end, now, units, lens_of(scope))
        found.append(Node(row, depth, Progress(plain(done), plain(row.value), spent), window, len(parts)))
        for one in parts:
            walk(one, depth + 1)

    order = list(MEASURES)
    for row in sorted(below.get(None, ()), key=lambda one: (order.index(one.metric), _place(one))):
        walk(row, 0)
    return found


def _place(row: Target) -> tuple[int, str, Decimal, int]:
    unit = row.unit.position if row.unit else -1
    return unit, row.period, row.low or Decimal(0), row.id


def _units(row: Target, below: Mapping[int | None, Sequence[Target]]) -> frozenset[int] | None:
    """A unit counts its own rows and those of the units its target was split to; no unit is the whole office."""
    if row.unit_id is None:
        return None
    found = {row.unit_id}
    if row.split_by is SplitBy.UNIT:
        for one in below.get(row.id, ()):
            found |= _units(one, below) or set()
    return frozenset(found)


def _kind(scope: Scope) -> Scope:
    return replace(scope, unit_id=None, person_id=None)


def _sums(session: Session, scopes: Iterable[Scope], now: datetime) -> dict[Scope, Sums]:
    kinds = {_kind(scope) for scope in scopes}
    wanted = [
        (kind.slot, MEASURES[kind.metric], Window(*kind.days, now, None, lens_of(kind)))
        for kind in sorted(kinds, key=lambda one: one.slot)
    ]
    found = summed(session, wanted, "unit_id", "person_id")
    return {kind: found[kind.slot] for kind in kinds}


def _done(sums: Sums, units: frozenset[int] | None, person: int | None) -> Decimal:
    parts = (
        amount
        for (unit_id, person_id), amount in sums.items()
        if (units is None or unit_id in units) and person in {None, person_id}
    )
    return sum(parts, Decimal(0))
