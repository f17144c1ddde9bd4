"""Lights of a delivery plan by published thresholds: how far behind, a start missed, a start not in statistics. Pure.

Source: a published rule for key projects (银川): behind schedule by 10 to 30 points yellow, by more red; a due start
missed yellow, by three months red; started for a month without 纳统 yellow, for two red. The figures are settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.pipeline.deals.rules import months_later

if TYPE_CHECKING:
    from datetime import date


class Light(StrEnum):
    """How a plan stands, worst first."""

    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    DONE = "done"


LIGHT_LABELS: dict[Light, str] = {
    Light.RED: "红灯",
    Light.YELLOW: "黄灯",
    Light.GREEN: "绿灯",
    Light.DONE: "全部办结",
}
LIGHT_TONES: dict[Light, str] = {
    Light.RED: "seal",
    Light.YELLOW: "amber",
    Light.GREEN: "green",
    Light.DONE: "grey",
}
LIGHT_ICONS: dict[Light, str] = {
    Light.RED: "alert-circle",
    Light.YELLOW: "alert-triangle",
    Light.GREEN: "circle-check",
    Light.DONE: "flag-3",
}
SEVERITY: dict[Light, int] = {light: place for place, light in enumerate(Light)}
POINTS = 100


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a light turns: points of progress behind schedule, months after a missed start or without 纳统."""

    yellow_gap: int = 10
    red_gap: int = 30
    start_red: int = 3
    statistics_yellow: int = 1
    statistics_red: int = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """What the light looks at: nodes needed, due before today, done; the start and its entry into statistics.

    ``start_due`` is the day an open start is due, ``started_on`` the day of a start whose 纳统 is open.
    """

    total: int
    planned: int
    done: int
    start_due: date | None = None
    started_on: date | None = None
    next_due: date | None = None

    @property
    def gap(self) -> int:
        """How many nodes the plan is behind; less than nothing when it is ahead."""
        return self.planned - self.done


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a light is on: a sentence with its figures."""

    light: Light
    text: str
    params: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A light with everything that speaks for it, worst first."""

    light: Light
    causes: tuple[Cause, ...] = ()


def judge(standing: Standing, limits: Thresholds, today: date) -> Verdict:
    """Return the light of a plan today; without a cause it is green, with every node behind it done."""
    if standing.total and standing.done == standing.total:
        return Verdict(Light.DONE)
    found = (_behind(standing, limits), _start(standing, limits, today), _statistics(standing, limits, today))
    causes = sorted((cause for cause in found if cause), key=lambda cause: SEVERITY[cause.light])
    return Verdict(causes[0].light if causes else Light.GREEN, tuple(causes))


def _behind(standing: Standing, limits: Thresholds) -> Cause | None:
    """Whole numbers only: 10.0 points are yellow, 30.0 still are."""
    lost = standing.gap * POINTS
    if not standing.total or lost < limits.yellow_gap * standing.total or lost <= 0:
        return None
    light = Light.RED if lost > limits.red_gap * standing.total else Light.YELLOW
    text = "应办结%(planned)s个节点，已办结%(done)s个，落后%(points)s个百分点"
    points = (lost * 2 + standing.total) // (standing.total * 2)
    return Cause(light, text, (("planned", standing.planned), ("done", standing.done), ("points", points)))


def _start(standing: Standing, limits: Thresholds, today: date) -> Cause | None:
    due = standing.start_due
    if due is None or due >= today:
        return None
    light = Light.RED if months_later(due, limits.start_red) <= today else Light.YELLOW
    return Cause(light, "应于%(day)s开工，还没有开工", (("day", due),))


def _statistics(standing: Standing, limits: Thresholds, today: date) -> Cause | None:
    began = standing.started_on
    if began is None or months_later(began, limits.statistics_yellow) > today:
        return None
    light = Light.RED if months_later(began, limits.statistics_red) <= today else Light.YELLOW
    return Cause(light, "%(day)s开工，还没有纳统", (("day", began),))
