"""Which papers are made from figures, for which period, and by which day. Pure.

Source: the trade's calendar of reports: 半月通报, 每月一调度, 每季一总结, 年终总排队, 后进督办.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from crm.core.workdays import add_workdays

FIRST_YEAR, LAST_YEAR = 2000, 2100
MID_MONTH, MONTHS, QUARTER_MONTHS = 15, 12, 3
NOW_KEY = "today"
ONE_DAY = timedelta(days=1)
HALVES = ("上半月", "下半月")
QUARTERS = ("第一季度", "第二季度", "第三季度", "第四季度")


class PeriodKind(StrEnum):
    """How long the period of a paper is; a ``DAY`` paper says how things stand today."""

    HALF_MONTH = "half_month"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Period:
    """A period between two days, both included."""

    kind: PeriodKind
    start: date
    end: date

    @property
    def key(self) -> str:
        """How an address names it: 2026-11-1, 2026-11, 2026-Q4, 2026, today."""
        month = f"{self.start:%Y-%m}"
        return {
            PeriodKind.HALF_MONTH: f"{month}-{1 if self.start.day == 1 else 2}",
            PeriodKind.MONTH: month,
            PeriodKind.QUARTER: f"{self.start.year}-Q{_quarter(self.start) + 1}",
            PeriodKind.YEAR: f"{self.start.year}",
            PeriodKind.DAY: NOW_KEY,
        }[self.kind]

    @property
    def label(self) -> str:
        """How a paper names it: 2026年11月上半月."""
        year, month = f"{self.start.year}年", f"{self.start.year}年{self.start.month}月"
        return {
            PeriodKind.HALF_MONTH: month + HALVES[0 if self.start.day == 1 else 1],
            PeriodKind.MONTH: month,
            PeriodKind.QUARTER: year + QUARTERS[_quarter(self.start)],
            PeriodKind.YEAR: year,
            PeriodKind.DAY: f"{month}{self.start.day}日",
        }[self.kind]

    @property
    def due_on(self) -> date:
        """The day by which its paper is out: the first working day after it."""
        return add_workdays(self.end, 1)


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A paper: its key in addresses, its name, what its title says, its period."""

    key: str
    label: str
    title: str
    about: str
    period: PeriodKind


PAPERS: dict[str, PaperKind] = {
    one.key: one
    for one in (
        PaperKind(
            "bulletin", "半月通报", "招商引资工作半月通报", "半个月的进展、任务进度和单位排名", PeriodKind.HALF_MONTH
        ),
        PaperKind(
            "dispatch",
            "月调度材料",
            "招商引资工作月调度材料",
            "任务进度、排名、停滞项目、超期交办和议定事项",
            PeriodKind.MONTH,
        ),
        PaperKind(
            "briefing", "季汇报", "招商引资工作季度汇报", "先列需要决策的事项，再报进展和问题", PeriodKind.QUARTER
        ),
        PaperKind("ranking", "年终排队", "招商引资工作年终排队", "全年任务完成情况和各单位名次", PeriodKind.YEAR),
        PaperKind("slips", "后进督办清单", "后进督办清单", "没有销号的督办单、时限和亮灯", PeriodKind.DAY),
        PaperKind(
            "signed", "签约项目推进表", "签约项目推进表", "已签约项目的节点、包保、问题和办结时限", PeriodKind.DAY
        ),
    )
}


LISTED = frozenset({"dispatch", "briefing"})  # these list what stands still or is late


@dataclass(frozen=True, slots=True)
class Due:
    """An entry of the calendar of reports."""

    kind: PaperKind
    period: Period


def period_of(kind: PeriodKind, day: date) -> Period:
    """Return the period of a kind in which a day lies."""
    if kind is PeriodKind.DAY:
        return Period(kind, day, day)
    if kind is PeriodKind.YEAR:
        return Period(kind, date(day.year, 1, 1), date(day.year, MONTHS, 31))
    if kind is PeriodKind.QUARTER:
        first = _quarter(day) * QUARTER_MONTHS + 1
        return Period(kind, date(day.year, first, 1), _month_end(day.year, first + QUARTER_MONTHS - 1))
    first_day, last_day = date(day.year, day.month, 1), _month_end(day.year, day.month)
    if kind is PeriodKind.HALF_MONTH:
        mid = date(day.year, day.month, MID_MONTH)
        return Period(kind, first_day, mid) if day <= mid else Period(kind, mid + ONE_DAY, last_day)
    return Period(kind, first_day, last_day)


def read_period(kind: PeriodKind, key: str, today: date) -> Period | None:
    """Read the key of a period that has begun; None when it says nothing of the kind."""
    if kind is PeriodKind.DAY:
        return period_of(kind, today) if key == NOW_KEY else None
    found = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-([12]))?|-Q([1-4]))?", key)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    month = int(found[2]) if found[2] else (int(found[4]) - 1) * QUARTER_MONTHS + 1 if found[4] else 1
    if not 1 <= month <= MONTHS:
        return None
    period = period_of(kind, date(int(found[1]), month, MID_MONTH + 1 if found[3] == "2" else 1))
    return period if period.key == key and period.start <= today else None


def recent(kind: PeriodKind, today: date, count: int) -> list[Period]:
    """Return the period that runs and those before it, newest first."""
    found = [period_of(kind, today)]
    while len(found) < count and kind is not PeriodKind.DAY:
        found.append(period_of(kind, found[-1].start - ONE_DAY))
    return found


def calendar_of(today: date, before: int, after: int) -> list[Due]:
    """Return the papers due around a day (so many days before and after), by the day they are due."""
    first, last = today - timedelta(days=before), today + timedelta(days=after)
    found = []
    for kind in PAPERS.values():
        if kind.period is PeriodKind.DAY:
            continue
        period = period_of(kind.period, first)
        while period.end <= last:
            if first <= period.due_on <= last:
                found.append(Due(kind, period))
            period = period_of(kind.period, period.end + ONE_DAY)
        earlier = period_of(kind.period, period_of(kind.period, first).start - ONE_DAY)
        if first <= earlier.due_on <= last:
            found.append(Due(kind, earlier))
    return sorted(found, key=lambda one: (one.period.due_on, list(PAPERS).index(one.kind.key)))


def _quarter(day: date) -> int:
    return (day.month - 1) // QUARTER_MONTHS


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
