from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm.pipeline.deals.rules import (
    DepositDraft,
    ForeignMoney,
    Promise,
    Side,
    in_yuan,
    is_aged,
    months_later,
    read_deposits,
    read_promises,
)
from crm.pipeline.words import AgreementKind

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("amount", "rate", "yuan"),
    [("3000", "7.1234", "21370.200000"), ("1", "0.046123", "0.046123"), ("0.5", "0.000003", "0.000002")],
)
def test_foreign_money_is_worked_out_to_the_fen_with_halves_upwards(amount: str, rate: str, yuan: str) -> None:
    assert in_yuan(ForeignMoney("USD", Decimal(amount), Decimal(rate), DAY, "行")) == Decimal(yuan)


def test_obligations_are_read_one_a_line_with_their_day() -> None:
    typed = "交付净地，2026-12-31\n\n协助办理备案\n"
    assert read_promises(Side.OURS, typed) == (
        [Promise(Side.OURS, "交付净地", date(2026, 12, 31)), Promise(Side.OURS, "协助办理备案", None)],
        "",
    )
    assert read_promises(Side.OURS, "开工 2026-02-30")[1] == "开工 2026-02-30"
    assert read_promises(Side.OURS, "2026-12-31")[1] == "2026-12-31"


def test_deposits_are_read_one_a_line() -> None:
    assert read_deposits("1,050.5 2026-12-31\n50万元，2027-01-31") == (
        [DepositDraft(Decimal("1050.5"), date(2026, 12, 31)), DepositDraft(Decimal(50), date(2027, 1, 31))],
        "",
    )
    assert read_deposits("五十万 2026-12-31")[1] == "五十万 2026-12-31"
    assert read_deposits("50 2026-02-30")[1] == "50 2026-02-30"


def test_a_line_too_many_is_named_and_none_is_dropped() -> None:
    lines = [f"第{number}项" for number in range(1, 42)]
    assert len(read_promises(Side.OURS, "\n".join(lines[:40]))[0]) == 40
    assert read_promises(Side.OURS, "\n".join(lines)) == ([], "第41项")


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 5, 20), 6, date(2026, 11, 20)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


def test_an_intention_is_old_the_day_after_its_months_and_never_with_a_contract() -> None:
    old = {"contract": False, "months": 6, "today": DAY}
    assert is_aged(AgreementKind.INTENT, date(2026, 5, 19), **old)  # type: ignore[arg-type]  # three named values
    assert not is_aged(AgreementKind.INTENT, date(2026, 5, 20), **old)  # type: ignore[arg-type]  # three named values
    assert not is_aged(AgreementKind.CONTRACT, date(2020, 1, 1), **old)  # type: ignore[arg-type]  # three named values
    assert not is_aged(AgreementKind.INTENT, date(2020, 1, 1), contract=True, months=6, today=DAY)
