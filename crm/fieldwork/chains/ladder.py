"""The ladder an overdue promise climbs: whom to tell on which day, within the hours of the office. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crm.core.errors import Problem
from crm.core.workdays import is_workday, workdays_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime, tzinfo

MOST_STEPS, MOST_DAYS = 6, 90
MINUTES_A_DAY = 1440


class Told(StrEnum):
    """Who is told on a step."""

    OWNER = "owner"
    HEAD = "head"
    MANAGER = "manager"
    LEADER = "leader"


TOLD_LABELS: dict[Told, str] = {
    Told.OWNER: "负责人",
    Told.HEAD: "组长",
    Told.MANAGER: "招商办",
    Told.LEADER: "领导",
}


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder; on a risk step the promise stands on the risk list, to be given to somebody else."""

    day: int
    told: frozenset[Told]
    risk: bool = False


@dataclass(frozen=True, slots=True)
class Ladder:
    """The ladder of the office; hours in minutes of the local day."""

    rungs: tuple[Rung, ...] = (
        Rung(0, frozenset({Told.OWNER})),
        Rung(3, frozenset({Told.OWNER, Told.HEAD})),
        Rung(5, frozenset({Told.OWNER, Told.HEAD, Told.MANAGER})),
        Rung(7, frozenset({Told.OWNER, Told.HEAD, Told.MANAGER}), risk=True),
    )
    workdays: bool = True
    opens: int = 8 * 60 + 30
    closes: int = 18 * 60
    stalled_days: int = 14

    def days_late(self, due_on: date, today: date) -> int:
        """Return how late a promise is: 0 on its day, negative before."""
        if today <= due_on or not self.workdays:
            return (today - due_on).days
        return workdays_between(due_on, today)

    def due_rungs(self, due_on: date, today: date) -> list[Rung]:
        """Return the rungs a promise has reached, lowest first."""
        late = self.days_late(due_on, today)
        return [rung for rung in self.rungs if rung.day <= late] if today >= due_on else []

    def is_open(self, now: datetime, zone: tzinfo) -> bool:
        """Whether anybody may be reminded now."""
        local = now.astimezone(zone)
        if self.workdays and not is_workday(local.date()):
            return False
        return self.opens <= local.hour * 60 + local.minute < self.closes

    def risk_day(self) -> int | None:
        """Return from which day on a promise stands on the risk list."""
        return next((rung.day for rung in self.rungs if rung.risk), None)

    def since(self, days: int, today: date) -> date:
        """Return the latest day a promise may have been due on to be late by so many days."""
        day, left = today, days
        while left > 0:
            left -= 1 if not self.workdays or is_workday(day) else 0
            day -= timedelta(days=1)
        return day

    def packed(self) -> dict[str, Any]:
        """Return the ladder as plain data."""
        rungs = [{"day": rung.day, "told": sorted(rung.told), "risk": rung.risk} for rung in self.rungs]
        hours = {"opens": self.opens, "closes": self.closes}
        return {"rungs": rungs, "workdays": self.workdays, **hours, "stalled_days": self.stalled_days}


def unpacked(stored: Mapping[str, Any] | None) -> Ladder:
    """Read a packed ladder; nothing stored is the usual one."""
    if not stored:
        return Ladder()
    rungs = tuple(Rung(one["day"], _told(one["told"]), one["risk"]) for one in stored["rungs"])
    return Ladder(rungs, stored["workdays"], stored["opens"], stored["closes"], stored["stalled_days"])


def _told(names: Iterable[str]) -> frozenset[Told]:
    return frozenset(Told(name) for name in names if name in set(Told))


def ladder_problems(ladder: Ladder) -> list[Problem]:
    """Reasons why a ladder cannot be kept; empty means it can."""
    problems = []
    days = [rung.day for rung in ladder.rungs]
    if not days or len(days) > MOST_STEPS:
        problems.append(Problem("ladder.rungs", "请填1到6级提醒。", "rungs"))
    if days != sorted(set(days)) or any(not 0 <= day <= MOST_DAYS for day in days):
        problems.append(Problem("ladder.days", "各级天数请填0到90，从小到大，不要重复。", "rungs"))
    if any(not rung.told for rung in ladder.rungs):
        problems.append(Problem("ladder.told", "每一级都要选提醒谁。", "rungs"))
    if not 0 <= ladder.opens < ladder.closes < MINUTES_A_DAY:
        problems.append(Problem("ladder.hours", "提醒时段的开始要早于结束。", "opens"))
    if not 1 <= ladder.stalled_days <= MOST_DAYS:
        problems.append(Problem("ladder.stalled", "停滞天数请填1到90的整数。", "stalled_days"))
    return problems
