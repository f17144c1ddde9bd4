"""Agreements: currencies and rates, two-sided obligations, deposits, intents that grow old. Pure.

Source: practice of the trade. Only a formal contract counts as signed; what each side promised and the deposit are
written down on the day of signing; a foreign amount keeps its currency, the rate used and where the rate came from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.pipeline.words import AgreementKind

if TYPE_CHECKING:
    from collections.abc import Sequence

HOME = "CNY"
CURRENCY_LABELS: dict[str, str] = {
    HOME: "人民币",
    "USD": "美元",
    "EUR": "欧元",
    "HKD": "港元",
    "JPY": "日元",
    "GBP": "英镑",
    "TWD": "新台币",
    "SGD": "新加坡元",
    "KRW": "韩元",
    "MOP": "澳门元",
    "CHF": "瑞士法郎",
    "AUD": "澳元",
    "CAD": "加元",
}
FEN = Decimal("0.000001")
HIGHEST_RATE = Decimal(1000)
MOST_FOREIGN = Decimal(1_000_000_000_000)
ABSURD = Decimal(100_000_000)  # 万元; more than any sum that may be kept


class Side(StrEnum):
    """Whose obligation it is."""

    OURS = "ours"
    THEIRS = "theirs"


SIDE_LABELS: dict[Side, str] = {Side.OURS: "我方义务", Side.THEIRS: "对方义务"}


class ObligationState(StrEnum):
    """Whether a promise is still open, kept or broken."""

    OPEN = "open"
    MET = "met"
    BROKEN = "broken"


OBLIGATION_LABELS: dict[ObligationState, str] = {
    ObligationState.OPEN: "未履行",
    ObligationState.MET: "已履行",
    ObligationState.BROKEN: "违约",
}


@dataclass(frozen=True, slots=True)
class ForeignMoney:
    """An amount in 万 of another currency, with the rate to 人民币 that was used."""

    currency: str
    amount: Decimal
    rate: Decimal
    rate_on: date
    rate_source: str


@dataclass(frozen=True, slots=True)
class Promise:
    """One obligation as typed."""

    side: Side
    text: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class DepositDraft:
    """One instalment of the performance deposit (履约保证金) as typed, in 万元."""

    amount: Decimal
    due_on: date


@dataclass(frozen=True, slots=True)
class Covenant:
    """What is captured at signing: both sides' obligations and the deposit, or an explicit none with its reason."""

    promises: tuple[Promise, ...] = ()
    none_ours: str = ""
    none_theirs: str = ""
    deposits: tuple[DepositDraft, ...] = ()
    no_deposit: str = ""


NOTHING = Covenant()
LINE_DAY = re.compile(r"^(?P<text>.*?)[\s，,；;（(]*(?P<day>\d{4}-\d{2}-\d{2})[）)]?\s*$")
LINE_SUM = re.compile(r"^(?P<sum>[0-9][0-9,，]*(?:\.[0-9]+)?)\s*(?:万元)?[\s，,；;]+(?P<day>\d{4}-\d{2}-\d{2})$")
MOST_LINES = 40


def read_promises(side: Side, text: str) -> tuple[list[Promise], str]:
    """Read obligations, one a line, each with its day at the end if it has one; and the line that cannot be read."""
    found, lines = [], _lines(text)
    if len(lines) > MOST_LINES:
        return [], lines[MOST_LINES]
    for line in lines:
        match = LINE_DAY.match(line)
        words, day = (match["text"].strip(), _day(match["day"])) if match else (line, None)
        if not words or (match and day is None):
            return [], line
        found.append(Promise(side, words, day))
    return found, ""


def read_deposits(text: str) -> tuple[list[DepositDraft], str]:
    """Read instalments, one a line (``50 2026-12-31``, in 万元); the line that cannot be read, if one."""
    found, lines = [], _lines(text)
    if len(lines) > MOST_LINES:
        return [], lines[MOST_LINES]
    for line in lines:
        match = LINE_SUM.match(line)
        day = _day(match["day"]) if match else None
        if match is None or day is None:
            return [], line
        found.append(DepositDraft(Decimal(match["sum"].replace(",", "").replace("，", "")), day))
    return found, ""


def _lines(text: str) -> list[str]:
    return [line for line in map(str.strip, text.splitlines()) if line]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Payment:
    """The arrival of an instalment as typed."""

    paid_on: date | None
    voucher: str


def in_yuan(money: ForeignMoney) -> Decimal:
    """Turn a foreign amount into 万元, to the fen, halves upwards; one that is absurd stays too large to keep."""
    product = money.amount * money.rate
    if abs(product) > ABSURD:
        return product
    return product.quantize(FEN, ROUND_HALF_UP)


