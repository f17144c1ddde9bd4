"""Weeks, cut-offs and numbering."""

from datetime import date, datetime, time

import pytest

from crm.reports.period import due_at
from crm.reports.weeks import SHANGHAI, cut_off, parse_week, previous_week, week_range
from crm.word.numbering import chinese_number, level_four, level_one, level_three, level_two


def test_a_week_runs_from_monday_to_sunday() -> None:
    assert week_range(2026, 46) == (date(2026, 11, 9), date(2026, 11, 15))
    assert week_range(2026, 53) == (date(2026, 12, 28), date(2027, 1, 3))


def test_the_week_before_the_first_belongs_to_the_year_before() -> None:
    assert previous_week(2027, 1) == (2026, 53)
    assert previous_week(2026, 46) == (2026, 45)


def test_a_week_is_read_as_it_is_written() -> None:
    assert parse_week(" 2026-W46 ") == (2026, 46)


@pytest.mark.parametrize("text", ["2026-46", "2025-W53", "2026-W00", "W46", "", "2026-W4６"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="week"):
        parse_week(text)


def test_figures_are_taken_on_friday_at_ten_in_shanghai() -> None:
    assert cut_off(2026, 46) == datetime(2026, 11, 13, 10, tzinfo=SHANGHAI)


def test_a_friday_on_holiday_moves_the_cut_off_to_the_last_working_day_before() -> None:
    assert cut_off(2026, 25).date() == date(2026, 6, 18), "端午节"
    assert cut_off(2026, 1).date() == date(2025, 12, 31), "元旦"


def test_a_week_wholly_on_holiday_is_cut_off_on_the_first_working_day_after() -> None:
    assert cut_off(2026, 8).date() == date(2026, 2, 24)


def test_a_worked_sunday_counts_as_a_working_day() -> None:
    moved = cut_off(2026, 41, is_open=lambda day: day == date(2026, 10, 10))
    assert moved == datetime(2026, 10, 10, 10, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 11, 20), "2026-W47"),
        (date(2026, 11, 19), None),
        (date(2026, 6, 18), "2026-W25"),
        (date(2026, 6, 19), None),
        (date(2026, 2, 24), "2026-W08"),
    ],
)
def test_a_draft_is_due_on_the_day_of_the_cut_off_only(day: date, name: str | None) -> None:
    due = due_at(datetime.combine(day, time(10), tzinfo=SHANGHAI))
    assert (due.name if due else None) == name


@pytest.mark.parametrize(("number", "told"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")])
def test_numbers_are_told_in_chinese(number: int, told: str) -> None:
    assert chinese_number(number) == told


@pytest.mark.parametrize("number", [0, -1, 100])
def test_a_number_beyond_two_digits_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="1 to 99"):
        chinese_number(number)


def test_the_four_levels_have_their_own_labels() -> None:
    assert [level_one(2), level_two(2), level_three(2), level_four(2)] == ["二、", "（二）", "2.", "（2）"]
