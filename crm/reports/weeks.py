"""ISO weeks of reporting and the cut-off of each: Friday 10:00, holidays shifted."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.core.workdays import is_workday

SHANGHAI = ZoneInfo("Asia/Shanghai")
CUT_OFF_TIME = time(10)
MONDAY, FRIDAY, SUNDAY = 1, 5, 7
LONGEST_BREAK_DAYS = 31

_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


def parse_week(text: str) -> tuple[int, int]:
    """Return the ISO year and week of "2026-W46"; ValueError when there is none."""
    match = _WEEK.fullmatch(text.strip())
    if match is None:
        msg = f"a week is written as 2026-W46, not {text!r}"
        raise ValueError(msg)
    year, week = int(match[1]), int(match[2])
    week_range(year, week)
    return year, week


def week_range(iso_year: int, iso_week: int) -> tuple[date, date]:
    """Return Monday and Sunday of an ISO week; ValueError when there is none."""
    return (
        date.fromisocalendar(iso_year, iso_week, MONDAY),
        date.fromisocalendar(iso_year, iso_week, SUNDAY),
    )


def previous_week(iso_year: int, iso_week: int) -> tuple[int, int]:
    """Return the ISO year and week before this one."""
    monday, _ = week_range(iso_year, iso_week)
    earlier = (monday - timedelta(days=7)).isocalendar()
    return earlier.year, earlier.week


def _candidates(friday: date) -> Iterator[date]:
    """Yield Friday back to Monday, then the days after Friday."""
    yield from (friday - timedelta(days=back) for back in range(FRIDAY))
    yield from (friday + timedelta(days=on) for on in range(1, LONGEST_BREAK_DAYS))


def cut_off(iso_year: int, iso_week: int, *, is_open: Callable[[date], bool] = is_workday) -> datetime:
    """Return when the week's figures are taken: Friday 10:00 in Shanghai.

    A Friday on holiday moves the cut-off to the last working day before it in the same
    week, or, when there is none, to the first working day after. `is_open` tells working
    days, Saturdays and Sundays worked in exchange (调休) among them: the announced calendar.
    """
    friday = date.fromisocalendar(iso_year, iso_week, FRIDAY)
    for day in _candidates(friday):
        if is_open(day):
            return datetime.combine(day, CUT_OFF_TIME, tzinfo=SHANGHAI)
    msg = f"no working day within {LONGEST_BREAK_DAYS} days of {friday}"
    raise ValueError(msg)
