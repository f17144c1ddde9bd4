"""Working days of the Chinese calendar, with holidays and made-up days (调休). Pure.

The library knows the years the State Council has announced; for others Monday to Friday are counted,
and ``knows`` lets a page say so.
"""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
from chinese_calendar.constants import holidays

SATURDAY = 5
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
    return sum(is_workday(start + ONE_DAY * step) for step in range(1, (end - start).days + 1))
