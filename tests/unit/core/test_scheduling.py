from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crm.core.scheduling import Rhythm, local_day, next_run, period

SATURDAY_NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


def test_a_daily_run_still_ahead_today_is_today_in_shanghai_time() -> None:
    assert next_run(Rhythm(daily_at="18:30"), SATURDAY_NOON) == datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


def test_a_daily_run_already_past_is_tomorrow() -> None:
    assert next_run(Rhythm(daily_at="02:30"), SATURDAY_NOON) == datetime(2026, 11, 21, 18, 30, tzinfo=UTC)


def test_the_next_run_lies_strictly_after_a_run() -> None:
    run = next_run(Rhythm(daily_at="12:00"), SATURDAY_NOON)
    assert run == datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def test_a_friday_run_seen_on_saturday_is_six_days_ahead() -> None:
    run = next_run(Rhythm(daily_at="10:00", weekday=4), SATURDAY_NOON)
    assert run == datetime(2026, 11, 27, 2, 0, tzinfo=UTC)


def test_a_weekday_run_later_on_the_same_day_is_today() -> None:
    run = next_run(Rhythm(daily_at="13:00", weekday=5), SATURDAY_NOON)
    assert run == datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def test_steps_of_five_minutes_stand_on_the_local_clock() -> None:
    run = next_run(Rhythm(every_minutes=5), SATURDAY_NOON.replace(minute=3, second=20))
    assert run == SATURDAY_NOON.replace(minute=5)


def test_steps_that_do_not_divide_a_day_start_anew_at_local_midnight() -> None:
    late = datetime(2026, 11, 21, 15, 58, tzinfo=UTC)  # 23:58 in Shanghai
    assert next_run(Rhythm(every_minutes=7 * 60), late) == datetime(2026, 11, 21, 16, 0, tzinfo=UTC)


def test_a_period_is_named_by_its_local_minute() -> None:
    assert period(SATURDAY_NOON) == "2026-11-21T12:00"


@pytest.mark.parametrize(
    "arguments",
    [{}, {"every_minutes": 5, "daily_at": "10:00"}, {"every_minutes": 0}, {"daily_at": "10:00", "weekday": 7}],
)
def test_a_rhythm_without_one_clear_time_is_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"every_minutes|weekday"):
        Rhythm(**arguments)  # type: ignore[arg-type]  # wrong on purpose


def test_the_local_day_of_a_late_evening_in_utc_is_the_next_one() -> None:
    assert local_day(datetime(2026, 11, 21, 15, 59, tzinfo=UTC)) == date(2026, 11, 21)
    assert local_day(datetime(2026, 11, 21, 16, 0, tzinfo=UTC)) == date(2026, 11, 22)
