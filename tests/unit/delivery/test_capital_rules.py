"""What a voucher of capital must say, and how much of it may be recognised."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.delivery.capital.rules import (
    CapitalForm,
    SourceArea,
    VoucherDraft,
    VoucherKind,
    recognition_problems,
    refusal_problems,
    voucher_problems,
)
from crm.pipeline.deals.rules import ForeignMoney

TODAY = date(2026, 11, 20)
SIGNED = date(2026, 6, 1)
DRAFT = VoucherDraft(
    VoucherKind.BANK_SLIP,
    CapitalForm.CASH,
    SourceArea.OTHER_PROVINCE,
    "2026-118",
    "晟澜精密",
    date(2026, 11, 3),
    Decimal(2600),
)
DOLLARS = ForeignMoney("USD", Decimal(200), Decimal("7.1"), date(2026, 11, 3), "人民银行中间价")


def keys(draft: VoucherDraft, *, signed_on: date | None = SIGNED) -> list[str]:
    return [problem.key for problem in voucher_problems(draft, signed_on=signed_on, today=TODAY)]


def test_a_complete_voucher_of_a_signed_project_is_taken() -> None:
    assert keys(DRAFT) == []
    assert keys(replace(DRAFT, area=SourceArea.ABROAD, foreign=DOLLARS)) == []


def test_money_is_reported_only_after_signing() -> None:
    assert keys(DRAFT, signed_on=None) == ["capital.unsigned"]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"arrived_on": TODAY + timedelta(days=1)}, "capital.arrived"),
        ({"number": " "}, "capital.number"),
        ({"payer": ""}, "capital.payer"),
        ({"amount": Decimal(0)}, "capital.amount"),
        ({"amount": Decimal("NaN")}, "capital.amount"),
        ({"amount": Decimal(10_000_001)}, "capital.large"),
        ({"form": CapitalForm.INTANGIBLE}, "capital.valuation"),
        ({"form": CapitalForm.PROFIT}, "capital.reinvestment"),
        ({"foreign": DOLLARS}, "capital.area"),
    ],
)
def test_each_gap_of_a_voucher_is_named(change: dict[str, object], key: str) -> None:
    assert key in keys(replace(DRAFT, **change))  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(("days", "fits"), [(0, True), (10, True), (11, False), (-1, False)])
def test_the_rate_is_that_of_the_arrival_day_or_the_last_one_before(days: int, *, fits: bool) -> None:
    money = replace(DOLLARS, rate_on=DRAFT.arrived_on - timedelta(days=days))
    assert (keys(replace(DRAFT, area=SourceArea.ABROAD, foreign=money)) == []) is fits


@pytest.mark.parametrize(
    ("amount", "reason", "key"),
    [
        ("100", "", None),
        ("60", "其余是流动资金借款", None),
        ("60", "", "capital.reason"),
        ("100.000001", "", "capital.more"),
        ("0", "", "capital.recognise"),
        ("-5", "", "capital.recognise"),
        ("0.0000001", "太小了不算", "capital.fine"),
    ],
)
def test_no_more_is_recognised_than_was_reported_and_less_only_with_a_reason(
    amount: str, reason: str, key: str | None
) -> None:
    found = recognition_problems(Decimal(100), Decimal(amount), reason)
    assert [problem.key for problem in found] == ([key] if key else [])


def test_a_voucher_is_sent_back_only_with_a_reason() -> None:
    assert refusal_problems("  ")
    assert refusal_problems("缺银行盖章") == []
