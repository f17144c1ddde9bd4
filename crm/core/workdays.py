"""Working days of the Chinese calendar, with holidays and made-up days (调休). Pure.

The library knows the years the State Council has announced; for others Monday to Friday are counted,
and ``knows`` lets a page say so.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from itertools import accumulate

import chinese_calendar
from chinese_calendar.constants import holidays, workdays

WEEK, SATURDAY = 7, 5
ONE_DAY = timedelta(days=1)
FIRST_YEAR: int = min(holidays).year
LAST_YEAR: int = max(holidays).year


def knows(day: date) -> bool:
    """Whether holidays and made-up days of that year are known."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def is_workday(day: date) -> bool:
    """Whether offices are open: by the announced calendar, else Monday to Friday."""
    return bool(chinese_calendar.is_workday(day)) if knows(day) else day.weekday() < SATURDAY


def add_workdays(day: date, count: int) -> date:
    """Return the working day ``count`` working days after ``day``; 0 gives the day itself or the next open one."""
    while not is_workday(day):
        day += ONE_DAY
    for _step in range(count):
        day += ONE_DAY
        while not is_workday(day):
            day += ONE_DAY
    return day


def workdays_between(start: date, end: date) -> int:
    """Count the working days after ``start`` up to and with ``end``; none if ``end`` is not later."""
    return max(0, _until(end) - _until(start))


def _until(day: date) -> int:
    """Count the working days from the year 1 up to and with ``day``: whole weeks, then what the calendar changes."""
    weeks, rest = divmod(day.toordinal(), WEEK)  # the first of January of the year 1 is a Monday
    return weeks * SATURDAY + min(rest, SATURDAY) + _CHANGED_BY[bisect_right(_CHANGED, day)]


def _differences() -> tuple[list[date], list[int]]:
    """Days that are not open or closed as their weekday says, and by how much all up to each changed the count."""
    announced = sorted({*holidays, *workdays})
    changed = [day for day in announced if is_workday(day) != (day.weekday() < SATURDAY)]
    steps = (1 if is_workday(day) else -1 for day in changed)
    return changed, list(accumulate(steps, initial=0))


_CHANGED, _CHANGED_BY = _differences()
