"""到位资金 as vouchers: what one must say, who may recognise it, and how much. Pure.

Source: per voucher by 验资报告、银行进账单、设备清单; intangible assets only with a valuation; exchange rate of the
arrival day; one voucher once; reported and recognised side by side; only money from outside counts, so its source is
kept.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.pipeline.deals.rules import HOME, ForeignMoney
from crm.pipeline.words import AREA_LABELS, SourceArea

if TYPE_CHECKING:
    from datetime import date

__all__ = ["AREA_LABELS", "SourceArea"]  # read from here as well
ZERO = Decimal(0)
OLDEST_RATE = 10  # days: a long holiday without a quotation
SHORTEST_REASON = 4
LARGEST = Decimal(10_000_000)  # 万元 of one voucher
LONGEST_KEY = 200
UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})  # categories of characters nobody sees
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164") | {chr(one) for one in range(0xFE00, 0xFE10)}


def folded(text: str) -> str:
    """Fold a number or a name, so that the same paper written otherwise is known again.

    Wide and narrow forms, case, blanks and characters nobody sees make no difference, nor do zeros before a number.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    shown = "".join(_plain(one) for one in plain if unicodedata.category(one) not in UNSEEN and one not in BLANKS)
    if shown.isdecimal():
        shown = shown.lstrip("0") or "0"
    return shown[:LONGEST_KEY]


def _plain(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return "-" if unicodedata.category(char) == "Pd" else char


class VoucherKind(StrEnum):
    """What the paper is (凭证种类)."""

    VERIFICATION = "verification"
    BANK_SLIP = "bank_slip"
    TRANSFER = "transfer"
    INVOICE = "invoice"
    EQUIPMENT = "equipment"
    VALUATION = "valuation"
    REINVESTMENT = "reinvestment"


VOUCHER_LABELS: dict[VoucherKind, str] = {
    VoucherKind.VERIFICATION: "验资报告",
    VoucherKind.BANK_SLIP: "银行进账单",
    VoucherKind.TRANSFER: "银行转账凭证",
    VoucherKind.INVOICE: "发票",
    VoucherKind.EQUIPMENT: "设备清单",
    VoucherKind.VALUATION: "资产评估报告",
    VoucherKind.REINVESTMENT: "利润再投资银行回单",
}


class CapitalForm(StrEnum):
    """In what the money came (出资形式)."""

    CASH = "cash"
    KIND = "kind"
    INTANGIBLE = "intangible"
    PROFIT = "profit"


FORM_LABELS: dict[CapitalForm, str] = {
    CapitalForm.CASH: "货币",
    CapitalForm.KIND: "实物",
    CapitalForm.INTANGIBLE: "无形资产",
    CapitalForm.PROFIT: "利润再投资",
}


class VoucherState(StrEnum):
    """How far a voucher is: reported, recognised in whole or part, sent back, or withdrawn by its reporter."""

    WAITING = "waiting"
    RECOGNISED = "recognised"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


STATE_LABELS: dict[VoucherState, str] = {
    VoucherState.WAITING: "待认定",
    VoucherState.RECOGNISED: "已认定",
    VoucherState.REFUSED: "已退回",
    VoucherState.WITHDRAWN: "已撤回",
}
STATE_TONES: dict[VoucherState, str] = {
    VoucherState.WAITING: "amber",
    VoucherState.RECOGNISED: "green",
    VoucherState.REFUSED: "seal",
    VoucherState.WITHDRAWN: "grey",
}


@dataclass(frozen=True, slots=True)
class VoucherDraft:
    """What a person types of a voucher; ``amount`` in 万元, or ``foreign`` in 万 of another currency."""

    kind: VoucherKind
    form: CapitalForm
    area: SourceArea
    number: str
    payer: str
    arrived_on: date
    amount: Decimal
    foreign: ForeignMoney | None = None
    note: str = ""


def voucher_problems(draft: VoucherDraft, *, signed_on: date | None, today: date) -> list[Problem]:
    """Reasons why a voucher cannot be reported; ``signed_on`` = day of the first contract, None without one."""
    problems = []
    if signed_on is None:
        problems.append(Problem("capital.unsigned", "项目还没有登记正式合同，签约后才能上报到位资金。"))
    if draft.arrived_on > today:
        problems.append(Problem("capital.arrived", "到账日期不能晚于今天。", "arrived_on"))
    if not folded(draft.number):
        problems.append(Problem("capital.number", "请填写凭证号，例如银行流水号或报告文号。", "number"))
    if not folded(draft.payer):
        problems.append(Problem("capital.payer", "请填写出资方或付款人。", "payer"))
    if not draft.amount.is_finite() or draft.amount <= ZERO:
        problems.append(Problem("capital.amount", "到位金额要大于0。", "amount"))
    elif draft.amount > LARGEST:
        problems.append(Problem("capital.large", "一张凭证超过一千亿元，请核对单位（应为万元）。", "amount"))
    elif draft.amount != round(draft.amount, 6):
        problems.append(Problem("capital.fine", "金额最多精确到分（六位小数）。", "amount"))
    return problems + _kind_problems(draft) + _rate_problems(draft)


def _kind_problems(draft: VoucherDraft) -> list[Problem]:
    problems = []
    if draft.form is CapitalForm.INTANGIBLE and draft.kind is not VoucherKind.VALUATION:
        text = "无形资产出资要有资产评估报告，请上传评估报告。"
        problems.append(Problem("capital.valuation", text, "kind"))
    if draft.form is CapitalForm.PROFIT and draft.kind is not VoucherKind.REINVESTMENT:
        text = "利润再投资要有银行回单，请上传银行回单。"
        problems.append(Problem("capital.reinvestment", text, "kind"))
    if draft.foreign is not None and draft.area is not SourceArea.ABROAD:
        problems.append(Problem("capital.area", "外币到账的资金来源地应为境外。", "area"))
    return problems


def _rate_problems(draft: VoucherDraft) -> list[Problem]:
    """Foreign money is turned into 人民币 at the rate of the day it arrived, or the last one quoted before."""
    money = draft.foreign
    if money is None or money.currency == HOME:
        return []
    if not 0 <= (draft.arrived_on - money.rate_on).days <= OLDEST_RATE:
        text = "汇率用到账当日的中间价（当日没有公布的，用之前最近一日的）。"
        return [Problem("capital.rate_on", text, "rate_on")]
    return []


def recognition_problems(left: Decimal, amount: Decimal, reason: str) -> list[Problem]:
    """Reasons why so much cannot be recognised; ``left`` = reported and not yet recognised, 万元."""
    if not amount.is_finite() or amount <= ZERO:
        return [Problem("capital.recognise", "认定金额要大于0；一分都不认定的请退回。", "amount")]
    if amount != round(amount, 6):
        return [Problem("capital.fine", "金额最多精确到分（六位小数）。", "amount")]
    if amount > left:
        text = "认定金额不能超过未认定的%(left)s万元。"
        return [Problem("capital.more", text, "amount", {"left": f"{left.normalize():f}"})]
    if amount < left and len(reason.strip()) < SHORTEST_REASON:
        return [Problem("capital.reason", "只认定一部分时，请写明差额的原因。", "reason")]
    return []


def refusal_problems(reason: str) -> list[Problem]:
    """Reasons why a voucher cannot be sent back."""
    if len(reason.strip()) < SHORTEST_REASON:
        return [Problem("capital.refusal", "请写明退回的原因，让上报人知道怎么补。", "reason")]
    return []
