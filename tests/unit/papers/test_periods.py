from __future__ import annotations

from datetime import date

import pytest

from crm.papers.rules import PAPERS, PeriodKind, calendar_of, period_of, read_period, recent

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("kind", "day", "key", "label", "end"),
    [
        (PeriodKind.HALF_MONTH, date(2026, 2, 15), "2026-02-1", "2026年2月上半月", date(2026, 2, 15)),
        (PeriodKind.HALF_MONTH, date(2026, 2, 16), "2026-02-2", "2026年2月下半月", date(2026, 2, 28)),
        (PeriodKind.MONTH, date(2024, 2, 3), "2024-02", "2024年2月", date(2024, 2, 29)),
        (PeriodKind.QUARTER, date(2026, 11, 20), "2026-Q4", "2026年第四季度", date(2026, 12, 31)),
        (PeriodKind.YEAR, date(2026, 5, 1), "2026", "2026年", date(2026, 12, 31)),
    ],
)
def test_a_period_has_a_key_that_reads_back(kind: PeriodKind, day: date, key: str, label: str, end: date) -> None:
    period = period_of(kind, day)
    assert (period.key, period.label, period.end) == (key, label, end)
    assert read_period(kind, key, TODAY) == period


@pytest.mark.parametrize("key", ["2026-13", "2026-00", "2026-12", "1999-01", "2026-11-1", "2026", "2026-Q1", "x", ""])
def test_what_is_no_month_that_has_begun_is_refused(key: str) -> None:
    assert read_period(PeriodKind.MONTH, key, TODAY) is None


def test_a_paper_of_today_has_no_other_day() -> None:
    assert read_period(PeriodKind.DAY, "today", TODAY) == period_of(PeriodKind.DAY, TODAY)
    assert read_period(PeriodKind.DAY, "2026-11-19", TODAY) is None


def test_recent_periods_follow_each_other_without_a_gap() -> None:
    keys = [period.key for period in recent(PeriodKind.HALF_MONTH, date(2026, 3, 10), 4)]
    assert keys == ["2026-03-1", "2026-02-2", "2026-02-1", "2026-01-2"]
    assert len(recent(PeriodKind.DAY, TODAY, 6)) == 1


def test_the_calendar_asks_for_each_month_each_quarter_and_the_year_once() -> None:
    due = calendar_of(date(2026, 12, 20), 31, 31)
    named = [(one.kind.key, one.period.key) for one in due]
    assert len(named) == len(set(named))
    assert [key for kind, key in named if kind == "dispatch"] == ["2026-11", "2026-12"]
    assert [key for kind, key in named if kind == "briefing"] == ["2026-Q4"]
    assert [key for kind, key in named if kind == "ranking"] == ["2026"]
    assert [key for kind, key in named if kind == "bulletin"] == ["2026-11-2", "2026-12-1", "2026-12-2", "2027-01-1"]
    assert all(one.period.due_on > one.period.end for one in due)
    assert {one.kind.key for one in due} <= set(PAPERS)
