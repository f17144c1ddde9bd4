from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.workdays import LAST_YEAR, add_workdays, is_workday, knows, workdays_between

DAYS = st.dates(date(2004, 1, 1), date(LAST_YEAR + 3, 12, 1))


def test_a_saturday_made_up_for_a_holiday_is_a_working_day() -> None:
    assert is_workday(date(2026, 10, 10))
    assert not is_workday(date(2026, 10, 17))


def test_the_national_holiday_is_no_working_day() -> None:
    assert not any(is_workday(date(2026, 10, day)) for day in range(1, 8))


def test_one_working_day_after_the_last_day_before_the_holiday_is_the_day_it_ends() -> None:
    assert add_workdays(date(2026, 9, 30), 1) == date(2026, 10, 8)


def test_three_working_days_from_a_friday_end_on_wednesday() -> None:
    assert add_workdays(date(2026, 11, 20), 3) == date(2026, 11, 25)


def test_a_clock_that_starts_on_a_weekend_starts_on_the_next_open_day() -> None:
    assert add_workdays(date(2026, 11, 21), 0) == date(2026, 11, 23)


def test_years_not_yet_announced_count_monday_to_friday() -> None:
    later = date(LAST_YEAR + 2, 10, 1)
    assert not knows(later)
    assert is_workday(later) is (later.weekday() < 5)


@pytest.mark.parametrize(
    ("start", "end", "days"), [((9, 30), (10, 8), 1), ((11, 20), (11, 23), 1), ((11, 20), (11, 20), 0)]
)
def test_working_days_between(start: tuple[int, int], end: tuple[int, int], days: int) -> None:
    assert workdays_between(date(2026, *start), date(2026, *end)) == days


@given(DAYS, st.integers(-40, 2500))
def test_counting_by_weeks_is_counting_day_by_day(start: date, days: int) -> None:
    each = (is_workday(start + timedelta(days=step)) for step in range(1, days + 1))
    assert workdays_between(start, start + timedelta(days=days)) == sum(each)


def test_four_centuries_not_announced_are_whole_weeks_of_five_days() -> None:
    assert workdays_between(date(2400, 1, 1), date(2800, 1, 1)) == 20871 * 5
    assert workdays_between(date(2800, 1, 1), date(2400, 1, 1)) == 0


@given(DAYS, st.integers(0, 30))
def test_adding_and_counting_agree(day: date, count: int) -> None:
    start = add_workdays(day, 0)
    end = add_workdays(start, count)
    assert workdays_between(start, end) == count
    assert is_workday(end)
    assert end - start >= timedelta(days=count)
