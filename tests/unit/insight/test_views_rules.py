"""Percentiles of days, windows to compare, bands."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.assessment.window import Window
from crm.insight.rules import band_of, percentile
from crm.insight.windows import before, year_before

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("counts", "share", "day"),
    [({}, 0.5, None), ({3: 1}, 0.9, 3), ({1: 5, 9: 5}, 0.5, 1), ({1: 5, 9: 5}, 0.9, 9), ({0: 1, 2: 1, 4: 1}, 0.5, 2)],
)
def test_a_percentile_is_the_day_by_which_a_share_was_over(
    counts: dict[int, int], share: float, day: int | None
) -> None:
    assert percentile(counts, share) == day


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60))
def test_half_of_the_cases_are_over_by_the_median(days: list[int]) -> None:
    counts = {day: days.count(day) for day in days}
    median = percentile(counts, 0.5)
    assert median is not None
    assert 2 * sum(day <= median for day in days) >= len(days)


def test_windows_to_compare_have_as_many_days() -> None:
    window = Window(date(2026, 11, 1), date(2026, 11, 10), NOW)
    assert (before(window).start, before(window).end) == (date(2026, 10, 22), date(2026, 10, 31))
    leap = year_before(Window(date(2028, 2, 29), date(2028, 3, 1), NOW))
    assert (leap.start, leap.end) == (date(2027, 2, 28), date(2027, 3, 1))


@pytest.mark.parametrize(("amount", "band"), [(0, 0), (4999, 0), (5000, 1), (10000, 2), (99999, 2)])
def test_an_investment_falls_in_the_band_it_reaches(amount: int, band: int) -> None:
    assert band_of(Decimal(amount), [Decimal(5000), Decimal(10000)]) == band