def foreign_problems(money: ForeignMoney | None, offered: Sequence[str], *, today: date) -> list[Problem]:
    """Reasons why a foreign amount cannot be kept."""
    if money is None:
        return []
    if money.currency not in offered or money.currency == HOME:
        return [Problem("money.currency", "请选择列出的币种。", "currency")]
    problems = _amount_problems(money.amount)
    if not money.rate.is_finite() or not 0 < money.rate <= HIGHEST_RATE:
        problems.append(Problem("money.rate", "汇率指1单位外币折合多少元人民币，例如 7.1234。", "rate"))
    elif money.rate != money.rate.quantize(FEN):
        problems.append(Problem("money.rate_fine", "汇率最多六位小数。", "rate"))
    if money.rate_on > today:
        problems.append(Problem("money.rate_on", "汇率日期不能晚于今天。", "rate_on"))
    if not money.rate_source.strip():
        problems.append(Problem("money.rate_source", "请写明汇率来源，例如人民银行中间价。", "rate_source"))
    return problems


def _amount_problems(amount: Decimal) -> list[Problem]:
    """Reasons why the amount in the other currency cannot be kept beside its 万元."""
    if not amount.is_finite() or abs(amount) > MOST_FOREIGN:
        return [Problem("money.large", "金额超过一万亿元，请核对单位（应为万元）。", "amount")]
    if amount != round(amount, 6):
        return [Problem("money.fine", "金额最多精确到分（六位小数）。", "amount")]
    return []


def covenant_problems(kind: AgreementKind, covenant: Covenant, signed_on: date) -> list[Problem]:
    """Reasons why what a contract captures is not complete; other agreements may capture nothing."""
    problems = _row_problems(covenant, signed_on)
    if kind is not AgreementKind.CONTRACT:
        return problems
    sides = {promise.side for promise in covenant.promises}
    for side, none, field in (
        (Side.OURS, covenant.none_ours, "none_ours"),
        (Side.THEIRS, covenant.none_theirs, "none_theirs"),
    ):
        if side not in sides and not none.strip():
            text = "正式合同须登记“%(side)s”；确实没有的，请写明理由。"
            problems.append(Problem("covenant.side", text, field, {"side": SIDE_LABELS[side]}))
    if not covenant.deposits and not covenant.no_deposit.strip():
        problems.append(Problem("covenant.deposit", "请登记履约保证金；不收的，请写明理由。", "no_deposit"))
    return problems


def settle_problems(state: ObligationState, to: ObligationState, evidence: str) -> list[Problem]:
    """Reasons why an obligation cannot be settled in this way."""
    if to is ObligationState.OPEN:
        return [Problem("obligation.state", "请选择已履行或违约。", "state")]
    if state is not ObligationState.OPEN:
        return [Problem("obligation.settled", "这项义务已经登记过结果。")]
    if not evidence.strip():
        return [Problem("obligation.evidence", "请写明依据，例如文件、凭证的名称和编号。", "evidence")]
    return []


def payment_problems(payment: Payment, *, paid: bool, today: date) -> list[Problem]:
    """Reasons why a payment of a deposit cannot be recorded."""
    if paid:
        return [Problem("deposit.paid", "这笔保证金已经登记到账。")]
    problems = []
    if payment.paid_on is None or payment.paid_on > today:
        problems.append(Problem("deposit.paid_on", "请填到账日期，不能晚于今天。", "paid_on"))
    if not payment.voucher.strip():
        problems.append(Problem("deposit.voucher", "请填凭证号。", "voucher"))
    return problems


def months_later(day: date, months: int) -> date:
    """Return the same day some months later, the last of the month where it is shorter."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    for last in (day.day, 30, 29, 28):
        try:
            return day.replace(year=year, month=month, day=min(day.day, last))
        except ValueError:
            continue
    raise AssertionError  # 28 exists in every month


def is_aged(kind: AgreementKind, signed_on: date, *, contract: bool, months: int, today: date) -> bool:
    """Whether an intent or framework agreement has gone without a contract for too long (意向老化)."""
    return kind is not AgreementKind.CONTRACT and not contract and months_later(signed_on, months) < today


def _row_problems(covenant: Covenant, signed_on: date) -> list[Problem]:
    problems = []
    for deposit in covenant.deposits:
        if not deposit.amount.is_finite() or deposit.amount <= 0:
            problems.append(Problem("deposit.amount", "保证金须大于零，单位是万元。", "deposits"))
        elif deposit.amount > ABSURD:
            problems.append(Problem("money.large", "金额超过一万亿元，请核对单位（应为万元）。", "deposits"))
        elif deposit.amount != round(deposit.amount, 6):
            problems.append(Problem("deposit.fine", "保证金最多精确到分（六位小数）。", "deposits"))
    early = any(promise.due_on is not None and promise.due_on < signed_on for promise in covenant.promises)
    if early:
        problems.append(Problem("obligation.early", "履行期限不能早于签订日期。", "promises"))
    return problems
