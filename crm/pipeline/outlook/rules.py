"""The outlook of a project: when signing is expected, and how likely it is. Pure.

Source: forecasting as customer systems do it (amount x probability by expected month). The probability of a
stage is our proposal; the office sets its own, and a project may have its own with a reason.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crm.core.errors import Problem
from crm.pipeline.rules import ORDER, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

OPTION = "pipeline.outlook"
UNSIGNED: tuple[Stage, ...] = ORDER[: ORDER.index(Stage.SIGNED)]
DEFAULTS: dict[Stage, int] = {
    Stage.LEAD: 5,
    Stage.VISITING: 15,
    Stage.INSPECTING: 30,
    Stage.REVIEWING: 50,
    Stage.PRE_SIGNING: 80,
}
CERTAIN = 100
DAY_LENGTH = len("2026-01-01")
SPAN = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")


class Gap(StrEnum):
    """Expectations that are no day: none was named, or it has passed."""

    NONE = "none"
    SLIPPED = "slipped"


@dataclass(frozen=True, slots=True)
class Expected:
    """When signing is expected: from one day to another, both included, or a gap."""

    text: str
    first: date | None = None
    last: date | None = None

    def condition(self, column: Any, today: date) -> Any:  # noqa: ANN401 (a column in, a condition out)
        """Condition on a column, or the truth about a plain day."""
        if self.text == Gap.NONE:
            return column.is_(None)
        if self.text == Gap.SLIPPED:
            return column < today
        return column.between(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Probabilities:
    """Probability of signing by stage, in percent."""

    by_stage: Mapping[Stage, int] = field(default_factory=lambda: dict(DEFAULTS))

    def of(self, stage: Stage) -> int:
        """Return the probability of a stage; what is signed is certain."""
        return self.by_stage.get(stage, CERTAIN)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a person expects of a project: the day of signing and, with its reason, a probability of its own."""

    expected_on: date | None = None
    probability: int | None = None
    reason: str = ""


def expected(text: str) -> Expected | None:
    """Read a day, a month, or a gap; None for anything else."""
    if text in set(Gap):
        return Expected(text)
    if not SPAN.fullmatch(text):
        return None
    try:
        first = date.fromisoformat(text if len(text) == DAY_LENGTH else f"{text}-01")
    except ValueError:
        return None
    last = first if len(text) == DAY_LENGTH else first.replace(day=monthrange(first.year, first.month)[1])
    return Expected(text, first, last)


def probabilities(stored: Mapping[str, Any]) -> Probabilities:
    """Read what the office set; what it never set stays as proposed."""
    return Probabilities({stage: int(stored.get(str(stage), default)) for stage, default in DEFAULTS.items()})


def percent_problems(value: int | None, name: str) -> list[Problem]:
    """Reasons why a percentage cannot be kept."""
    if value is None or 0 <= value <= CERTAIN:
        return []
    return [Problem("outlook.percent", "概率请填0到100的整数。", name)]


def outlook_problems(outlook: Outlook, today: date, *, before: date | None) -> list[Problem]:
    """Reasons why the outlook of a project cannot be written as typed; a day that stood there may stay."""
    probability, reason, expected_on = outlook.probability, outlook.reason, outlook.expected_on
    problems = percent_problems(probability, "probability")
    if probability is not None and not reason.strip():
        problems.append(Problem("outlook.reason", "自定概率须说明理由。", "reason"))
    if probability is None and reason.strip():
        problems.append(
            Problem("outlook.no_probability", "写了理由，请同时填概率；按阶段默认的请清空理由。", "probability")
        )
    if expected_on is not None and expected_on < today and expected_on != before:
        problems.append(Problem("outlook.past", "预计签约日期不能早于今天。", "expected_on"))
    return problems


def month_of(day: date) -> str:
    """Return the month of a day as it stands in an address."""
    return f"{day:%Y-%m}"
