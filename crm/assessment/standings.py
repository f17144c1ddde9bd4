"""How units stand against their tasks: one table overall and one matrix per unit; pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.assessment.rules import METRIC_ORDER, Elapsed, Metric, Progress, ranks
from crm.core.money import half_up

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Grid = dict[tuple[int, Metric], int]
FULL = Decimal(100)


@dataclass(frozen=True, slots=True)
class MetricLine:
    """One metric over all units: done, target, and how many units finished their task."""

    metric: Metric
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
    units: Sequence[tuple[int, str]], done: Mapping[tuple[int, Metric], int], goals: Grid, spent: Elapsed
) -> Standing:
    """Put facts beside tasks; units with neither are left out, so parts add up to the whole."""
    shown = [
        pair for pair in units if any((pair[0], metric) in goals or done.get((pair[0], metric)) for metric in Metric)
    ]
    cells = {
        unit_id: tuple(
            Progress(done.get((unit_id, metric), 0), goals.get((unit_id, metric), 0), spent) for metric in METRIC_ORDER
        )
        for unit_id, _name in shown
    }
    means = {unit_id: _mean(row) for unit_id, row in cells.items()}
    places = ranks(means)
    lines = tuple(
        UnitLine(unit_id, name, cells[unit_id], means[unit_id], places.get(unit_id)) for unit_id, name in shown
    )
    metrics = tuple(
        _metric_line(metric, [row[index] for row in cells.values()], spent) for index, metric in enumerate(METRIC_ORDER)
    )
    return Standing(spent, metrics, lines)


def _metric_line(metric: Metric, cells: Sequence[Progress], spent: Elapsed) -> MetricLine:
    whole = Progress(sum(cell.done for cell in cells), sum(cell.target for cell in cells), spent)
    return MetricLine(metric, whole, sum(1 for cell in cells if cell.target), sum(1 for cell in cells if cell.met))


def _mean(row: Sequence[Progress]) -> Decimal | None:
    rates = [min(FULL, Decimal(cell.done) * 100 / cell.target) for cell in row if cell.target]
    return half_up(sum(rates, Decimal(0)) / len(rates), 1) if rates else None
