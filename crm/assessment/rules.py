"""Metrics that targets and campaigns count, with their counting basis (口径)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.core.money import half_up
from crm.core.workdays import workdays_between

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

Number = int | Decimal
ONE_DAY = timedelta(days=1)


class Metric(StrEnum):
    """The five tasks of a campaign, in the order of the table."""

    LEADS = "leads"
    VISITS = "visits"
    INSPECTIONS = "inspections"
    SIGNINGS = "signings"
    STARTS = "starts"


METRIC_LABELS: dict[Metric, str] = {
    Metric.LEADS: "收集招商信息",
    Metric.VISITS: "外出走访企业",
    Metric.INSPECTIONS: "邀请来区考察",
    Metric.SIGNINGS: "新签约项目",
    Metric.STARTS: "新开工项目",
}
METRIC_UNITS: dict[Metric, str] = {
    Metric.LEADS: "条",
    Metric.VISITS: "家",
    Metric.INSPECTIONS: "家",
    Metric.SIGNINGS: "个",
    Metric.STARTS: "个",
}
METRIC_BASIS: dict[Metric, str] = {
    Metric.LEADS: "期内登记的招商线索，按登记单位计，一个项目只计一次，重复合并的不计",
    Metric.VISITS: "期内走访过的企业，同一单位同一企业只计一家，作废记录不计",
    Metric.INSPECTIONS: "期内来区考察的企业，同一单位同一企业只计一家，作废记录不计",
    Metric.SIGNINGS: (
        "期内首次进入签约阶段且有正式合同的项目，意向和框架协议不计，待核老项目不计，不予认定的不计，重复合并的不计"
    ),
    Metric.STARTS: "期内首次进入开工阶段的项目，待核老项目不计，不予认定的不计，重复合并的不计",
}


class BulletinKind(StrEnum):
    """A bulletin on the way (活动简报), or the report that closes a campaign (收官通报)."""

    BULLETIN = "bulletin"
    CLOSING = "closing"


class TargetLevel(StrEnum):
    """确保 and 力争."""

    ENSURE = "ensure"
    STRIVE = "strive"


METRIC_ORDER: tuple[Metric, ...] = tuple(Metric)
LEVEL_LABELS: dict[TargetLevel, str] = {TargetLevel.ENSURE: "确保", TargetLevel.STRIVE: "力争"}
LARGEST_TARGET = 1_000_000


@dataclass(frozen=True, slots=True)
class Elapsed:
    """How much of a period between two dates, both included, has passed: whole days, and working days of them.

    ``due`` is the share that milestones ask for by then; without it time runs by the work calendar.
    """

    days: int
    total: int
    worked: int = field(default=0, compare=False)
    workable: int = field(default=0, compare=False)
    due: Decimal | None = field(default=None, compare=False)

    @property
    def share(self) -> Decimal:
        """Share of the target that is due (时序进度), 0 to 1."""
        if self.due is not None:
            return self.due
        if self.workable:
            return Decimal(self.worked) / self.workable
        return Decimal(self.days) / Decimal(self.total)

    @property
    def percent(self) -> Decimal:
        """The share in percent with one decimal, half up."""
        return half_up(self.share * 100, 1)

    @property
    def left(self) -> int:
        """Days that remain."""
        return self.total - self.days


@dataclass(frozen=True, slots=True)
class Progress:
    """What was done of a target; the raw pair stays beside every percentage."""

    done: Number
    target: Number
    elapsed: Elapsed

    @property
    def rate(self) -> Decimal | None:
        """完成率 in percent with one decimal, half up; None without a target."""
        return half_up(Decimal(self.done) * 100 / self.target, 1) if self.target else None

    @property
    def gap(self) -> Decimal | None:
        """时序差 in points: 完成率 minus the share of time passed, rounded once."""
        if not self.target:
            return None
        return half_up((Decimal(self.done) / self.target - self.elapsed.share) * 100, 1)

    @property
    def forecast(self) -> Number | None:
        """What the period ends with at the mean pace of its working days so far; counts are rounded half up."""
        if not self.elapsed.worked:
            return None
        whole = Decimal(self.done) * self.elapsed.workable / self.elapsed.worked
        return int(half_up(whole, 0)) if isinstance(self.done, int) else half_up(whole, 2)

    @property
    def needed(self) -> Decimal | None:
        """What each working day that remains must bring to meet the target; None when it is met or time is up."""
        left = self.elapsed.workable - self.elapsed.worked
        if self.met or not self.target or left <= 0:
            return None
        return half_up((Decimal(self.target) - self.done) / left, 2)

    @property
    def met(self) -> bool:
        """Whether the task is finished."""
        return bool(self.target) and self.done >= self.target


def elapsed(start: date, end: date, today: date, milestones: Sequence[tuple[date, Decimal]] = ()) -> Elapsed:
    """Days of a campaign or year passed by the end of ``today``; 百日 may well be 92 days.

    ``milestones`` are days with the percent due by their end; between them it grows by working days.
    """
    total, eve = (end - start).days + 1, start - ONE_DAY
    days = min(max((today - start).days + 1, 0), total)
    worked = workdays_between(eve, min(today, end))
    due = _due(eve, end, today, milestones) if milestones else None
    return Elapsed(days, total, worked, workdays_between(eve, end), due)


def _due(eve: date, end: date, today: date, milestones: Sequence[tuple[date, Decimal]]) -> Decimal:
    before, reached = eve, Decimal(0)
    for day, percent in [*sorted(milestones), (end, Decimal(100))]:
        if today < day:
            span = workdays_between(before, day)
            passed = Decimal(workdays_between(before, today)) / span if span else Decimal(0)
            return (reached + (percent - reached) * passed) / 100
        before, reached = day, max(reached, percent)
    return reached / 100


def ranks(rates: dict[int, Decimal | None]) -> dict[int, int]:
    """Rank units by rate, best first; equal rates share a rank, units without a target have none."""
    known = sorted((rate for rate in rates.values() if rate is not None), reverse=True)
    return {unit_id: known.index(rate) + 1 for unit_id, rate in rates.items() if rate is not None}


def campaign_problems(name: str, start_on: date, end_on: date, tasks: int) -> list[Problem]:
    """Reasons why a campaign cannot be kept; empty means it can."""
    problems = []
    if not name.strip():
        problems.append(Problem("campaign.name", "请给会战起一个名称。", "name"))
    if end_on < start_on:
        problems.append(Problem("campaign.dates", "结束日期不能早于开始日期。", "end_on"))
    if not tasks:
        problems.append(Problem("campaign.tasks", "请至少给一个单位下达一项任务。"))
    return problems
