"""What is counted in a campaign and how its time is divided: items and phases as data."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from crm.assessment.measures import MEASURES
from crm.assessment.rules import METRIC_ORDER
from crm.assessment.window import EVERYTHING, Lens, Size
from crm.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from crm.assessment.models import CampaignItem
    from crm.assessment.window import Measure

MOST_ITEMS, MOST_PHASES = 12, 8
WHOLE = 100


@dataclass(frozen=True, slots=True)
class Item:
    """One task: a measure seen through a lens, under a key and perhaps a name of its own."""

    key: str
    measure: Measure
    lens: Lens = EVERYTHING
    named: str = ""

    @property
    def label(self) -> str:
        """What it is called."""
        return self.named or self.measure.label

    @property
    def unit(self) -> str:
        """In which unit it is counted."""
        return self.measure.unit


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase: its days, both included, what is done in it, and the percent of the tasks due by its end."""

    name: str
    start_on: date
    end_on: date
    percent: int | None = None
    plan: str = ""


STANDARD: tuple[Item, ...] = tuple(Item(metric.value, MEASURES[metric.value]) for metric in METRIC_ORDER)


def stored(rows: Sequence[CampaignItem]) -> tuple[Item, ...]:
    """The items of a campaign as they are kept; the five where none are."""
    found = tuple(
        Item(
            row.key,
            MEASURES[row.metric],
            Lens(low=row.low, high=row.high, size=row.size, currency=row.currency, sector=row.sector),
            row.label or "",
        )
        for row in rows
        if row.metric in MEASURES
    )
    return found or STANDARD


def narrowed_key(metric: str, low: Decimal | None, high: Decimal | None, sector: str, size: Size = Size.TOTAL) -> str:
    """Key of an item: the measure, and what it is narrowed to."""
    band = f"{low or 0:g}-{'' if high is None else f'{high:g}'}{'f' if size is Size.FIXED else ''}"
    return "@".join([metric, *([band] if low or high else []), *([sector] if sector else [])])[:40]


def item_problems(items: Sequence[Item]) -> list[Problem]:
    """Reasons why these cannot be the items of a campaign."""
    problems = []
    if not 0 < len(items) <= MOST_ITEMS:
        problems.append(Problem("item.count", "请选一到十二项任务。", "items"))
    if len({item.key for item in items}) < len(items):
        problems.append(Problem("item.twice", "同一口径的任务写了两次，请合并。", "items"))
    if any(
        item.lens.low is not None and item.lens.high is not None and item.lens.high <= item.lens.low for item in items
    ):
        problems.append(Problem("item.band", "投资规模的上限要高于下限。", "items"))
    return problems


def phase_problems(phases: Sequence[Phase], start: date, end: date) -> list[Problem]:
    """Reasons why these cannot be the phases of a campaign between two days."""
    if len(phases) > MOST_PHASES:
        return [Problem("phase.count", "阶段最多八个。", "phases")]
    problems = []
    ordered = sorted(phases, key=lambda one: one.start_on)
    if any(not start <= one.start_on <= one.end_on <= end for one in ordered):
        problems.append(Problem("phase.days", "每个阶段都要在会战起止日期之内，结束不早于开始。", "phases"))
    if any(after.start_on <= before.end_on for before, after in pairwise(ordered)):
        problems.append(Problem("phase.overlap", "阶段不能重叠。", "phases"))
    shares = [one.percent for one in ordered if one.percent is not None]
    if shares != sorted(shares) or any(not 0 < one <= WHOLE for one in shares):
        problems.append(Problem("phase.percent", "各阶段末的累计进度要在 1 到 100 之间，并且逐段提高。", "phases"))
    return problems


def milestones(phases: Sequence[Phase]) -> list[tuple[date, Decimal]]:
    """Days with the percent due by their end, from the phases that say so."""
    return [(one.end_on, Decimal(one.percent)) for one in phases if one.percent is not None]
