"""Obligations: how money fills instalments, what is kept, what locks a payout."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from crm.delivery.obligations import rules
from crm.delivery.obligations.rules import (
    Arrival,
    DutyDraft,
    Filled,
    Instalment,
    Lock,
    PayoutDraft,
    Rate,
    RecordDraft,
    Standing,
)
from crm.pipeline.deals.duties import Duty, reads_as_payout
from crm.pipeline.deals.rules import ForeignMoney

D = Decimal
TODAY = date(2026, 11, 20)
FIRST, SECOND = date(2026, 3, 1), date(2026, 9, 1)
TAX = DutyDraft(Duty.TAX, "年纳税500万元", SECOND, D(500))
PAYOUT = DutyDraft(Duty.PAYOUT, "设备奖补", None, D(300), needs=(1,))
OPEN = Lock((("开工", FIRST), ("到资", SECOND)), "条例第八条")


@pytest.mark.parametrize(
    ("due", "met", "broken", "expected"),
    [
        (SECOND, FIRST, False, Standing.MET),
        (SECOND, SECOND, False, Standing.MET),
        (FIRST, SECOND, False, Standing.LATE),
        (None, SECOND, False, Standing.MET),
        (FIRST, None, False, Standing.OVERDUE),
        (TODAY, None, False, Standing.OPEN),
        (None, None, False, Standing.OPEN),
        (None, None, True, Standing.BROKEN),
    ],
)
def test_an_obligation_stands_by_its_day(due: date | None, met: date | None, broken: bool, expected: Standing) -> None:  # noqa: FBT001 (a case)
    assert rules.standing(due, met, broken=broken, today=TODAY) is expected


def test_what_is_not_due_yet_neither_helps_nor_harms() -> None:
    assert rules.rate([Standing.MET, Standing.LATE, Standing.OVERDUE, Standing.BROKEN, Standing.OPEN]) == Rate(4, 2, 1)
    assert rules.rate([Standing.OPEN]) == Rate()


def test_money_fills_instalments_by_their_day_each_currency_its_own() -> None:
    asked = [Instalment(2, SECOND, D(100)), Instalment(1, FIRST, D(60)), Instalment(3, FIRST, D(50), "EUR")]
    came = [
        Arrival(date(2026, 2, 1), D(40)),
        Arrival(date(2026, 4, 1), D(70)),
        Arrival(date(2026, 5, 1), D(400), "EUR", D(50)),
        Arrival(date(2026, 6, 1), D(10), "USD", D("1.4")),
    ]
    assert rules.fill(asked, came) == {
        1: Filled(D(60), date(2026, 4, 1)),
        2: Filled(D(60)),  # 50 left of April, and dollars nobody promised as 人民币
        3: Filled(D(50), date(2026, 5, 1)),
    }


@pytest.mark.parametrize(
    ("draft", "key"),
    [
        (replace(TAX, text=" "), "obligation.text"),
        (replace(TAX, due_on=None), "duty.due"),
        (replace(TAX, due_on=date(2025, 1, 1)), "obligation.early"),
        (replace(TAX, amount=None), "duty.amount"),
        (replace(TAX, amount=D(0)), "duty.value"),
        (replace(TAX, amount=D("NaN")), "duty.value"),
        (replace(TAX, amount=None, foreign=ForeignMoney("EUR", D(5), D(8), FIRST, "中间价")), "duty.currency"),
        (replace(TAX, kind=Duty.START), "duty.no_amount"),
        (replace(PAYOUT, needs=()), "duty.needs"),
        (replace(PAYOUT, needs=(1, 9)), "duty.needs_of"),
        (replace(TAX, kind=Duty.OTHER), "duty.kind"),
    ],
)
def test_an_obligation_that_cannot_be_measured_is_refused(draft: DutyDraft, key: str) -> None:
    found = rules.duty_problems(draft, signed_on=date(2026, 1, 1), firms=[1, 2])
    assert [problem.key for problem in found] == [key]


DAYS = {"signed_on": date(2026, 1, 1), "today": TODAY}


def test_a_measured_obligation_is_kept() -> None:
    for draft in (TAX, PAYOUT, DutyDraft(Duty.START, "开工", SECOND), DutyDraft(Duty.LAND, "供地", SECOND)):
        assert rules.duty_problems(draft, signed_on=date(2026, 1, 1), firms=[1]) == []


@pytest.mark.parametrize(
    ("kind", "draft", "key"),
    [
        (Duty.CAPITAL, RecordDraft(TODAY, "进账单", D(1)), "record.kind"),
        (Duty.TAX, RecordDraft(date(2026, 11, 21), "完税证明", D(1)), "record.on"),
        (Duty.TAX, RecordDraft(TODAY, "无", D(1)), "record.evidence"),
        (Duty.TAX, RecordDraft(date(2025, 12, 31), "完税证明", D(1)), "record.early"),
        (Duty.TAX, RecordDraft(TODAY, "完税证明"), "record.value"),
        (Duty.LAND, RecordDraft(TODAY, "用地批复"), "record.value"),
        (Duty.TAX, RecordDraft(TODAY, "完税证明", D(-1)), "record.range"),
    ],
)
def test_a_record_needs_its_day_its_number_and_its_evidence(kind: Duty, draft: RecordDraft, key: str) -> None:
    assert [problem.key for problem in rules.record_problems(kind, draft, met=False, **DAYS)] == [key]


def test_a_record_fulfils_only_when_the_number_is_reached() -> None:
    assert not rules.fulfilled(Duty.JOBS, D(120), D(119))
    assert rules.fulfilled(Duty.JOBS, D(120), D(120))
    assert rules.fulfilled(Duty.UTILITIES, None, None)
    assert [rules.fulfilled(Duty.LAND, None, area) for area in (None, D(0), D(1))] == [False, False, True]


@pytest.mark.parametrize(
    ("lock", "keys"),
    [
        (OPEN, []),
        (Lock((), "条例"), ["payout.no_needs"]),
        (replace(OPEN, needs=(("开工", FIRST), ("到资", None))), ["payout.need"]),
        (replace(OPEN, review=""), ["payout.review"]),
        (replace(OPEN, left=True), ["payout.left"]),
        (replace(OPEN, lapsed=True), ["payout.clause"]),
        (Lock((("到资", None),), ""), ["payout.need", "payout.review"]),
    ],
)
def test_a_payout_is_locked_until_its_conditions_are_met_and_reviewed(lock: Lock, keys: list[str]) -> None:
    assert [problem.key for problem in rules.lock_problems(lock)] == keys


@pytest.mark.parametrize(
    ("draft", "keys"),
    [
        (PayoutDraft(D(300), TODAY, "拨付1"), []),
        (PayoutDraft(D(301), TODAY, "拨付1"), ["payout.more"]),
        (PayoutDraft(D(10) ** 23, TODAY, "拨付1"), ["payout.more"]),
        (PayoutDraft(D(1), date(2026, 8, 31), "拨付1"), ["payout.before"]),
        (PayoutDraft(None, date(2026, 11, 21), " "), ["payout.amount", "payout.on", "payout.voucher"]),
    ],
)
def test_a_payout_stays_within_its_promise_and_after_its_condition(draft: PayoutDraft, keys: list[str]) -> None:
    assert [problem.key for problem in rules.payout_problems(draft, D(300), OPEN, **DAYS)] == keys


def test_words_that_promise_money_are_known() -> None:
    assert all(map(reads_as_payout, ("兑现设备奖补200万元", "按5%给予贴息", "税收返还")))
    assert not reads_as_payout("按净地标准交付用地")
