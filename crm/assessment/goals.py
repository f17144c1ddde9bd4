"""Targets as data: what is asked of whom, how one is split so that its parts sum to it, and milestones. Pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.assessment.rules import TargetLevel
from crm.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WHOLE_YEAR = "year"
HALVES, QUARTERS = ("h1", "h2"), ("q1", "q2", "q3", "q4")
MONTHS = tuple(f"m{month:02d}" for month in range(1, 13))
PERIODS = (WHOLE_YEAR, *HALVES, *QUARTERS, *MONTHS)
PERIOD_LABELS: dict[str, str] = {
    "year": "全年",
    "h1": "上半年",
    "h2": "下半年",
    "q1": "一季度",
    "q2": "二季度",
    "q3": "三季度",
    "q4": "四季度",
    "m01": "1月",
    "m02": "2月",
    "m03": "3月",
    "m04": "4月",
    "m05": "5月",
    "m06": "6月",
    "m07": "7月",
    "m08": "8月",
    "m09": "9月",
    "m10": "10月",
    "m11": "11月",
    "m12": "12月",
}
MONTHS_IN = {"year": 12, "h": 6, "q": 3, "m": 1}
LARGEST = Decimal(1_000_000_000)
MOST_PARTS, MOST_MILESTONES = 100, 12
WHOLE = Decimal(100)


class SplitBy(StrEnum):
    """Along what a target is split; the parts differ in this alone."""

    UNIT = "unit"
    PERSON = "person"
    PERIOD = "period"
    BAND = "band"
    SITE = "site"


SPLIT_LABELS: dict[SplitBy, str] = {
    SplitBy.UNIT: "按单位",
    SplitBy.PERSON: "按人",
    SplitBy.PERIOD: "按时段",
    SplitBy.BAND: "按投资规模",
    SplitBy.SITE: "按载体",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a target counts: metric, year and part of it, level, whose, and of which projects; sums in 万元."""

    metric: str
    year: int
    period: str = WHOLE_YEAR
    level: TargetLevel = TargetLevel.ENSURE
    unit_id: int | None = None
    person_id: int | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    size: str = "total"
    currency: str = ""
    sector: str = ""
    site: str = ""

    @property
    def slot(self) -> str:
        """One text for one scope: no two targets have the same."""
        band = f"{_edge(self.low)}-{_edge(self.high)}{self.size[0]}" if self.low or self.high else ""
        parts = (
            f"{self.year}{self.period}",
            self.metric,
            self.level.value,
            f"u{self.unit_id or ''}",
            f"p{self.person_id or ''}",
            band,
            self.currency,
            self.sector,
            self.site,
        )
        return "|".join(parts)

    @property
    def days(self) -> tuple[date, date]:
        """First and last day of the period."""
        return period_days(self.year, self.period)


@dataclass(frozen=True, slots=True)
class Milestone:
    """So much percent of a target is due by the end of a day."""

    on: date
    percent: Decimal


def period_days(year: int, period: str) -> tuple[date, date]:
    """First and last day of a part of a year."""
    if period == WHOLE_YEAR:
        return date(year, 1, 1), date(year, 12, 31)
    length, number = MONTHS_IN[period[0]], int(period[1:])
    first, last = (number - 1) * length + 1, number * length
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def parts_of(period: str) -> tuple[tuple[str, ...], ...]:
    """In which ways a period can be cut: a year into quarters, halves or months, a half or a quarter likewise."""
    if period == WHOLE_YEAR:
        return (QUARTERS, HALVES, MONTHS)
    number = int(period[1:])
    if period[0] == "h":
        return (QUARTERS[number * 2 - 2 : number * 2], MONTHS[number * 6 - 6 : number * 6])
    return (MONTHS[number * 3 - 3 : number * 3],) if period[0] == "q" else ()


