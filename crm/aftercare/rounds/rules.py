"""干部包联企业: which official visits which firm how often in a year, done by the visits on record. Pure.

A visit counts when the official, or somebody of the official's unit, recorded it: 走访、洽谈、来区考察.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.fieldwork.rules import TouchKind

if TYPE_CHECKING:
    from datetime import date

MOST = 52  # a visit a week
FACE_TO_FACE = (TouchKind.VISIT, TouchKind.NEGOTIATION, TouchKind.INSPECTION)


@dataclass(frozen=True, slots=True)
class RoundDraft:
    """What is typed: the year, the firm, the official with the unit, how many visits."""

    year: int
    enterprise_id: int
    unit_id: int
    user_id: int
    planned: int
    note: str = ""


def round_problems(draft: RoundDraft, *, today: date) -> list[Problem]:
    """Reasons why a plan cannot be kept."""
    problems = []
    if not today.year - 1 <= draft.year <= today.year + 1:
        problems.append(Problem("round.year", "年度请填今年、去年或明年。", "year"))
    if not 1 <= draft.planned <= MOST:
        problems.append(Problem("round.planned", "全年走访次数请填1到52。", "planned"))
    return problems


def expected(planned: int, year: int, today: date) -> int:
    """Visits that should be done by a day: the plan spread evenly over the year, rounded down."""
    if year != today.year:
        return planned if year < today.year else 0
    return planned * today.timetuple().tm_yday // 365
