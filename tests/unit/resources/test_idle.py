"""The road of a case of idle land."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.resources.idle.clocks import Delay, Progress, clock, excluded
from crm.resources.idle.rules import IdleKind, IdleStepKind, StepDraft, fee, step_problems

DAY = date(2026, 11, 20)
S = IdleStepKind


def step(kind: IdleStepKind, days: int = 0, due: int | None = 30, number: str = "云函1号") -> StepDraft:
    on = DAY + timedelta(days=days)
    return StepDraft(kind, on, "现场只有围墙", None if due is None else on + timedelta(days=due), number)


def keys(last: StepDraft, new: StepDraft, *, reclaimable: bool = True) -> list[str]:
    return [problem.key for problem in step_problems(last, new, today=DAY, reclaimable=reclaimable)]


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("past", "fee_due", "reclaimable"), [(365, False, False), (366, True, False), (731, True, True)]
)
def test_a_full_year_not_begun_costs_a_fee_and_two_the_land(past: int, fee_due: bool, reclaimable: bool) -> None:  # noqa: FBT001 (a case)
    found = clock(ago(past), None, [], Decimal(90), DAY)
    assert found is not None
    assert (found.days, found.fee_due, found.reclaimable) == (past, fee_due, reclaimable)
    assert (found.fee_on <= DAY, found.reclaim_on <= DAY) == (fee_due, reclaimable)
    assert clock(ago(past), None, [], Decimal(90), DAY, begun=True) is None


def test_days_of_a_delay_do_not_count_and_each_only_once() -> None:
    delays = [Delay(ago(50), ago(41)), Delay(ago(45), ago(36)), Delay(ago(900), ago(800)), Delay(ago(4))]
    assert excluded(delays, ago(400), DAY) == 15 + 5
    assert excluded([Delay(ago(900))], ago(400), DAY) == 400
    found = clock(ago(400), None, delays, Decimal(90), DAY)
    assert found is not None
    assert (found.days, found.paused, found.fee_on) == (380, True, ago(400) + timedelta(days=366 + 20))


@pytest.mark.parametrize(
    ("built", "invested", "stopped", "idle"),
    [(29, 900, 400, True), (30, 250, 400, False), (30, 249, 400, True), (29, 0, None, False)],
)
def test_land_at_rest_is_idle_when_under_a_third_built_or_a_quarter_invested(
    built: int,
    invested: int,
    stopped: int | None,
    idle: bool,  # noqa: FBT001 (a case)
) -> None:
    rested = None if stopped is None else ago(stopped)
    progress = Progress(DAY, ago(700), rested, Decimal(built), Decimal(invested), Decimal(1000))
    found = clock(ago(900), progress, [], Decimal(90), DAY)
    assert (found is not None) == idle
    if found is not None:
        assert (found.kind, found.days, found.fee_due) == (IdleKind.OCCUPIED, 400, True)


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