def splits_of(scope: Scope) -> tuple[SplitBy, ...]:
    """Along what a target may be split: never twice along what it already is a part of."""
    found = []
    if scope.person_id is None:
        found.append(SplitBy.UNIT)
        if scope.unit_id is not None:
            found.append(SplitBy.PERSON)
    if parts_of(scope.period):
        found.append(SplitBy.PERIOD)
    found.append(SplitBy.BAND)
    if not scope.site:
        found.append(SplitBy.SITE)
    return tuple(found)


def part(scope: Scope, by: SplitBy, key: str) -> Scope:
    """The scope of one part; ``key`` is a unit, a person, a period, a band such as ``5000-10000`` or a site."""
    if by is SplitBy.UNIT:
        return replace(scope, unit_id=int(key))
    if by is SplitBy.PERSON:
        return replace(scope, person_id=int(key))
    if by is SplitBy.PERIOD:
        return replace(scope, period=key)
    if by is SplitBy.SITE:
        return replace(scope, site=key)
    low, _dash, high = key.partition("-")
    return replace(scope, low=Decimal(low) if low else scope.low, high=Decimal(high) if high else scope.high)


def split_problems(value: Decimal, scope: Scope, by: SplitBy, parts: Mapping[str, Decimal]) -> list[Problem]:
    """Reasons why these parts are not the target; empty means they sum to it exactly."""
    if by not in splits_of(scope):
        return [Problem("split.by", "这项任务不能再这样分解，请换一种分法。", "by")]
    if not len(parts) + (by is SplitBy.UNIT) > 1 or len(parts) > MOST_PARTS:
        return [Problem("split.parts", "请至少分成两份，最多一百份。")]
    if any(not 0 < one <= LARGEST for one in parts.values()):
        return [Problem("split.value", "每一份都要大于零；不下达的请留空。")]
    problems = []
    total = sum(parts.values(), Decimal(0))
    if total != value:
        params: dict[str, object] = {"sum": f"{total:f}", "total": f"{value:f}", "gap": f"{abs(total - value):f}"}
        text = "各份合计%(sum)s，总任务是%(total)s，相差%(gap)s：请改到相等再保存。"
        problems.append(Problem("split.sum", text, params=params))
    if by is SplitBy.PERIOD and tuple(parts) not in parts_of(scope.period):
        problems.append(Problem("split.periods", "时段要首尾相接、不重不漏：请把每一段都填上。"))
    if by is SplitBy.BAND:
        problems += _band_problems(scope, list(parts))
    return problems


def _band_problems(scope: Scope, keys: Sequence[str]) -> list[Problem]:
    bands = sorted((part(scope, SplitBy.BAND, key) for key in keys), key=lambda one: one.low or Decimal(0))
    edges = [one.low for one in bands[1:]], [one.high for one in bands[:-1]]
    whole = bands[0].low == scope.low and bands[-1].high == scope.high
    if edges[0] != edges[1] or not whole:
        return [Problem("split.bands", "各档要首尾相接，从最低一档到最高一档不重不漏。")]
    return []


def milestone_problems(scope: Scope, milestones: Sequence[Milestone]) -> list[Problem]:
    """Reasons why these milestones cannot stand; empty means they can."""
    start, end = scope.days
    if len(milestones) > MOST_MILESTONES:
        return [Problem("milestone.many", "里程碑最多十二个。")]
    days = [one.on for one in milestones]
    problems = []
    if any(not start <= day <= end for day in days):
        problems.append(Problem("milestone.day", "里程碑的日期要在任务期内。"))
    if len(set(days)) < len(days):
        problems.append(Problem("milestone.twice", "同一天只能有一个里程碑。"))
    percents = [one.percent for one in sorted(milestones, key=lambda one: one.on)]
    if any(not 0 < one <= WHOLE for one in percents):
        problems.append(Problem("milestone.percent", "里程碑的进度要大于0%%、不超过100%%。"))
    elif percents != sorted(percents):
        problems.append(Problem("milestone.order", "后面的里程碑不能比前面的低。"))
    return problems


def _edge(value: Decimal | None) -> str:
    return f"{value.normalize():f}" if value is not None else ""
