"""经费: sums that can be kept, rates with both their parts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm.assessment.budgets.rules import BudgetLine, SpendDraft, SpendKind, budget_problems, spend_problems, whole

D = Decimal
TODAY = date(2026, 11, 20)


def line(budget: Decimal | None, spent: int, leads: int = 4, signings: int = 2, capital: int = 800) -> BudgetLine:
    return BudgetLine(1, budget, D(spent), D(leads), D(signings), D(capital))


def test_each_cost_keeps_its_numerator_and_denominator() -> None:
    one = line(D(40), 10)
    assert (one.per_lead.each, one.per_lead.spent, one.per_lead.of) == (D("2.50"), D(10), D(4))
    assert (one.per_signing.each, one.per_capital.per_yuan) == (D("5.00"), D("0.0125"))
    assert (one.used, one.left, one.ahead(D("0.5"))) == (D("25.0"), D(30), D("-25.0"))


def test_nothing_brought_and_no_budget_give_no_rate() -> None:
    one = line(None, 10, 0, 0, 0)
    assert [one.per_lead.each, one.per_signing.each, one.per_capital.per_yuan, one.used, one.ahead(D(1))] == [None] * 5


def test_the_whole_is_the_sum_and_has_no_budget_where_no_unit_has_one() -> None:
    assert whole([line(D(40), 10), line(None, 5)]) == BudgetLine(None, D(40), D(15), D(8), D(4), D(1600))
    assert whole([line(None, 5)]).budget is None


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"amount": None}, "money.sum"),
        ({"amount": D(0)}, "money.sum"),
        ({"amount": D(-1)}, "money.sum"),
        ({"amount": D("NaN")}, "money.sum"),
        ({"amount": D(1_000_001)}, "money.large"),
        ({"amount": D("0.0000001")}, "money.fine"),
        ({"spent_on": date(2026, 11, 21)}, "spend.future"),
        ({"spent_on": None}, "spend.day"),
        ({"purpose": " "}, "spend.purpose"),
        ({"trip_id": 1, "event_id": 1}, "spend.causes"),
    ],
)
def test_an_entry_that_cannot_be_right_is_told(change: dict[str, object], key: str) -> None:
    fields: dict[str, object] = {"unit_id": 1, "spent_on": TODAY, "amount": D("1.25"), "kind": SpendKind.TRAVEL}
    draft = SpendDraft(**{**fields, "purpose": "机票", **change})  # type: ignore[arg-type]  # fields of a draft
    assert [problem.key for problem in spend_problems(draft, TODAY)] == [key]


@pytest.mark.parametrize(("year", "amount", "keys"), [(2026, D(0), []), (1999, D(1), ["budget.year"])])
def test_a_budget_may_be_nothing_but_not_of_any_year(year: int, amount: Decimal, keys: list[str]) -> None:
    assert [problem.key for problem in budget_problems(year, amount)] == keys
