"""Clocks of a lead: when an answer is due, and how long nobody has done anything. Pure.

Source: the trade's published rules answer within a day, triage within three, look again every two weeks, and
show two months of silence yellow, three red, more than six out of the bank. All of it is set by the office.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.core.workdays import add_workdays
from crm.pipeline.intake.rules import LeadState

if TYPE_CHECKING:
    from datetime import tzinfo

MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the office set: answers in working days, the note in calendar days, silence in months; 0 is off."""

    respond_days: int = 1
    triage_days: int = 3
    note_days: int = 14
    yellow_months: int = 2
    red_months: int = 3
    pool_months: int = 6


class Light(StrEnum):
    """How long a project has been silent."""

    NONE = "none"
    YELLOW = "yellow"
    RED = "red"


LIGHT_LABELS: dict[Light, str] = {Light.NONE: "正常", Light.YELLOW: "久未跟进", Light.RED: "长期未跟进"}


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Instants before which the last act of a person is too old; None where the clock is off."""

    yellow: datetime | None
    red: datetime | None
    pool: datetime | None


def months_before(day: date, months: int) -> date:
    """Return the same day some months earlier, or the last day of that month."""
    index = day.year * MONTHS_A_YEAR + day.month - 1 - months
    year, month = divmod(index, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def cutoffs(clocks: Clocks, today: date, zone: tzinfo) -> Cutoffs:
    """Return the three cutoffs of a day: an act on the very day of the border is already too old."""
    found = [_cutoff(months, today, zone) for months in (clocks.yellow_months, clocks.red_months, clocks.pool_months)]
    return Cutoffs(*found)


def _cutoff(months: int, today: date, zone: tzinfo) -> datetime | None:
    if not months:
        return None
    return datetime.combine(months_before(today, months) + timedelta(days=1), time(), zone)


def light(last_act: datetime, borders: Cutoffs) -> Light:
    """Return the light of a project whose last act of a person was then."""
    if borders.red is not None and last_act < borders.red:
        return Light.RED
    if borders.yellow is not None and last_act < borders.yellow:
        return Light.YELLOW
    return Light.NONE


def answer_due(state: LeadState, since: date, last_act: date, clocks: Clocks) -> date | None:
    """Return the day by which somebody has to act on a lead in this state; None when nobody has to."""
    working = {
        LeadState.NEW: clocks.respond_days,
        LeadState.REGISTERED: clocks.triage_days,
        LeadState.TRIAGE: clocks.triage_days,
        LeadState.ASSIGNED: clocks.respond_days,
    }
    if state in working:
        return add_workdays(since, working[state]) if working[state] else None
    if state in {LeadState.ACCEPTED, LeadState.WORKING} and clocks.note_days:
        return max(since, last_act) + timedelta(days=clocks.note_days)
    return None


def clock_problems(clocks: Clocks) -> list[Problem]:
    """Reasons why clocks cannot be set so: the later border must not come first."""
    steps = [months for months in (clocks.yellow_months, clocks.red_months, clocks.pool_months) if months]
    if steps == sorted(set(steps)):
        return []
    return [Problem("clocks.order", "黄灯、红灯、转公海的月数须一个比一个长。", "red_months")]
