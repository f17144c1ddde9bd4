"""The rhythm of checks: one in each half of a month (每半月跟踪), due on its last working day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from crm.core.workdays import is_workday

MIDDLE = 15
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Half:
    """Half a month: the 1st to the 15th, or the 16th to the end."""

    first: date
    last: date

    @property
    def due_on(self) -> date:
        """The day until which its check is due: the last working day in it, by the work calendar."""
        day = self.last
        while not is_workday(day) and day > self.first:
            day -= ONE_DAY
        return day


def half_of(day: date) -> Half:
    """Return the half of the month a day lies in."""
    if day.day <= MIDDLE:
        return Half(day.replace(day=1), day.replace(day=MIDDLE))
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return Half(day.replace(day=MIDDLE + 1), following - ONE_DAY)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Where a plan stands in the rhythm: when its next check is due, and whether one was missed."""

    due_on: date
    done: bool
    missed: bool


def rhythm(last_on: date | None, opened_on: date, today: date) -> Rhythm:
    """Tell of the check of this half; a half in which the plan was already open and that has none was missed."""
    now = half_of(today)
    before = half_of(now.first - ONE_DAY)
    done = last_on is not None and last_on >= now.first
    seen = last_on is not None and last_on >= before.first
    return Rhythm(now.due_on, done, missed=not seen and opened_on <= before.first)
