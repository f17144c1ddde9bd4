from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.pipeline.intake.clocks import Clocks, Light, answer_due, clock_problems, cutoffs, light, months_before
from crm.pipeline.intake.rules import LeadState

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [((2026, 11, 20), 2, (2026, 9, 20)), ((2026, 3, 31), 1, (2026, 2, 28)), ((2026, 1, 15), 6, (2025, 7, 15))],
)
def test_months_go_back_to_the_same_day_or_the_last_one(
    day: tuple[int, int, int], months: int, expected: tuple[int, int, int]
) -> None:
    assert months_before(date(*day), months) == date(*expected)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (date(2026, 9, 21), Light.NONE),
        (date(2026, 9, 20), Light.YELLOW),
        (date(2026, 8, 21), Light.YELLOW),
        (date(2026, 8, 20), Light.RED),
    ],
)
def test_two_months_of_silence_are_yellow_and_three_red(last: date, expected: Light) -> None:
    act = datetime(last.year, last.month, last.day, 23, 59, tzinfo=ZONE).astimezone(UTC)
    assert light(act, cutoffs(Clocks(), TODAY, ZONE)) is expected


def test_a_light_that_is_off_never_burns() -> None:
    borders = cutoffs(Clocks(yellow_months=0, red_months=0, pool_months=0), TODAY, ZONE)
    assert light(datetime(2000, 1, 1, tzinfo=UTC), borders) is Light.NONE
    assert borders.pool is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (LeadState.NEW, date(2026, 10, 8)),
        (LeadState.ASSIGNED, date(2026, 10, 8)),
        (LeadState.REGISTERED, date(2026, 10, 10)),
        (LeadState.TRIAGE, date(2026, 10, 10)),
        (LeadState.WORKING, date(2026, 10, 14)),
        (LeadState.POOLED, None),
        (LeadState.RETURNED, None),
    ],
)
def test_answers_are_due_in_working_days_over_the_holiday(state: LeadState, expected: date | None) -> None:
    day = date(2026, 9, 30)  # the day before the National Day; Saturday 10 October is made up
    assert answer_due(state, day, day, Clocks()) == expected


def test_a_touch_starts_the_two_weeks_anew() -> None:
    since, touched = date(2026, 11, 1), date(2026, 11, 10)
    assert answer_due(LeadState.WORKING, since, touched, Clocks()) == touched + timedelta(days=14)


def test_the_clocks_of_silence_come_one_after_another() -> None:
    assert clock_problems(Clocks()) == []
    assert clock_problems(Clocks(yellow_months=0)) == []
    assert [problem.key for problem in clock_problems(Clocks(red_months=2))] == ["clocks.order"]
    assert [problem.key for problem in clock_problems(Clocks(pool_months=1))] == ["clocks.order"]
