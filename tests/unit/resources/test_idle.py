"""The road of a case of idle land."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.resources.idle.rules import IdleStepKind, StepDraft, fee, step_problems, suspected

DAY = date(2026, 11, 20)
S = IdleStepKind


def step(kind: IdleStepKind, days: int = 0, due: int | None = 30, number: str = "云函1号") -> StepDraft:
    on = DAY + timedelta(days=days)
    return StepDraft(kind, on, "现场只有围墙", None if due is None else on + timedelta(days=due), number)


def keys(last: StepDraft, new: StepDraft, *, reclaimable: bool = True) -> list[str]:
    return [problem.key for problem in step_problems(last, new, today=DAY, reclaimable=reclaimable)]


def test_land_is_suspected_a_year_past_its_agreed_start_unless_it_began() -> None:
    due = DAY - timedelta(days=366)
    assert suspected(due, None, DAY)
    assert not suspected(due + timedelta(days=1), None, DAY)
    assert not suspected(due, DAY, DAY)
    assert not suspected(None, None, DAY)


@pytest.mark.parametrize(
    ("last", "new", "expected"),
    [
        (step(S.FOUND, -9), step(S.REMIND), []),
        (step(S.FOUND, -9), step(S.RECLAIM), ["idle.order"]),
        (step(S.REMIND, -9), step(S.FEE), ["idle.order"]),
        (step(S.DEADLINE, -9), step(S.RECLAIM, due=None), []),
        (step(S.DEADLINE, -9), step(S.DEADLINE), ["idle.order"]),
        (step(S.FOUND, 0), step(S.REMIND, -1), ["idle.on"]),
        (step(S.FOUND, -9), step(S.REMIND, 1), ["idle.on"]),
        (step(S.FOUND, -9), step(S.REMIND, due=0), ["idle.due"]),
        (step(S.FOUND, -9), step(S.REMIND, number=" "), ["idle.letter"]),
        (step(S.DEADLINE, -9), step(S.RESOLVE, due=None, number=""), []),
        (step(S.RESOLVE, -9), step(S.REMIND), ["idle.order"]),
    ],
)
def test_a_step_follows_in_order_with_its_day_its_deadline_and_its_number(
    last: StepDraft, new: StepDraft, expected: list[str]
) -> None:
    assert keys(last, new) == expected


def test_land_is_not_reclaimed_before_the_deadline_is_over() -> None:
    assert keys(step(S.DEADLINE, -9), step(S.RECLAIM), reclaimable=False) == ["idle.early"]


def test_the_fee_is_a_fifth_of_the_price() -> None:
    assert fee(Decimal("9.6"), Decimal(45)) == Decimal("86.4")
    assert fee(None, Decimal(45)) is None
