"""When a unit is reminded of the week's report, what counts as having reported, how the report names the rest. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.reports.wording import EMPTY_SECTION

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

MOST_REMINDERS, LONGEST_LEAD, MOST_UNITS = 4, 120, 500
REST = timedelta(hours=1)  # so long a person waits before reminding the same unit again


class Naming(StrEnum):
    """How the weekly report tells who did not report."""

    NAMES = "names"
    COUNT = "count"
    NOTHING = "nothing"


NAMING_LABELS: dict[Naming, str] = {
    Naming.NAMES: "点名列出未报送的单位",
    Naming.COUNT: "只写未报送单位的数目",
    Naming.NOTHING: "周报里不写",
}


@dataclass(frozen=True, slots=True)
class Setup:
    """What the office set: units that must report weekly, hours before the cut-off, how the rest are named."""

    units: tuple[int, ...] = ()
    hours: tuple[int, ...] = (24, 2)
    naming: Naming = Naming.NAMES


@dataclass(frozen=True, slots=True)
class Standing:
    """How a unit stands for a week: touches and moves it logged, what it handed in or said."""

    unit_id: int
    name: str
    touches: int = 0
    moves: int = 0
    handed_in: bool = False
    silent: bool = False
    reminded: int = 0
    told_at: datetime | None = None

    @property
    def logged(self) -> bool:
        """Whether it logged anything."""
        return bool(self.touches or self.moves)

    @property
    def reported(self) -> bool:
        """Whether it owes nothing more for the week."""
        return self.logged or self.handed_in or self.silent


def setup_problems(setup: Setup) -> list[Problem]:
    """Reasons why these cannot be the settings."""
    problems = []
    if len(set(setup.hours)) > MOST_REMINDERS:
        problems.append(Problem("chase.count", "提醒最多四次，请去掉几个。", "hours"))
    if any(not 0 < one <= LONGEST_LEAD for one in setup.hours):
        problems.append(Problem("chase.hours", "提前的小时数要在 1 到 120 之间。", "hours"))
    if len(setup.units) > MOST_UNITS:
        problems.append(Problem("chase.units", "单位最多选五百个。", "units"))
    return problems


def step_due(hours: Collection[int], cutoff: datetime, now: datetime) -> int | None:
    """Return the reminder that holds now: the last one whose hour has come; none before the first, none after."""
    if now >= cutoff:
        return None
    return min((one for one in hours if cutoff - timedelta(hours=one) <= now), default=None)


def may_remind(one: Standing, now: datetime) -> bool:
    """Whether a person may remind a unit now: it owes something and was not just told."""
    return not one.reported and (one.told_at is None or now - one.told_at >= REST)


def words(standings: Sequence[Standing], naming: Naming) -> str:
    """Say in the report who reported and who did not; nothing where nobody had to."""
    if not standings or naming is Naming.NOTHING:
        return ""
    missing = [one.name for one in standings if not one.reported]
    silent = sum(1 for one in standings if one.silent and not one.logged)
    said = f"（其中{silent}个单位报本周无动态）" if silent else ""
    text = f"本周应报送信息的单位{len(standings)}个，已报送{len(standings) - len(missing)}个{said}"
    if not missing:
        return f"{text}，全部按时报送。"
    names = f"：{'、'.join(missing)}" if naming is Naming.NAMES else ""
    return f"{text}，未报送{len(missing)}个{names}。"


def with_returns(texts: dict[str, str], returned: str) -> dict[str, str]:
    """Put who reported and who did not at the end of the section of problems."""
    if not returned:
        return texts
    before = "" if texts["issues"] == EMPTY_SECTION else f"{texts['issues']}\n"
    return {**texts, "issues": f"{before}# 信息报送\n{returned}"}
