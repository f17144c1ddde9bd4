"""How units stand against their tasks: one table overall and one matrix per unit; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.assessment.rules import METRIC_ORDER, Elapsed, Metric, Number, Progress, ranks
from crm.core.money import half_up

if TYPE_CHECKING:
    from collections.abc import Sequence

Grid = Mapping[tuple[int, Metric], int] | Mapping[tuple[int, str], Number]
FULL = Decimal(100)


@dataclass(frozen=True, slots=True)
class MetricLine:
    """One metric over all units: done, target, and how many units finished their task."""

    metric: str
    progress: Progress
    units: int
    units_met: int


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit: progress per metric, the mean rate (each metric at most 100 %) and its rank."""

    unit_id: int
    name: str
    cells: tuple[Progress, ...]
    mean: Decimal | None
    rank: int | None

    @property
    def tasks(self) -> int:
        """How many tasks it has."""
        return sum(1 for cell in self.cells if cell.target)

    @property
    def met(self) -> int:
        """How many of them it finished."""
        return sum(1 for cell in self.cells if cell.met)


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything a completion table shows."""

    elapsed: Elapsed
    metrics: tuple[MetricLine, ...]
    units: tuple[UnitLine, ...]

    @property
    def best(self) -> UnitLine | None:
        """The unit with the highest mean rate."""
        known = [line for line in self.units if line.mean is not None]
        return max(known, key=lambda line: line.mean or Decimal(0), default=None)

    @property
    def worst(self) -> UnitLine | None:
        """The unit with the lowest mean rate; None while there is nobody to compare with."""
        known = [line for line in self.units if line.mean is not None]
        last = min(known, key=lambda line: line.mean or Decimal(0), default=None)
        return last if last is not self.best else None


def standing(
    units: Sequence[tuple[int, str]],
    done: Grid,
    goals: Grid,
    spent: Elapsed,
    keys: Sequence[str] = METRIC_ORDER,
) -> Standing:
    """Put facts beside tasks; units with neither are left out, so parts add up to the whole."""
    facts = {(unit_id, str(key)): value for (unit_id, key), value in done.items()}
    asked = {(unit_id, str(key)): value for (unit_id, key), value in goals.items()}
    shown = [pair for pair in units if any((pair[0], key) in asked or facts.get((pair[0], key)) for key in keys)]
    cells = {
        unit_id: tuple(Progress(facts.get((unit_id, key), 0), asked.get((unit_id, key), 0), spent) for key in keys)
        for unit_id, _name in shown
    }
    means = {unit_id: _mean(row) for unit_id, row in cells.items()}
    places = ranks(means)
    lines = tuple(
        UnitLine(unit_id, name, cells[unit_id], means[unit_id], places.get(unit_id)) for unit_id, name in shown
    )
    metrics = tuple(_metric_line(key, [row[index] for row in cells.values()], spent) for index, key in enumerate(keys))
    return Standing(spent, metrics, lines)


def _metric_line(metric: str, cells: Sequence[Progress], spent: Elapsed) -> MetricLine:
    whole = Progress(sum(cell.done for cell in cells), sum(cell.target for cell in cells), spent)
    return MetricLine(metric, whole, sum(1 for cell in cells if cell.target), sum(1 for cell in cells if cell.met))


def _mean(row: Sequence[Progress]) -> Decimal | None:
    rates = [min(FULL, Decimal(cell.done) * 100 / cell.target) for cell in row if cell.target]
    return half_up(sum(rates, Decimal(0)) / len(rates), 1) if rates else None
