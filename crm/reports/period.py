"""The week a report is about and the windows of facts it counts; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from crm.assessment.facts import Window
from crm.reports.weeks import SHANGHAI, cut_off, previous_week, week_range

if TYPE_CHECKING:
    from datetime import datetime

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """An ISO week with its cut-off and the cut-off of the week before."""

    iso_year: int
    iso_week: int
    cutoff: datetime
    before: datetime

    @property
    def name(self) -> str:
        """The week as addresses and commands write it: 2026-W46."""
        return f"{self.iso_year}-W{self.iso_week:02d}"

    @property
    def start(self) -> date:
        """Monday."""
        return week_range(self.iso_year, self.iso_week)[0]

    @property
    def end(self) -> date:
        """Sunday."""
        return week_range(self.iso_year, self.iso_week)[1]

    @property
    def day(self) -> date:
        """The calendar day of the cut-off in Shanghai."""
        return self.cutoff.astimezone(SHANGHAI).date()

    @property
    def window(self) -> Window:
        """Facts of the week, as of the cut-off."""
        return Window(self.start, self.end, self.cutoff)

    @property
    def year_window(self) -> Window:
        """Facts since New Year, as of the cut-off."""
        return Window(date(self.day.year, 1, 1), self.end, self.cutoff)

    @property
    def previous(self) -> Week:
        """The week before, as of its own cut-off."""
        return week_of(*previous_week(self.iso_year, self.iso_week), cutoff=self.before)


def week_of(iso_year: int, iso_week: int, *, cutoff: datetime | None = None, before: datetime | None = None) -> Week:
    """Return a week with its cut-off: Friday 10:00 in Shanghai, holidays shifted, unless another is given."""
    earlier = before or cut_off(*previous_week(iso_year, iso_week))
    return Week(iso_year, iso_week, cutoff or cut_off(iso_year, iso_week), earlier)


def due_at(moment: datetime) -> Week | None:
    """Return the week whose cut-off falls on the day of an instant; after a long holiday it is the week before."""
    this = week_of(*week_at(moment))
    day = moment.astimezone(SHANGHAI).date()
    return next((week for week in (this, this.previous) if week.day == day), None)


def week_at(moment: datetime) -> tuple[int, int]:
    """Return ISO year and week of an instant in Shanghai."""
    iso = moment.astimezone(SHANGHAI).date().isocalendar()
    return iso.year, iso.week
