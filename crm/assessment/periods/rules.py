"""Periods (账期): how far one is, when it may go on, and what changed after it was closed. Pure.

Source: closed periods are frozen snapshots; corrections are dated adjustments, shown in the next report.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from decimal import Decimal

NAME_LENGTH = 80
LONGEST = 366


class PeriodKind(StrEnum):
    """Kinds of periods; a correction is shown in the next closed one of the same kind."""

    WEEK = "week"
    HALF_MONTH = "half_month"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


KIND_LABELS: dict[PeriodKind, str] = {
    PeriodKind.WEEK: "周",
    PeriodKind.HALF_MONTH: "半月",
    PeriodKind.MONTH: "月",
    PeriodKind.QUARTER: "季度",
    PeriodKind.YEAR: "年",
}


class PeriodState(StrEnum):
    """Open to units, checked by the office, being frozen, closed."""

    OPEN = "open"
    CHECKED = "checked"
    CLOSING = "closing"
    CLOSED = "closed"


STATE_LABELS: dict[PeriodState, str] = {
    PeriodState.OPEN: "填报中",
    PeriodState.CHECKED: "已核对",
    PeriodState.CLOSING: "正在封账",
    PeriodState.CLOSED: "已封账",
}
STATE_TONES: dict[PeriodState, str] = {
    PeriodState.OPEN: "blue",
    PeriodState.CHECKED: "amber",
    PeriodState.CLOSING: "amber",
    PeriodState.CLOSED: "green",
}


@dataclass(frozen=True, slots=True)
class PeriodDraft:
    """What a person types of a period, and which units hand in."""

    kind: PeriodKind
    name: str
    start_on: date
    end_on: date
    unit_ids: tuple[int, ...]


def period_problems(draft: PeriodDraft, others: Iterable[tuple[date, date]]) -> list[Problem]:
    """Reasons why a period cannot be opened; ``others`` are the days of periods of its kind."""
    problems = []
    if not draft.name.strip() or len(draft.name) > NAME_LENGTH:
        problems.append(Problem("period.name", "请填写名称，最多80字，例如 2026年11月。", "name"))
    if draft.end_on < draft.start_on:
        problems.append(Problem("period.dates", "结束日期不能早于开始日期。", "end_on"))
    elif (draft.end_on - draft.start_on).days >= LONGEST:
        problems.append(Problem("period.long", "一个账期最长一年。", "end_on"))
    if any(start <= draft.end_on and draft.start_on <= end for start, end in others):
        problems.append(Problem("period.overlap", "与已有的同类账期重叠，一天只能属于一个账期。", "start_on"))
    if not draft.unit_ids:
        problems.append(Problem("period.units", "请至少选一个填报单位。", "units"))
    return problems


def check_problems(end_on: date, today: date, missing: int, reason: str) -> list[Problem]:
    """Reasons why a period cannot be checked: its days are over, and every unit handed in or is waived for a reason."""
    problems = []
    if end_on >= today:
        problems.append(Problem("period.running", "账期还没有结束，结束后才能核对。"))
    if missing and not reason.strip():
        text = "还有%(n)s个单位没有提交；确实不等的，请写明理由。"
        problems.append(Problem("period.missing_units", text, "reason", {"n": missing}))
    return problems


@dataclass(frozen=True, slots=True)
class Change:
    """What a closed figure of a unit came to later: the difference to what was known of it till now."""

    measure: str
    unit_id: int
    known: Decimal
    now: Decimal

    @property
    def difference(self) -> Decimal:
        """By how much it moved."""
        return self.now - self.known


def changes(
    known: Mapping[tuple[str, int], Decimal], now: Mapping[tuple[str, int], Decimal], zero: Decimal
) -> list[Change]:
    """Compare what was known of a closed period with what its days come to now."""
    keys = sorted(known.keys() | now.keys())
    found = [Change(measure, unit_id, known.get((measure, unit_id), zero), now.get((measure, unit_id), zero))
             for measure, unit_id in keys]  # fmt: skip
    return [one for one in found if one.difference]
