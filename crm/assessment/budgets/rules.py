"""经费: budgets, what was spent and what it brought. Pure.

One sum is counted once: a trip or an event that records its own cost is the source of that cost, and an entry that
points to it is shown beside it and not added.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.core.money import half_up

if TYPE_CHECKING:
    from datetime import date

EARLIEST, LATEST = 2000, 2100
LARGEST = Decimal(1_000_000)
SHORTEST_REASON = 4
DIGITS = 6


class SpendKind(StrEnum):
    """What money is spent on."""

    TRAVEL = "travel"
    RECEPTION = "reception"
    EVENT = "event"
    PUBLICITY = "publicity"
    AGENCY = "agency"
    POST = "post"
    OTHER = "other"


KIND_LABELS: dict[SpendKind, str] = {
    SpendKind.TRAVEL: "差旅",
    SpendKind.RECEPTION: "接待",
    SpendKind.EVENT: "活动",
    SpendKind.PUBLICITY: "宣传推介",
    SpendKind.AGENCY: "委托招商",
    SpendKind.POST: "驻点",
    SpendKind.OTHER: "其他",
}


class Source(StrEnum):
    """Where a sum comes from."""

    ENTRY = "entry"
    TRIP = "trip"
    EVENT = "event"


SOURCE_LABELS: dict[Source, str] = {
    Source.ENTRY: "登记的支出",
    Source.TRIP: "外出招商自记",
    Source.EVENT: "活动自记",
}


@dataclass(frozen=True, slots=True)
class SpendDraft:
    """What a person typed about a sum that was spent (万元)."""

    unit_id: int
    spent_on: date | None
    amount: Decimal | None
    kind: SpendKind
    purpose: str
    receipt: str | None = None
    trip_id: int | None = None
    event_id: int | None = None
    touch_id: int | None = None
    project_id: int | None = None


def money_problems(amount: Decimal | None, field: str = "amount", *, zero: bool = False) -> list[Problem]:
    """Reasons why a sum cannot be kept (万元)."""
    if amount is None or not amount.is_finite() or amount < 0 or (not amount and not zero):
        return [Problem("money.sum", "请填金额，单位是万元，例如 1.25。", field)]
    if amount > LARGEST:
        return [Problem("money.large", "金额超过100亿元，请核对单位（万元）。", field)]
    if amount != round(amount, DIGITS):
        return [Problem("money.fine", "金额最小到分（万元后六位小数）。", field)]
    return []


def spend_problems(draft: SpendDraft, today: date) -> list[Problem]:
    """Reasons why an entry cannot be kept."""
    problems = money_problems(draft.amount)
    if draft.spent_on is None:
        problems.append(Problem("spend.day", "请选择支出日期。", "spent_on"))
    elif draft.spent_on > today or draft.spent_on.year < EARLIEST:
        problems.append(Problem("spend.future", "支出日期不能晚于今天，请核对。", "spent_on"))
    if not draft.purpose.strip():
        problems.append(Problem("spend.purpose", "请写明用途，例如“赴深圳拜访机票”。", "purpose"))
    if draft.trip_id is not None and draft.event_id is not None:
        problems.append(Problem("spend.causes", "外出招商和活动只能选一个。", "event_id"))
    return problems


def budget_problems(year: int, amount: Decimal | None) -> list[Problem]:
    """Reasons why a budget cannot be kept."""
    problems = money_problems(amount, zero=True)
    if not EARLIEST <= year <= LATEST:
        problems.append(Problem("budget.year", "年度请填2000到2100之间。", "year"))
    return problems


@dataclass(frozen=True, slots=True)
class Cost:
    """What one of something cost: ``spent`` (万元) over ``of``; both are kept beside the quotient."""

    spent: Decimal
    of: Decimal

    @property
    def each(self) -> Decimal | None:
        """万元 for one, two decimals half up; None of nothing."""
        return half_up(self.spent / self.of, 2) if self.of else None

    @property
    def per_yuan(self) -> Decimal | None:
        """Yuan for each yuan, four decimals half up; None of nothing."""
        return half_up(self.spent / self.of, 4) if self.of else None


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A unit in a year, or all: budget (None: none set), spent, and what was brought meanwhile; money in 万元."""

    unit_id: int | None
    budget: Decimal | None
    spent: Decimal
    leads: Decimal
    signings: Decimal
    capital: Decimal

    @property
    def used(self) -> Decimal | None:
        """Percent of the budget that is spent, one decimal half up; None without one."""
        return half_up(self.spent * 100 / self.budget, 1) if self.budget else None

    @property
    def left(self) -> Decimal | None:
        """What is left; negative where more was spent."""
        return None if self.budget is None else self.budget - self.spent

    def ahead(self, share: Decimal) -> Decimal | None:
        """Points by which spending is ahead of the share of time passed (0 to 1); None without a budget."""
        return half_up((self.spent / self.budget - share) * 100, 1) if self.budget else None

    @property
    def per_lead(self) -> Cost:
        """万元 for each lead."""
        return Cost(self.spent, self.leads)

    @property
    def per_signing(self) -> Cost:
        """万元 for each signed project."""
        return Cost(self.spent, self.signings)

    @property
    def per_capital(self) -> Cost:
        """Yuan for each yuan in place."""
        return Cost(self.spent, self.capital)


def whole(lines: list[BudgetLine]) -> BudgetLine:
    """Sum lines; the budget is None where no unit has one."""
    zero = Decimal(0)
    budgets = [one.budget for one in lines if one.budget is not None]
    return BudgetLine(
        None,
        sum(budgets, zero) if budgets else None,
        *(sum((getattr(one, key) for one in lines), zero) for key in ("spent", "leads", "signings", "capital")),
    )
