"""政银企: what a firm wants to borrow, which bank it is matched with, what came of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from crm.core.errors import Problem

LARGEST = Decimal(10_000_000)  # 万元
LONGEST = 360  # months
SHORTEST = 2


class NeedState(StrEnum):
    """Where a need stands."""

    OPEN = "open"
    MATCHED = "matched"
    GRANTED = "granted"
    FAILED = "failed"
    DROPPED = "dropped"


STATE_LABELS: dict[NeedState, str] = {
    NeedState.OPEN: "待对接",
    NeedState.MATCHED: "对接中",
    NeedState.GRANTED: "已授信放款",
    NeedState.FAILED: "未谈成",
    NeedState.DROPPED: "不再需要",
}
STATE_TONES: dict[NeedState, str] = {
    NeedState.OPEN: "amber",
    NeedState.MATCHED: "blue",
    NeedState.GRANTED: "green",
    NeedState.FAILED: "seal",
    NeedState.DROPPED: "grey",
}


class NeedStepKind(StrEnum):
    """What is done about a need."""

    MATCH = "match"
    GRANT = "grant"
    FAIL = "fail"
    DROP = "drop"


STEP_LABELS: dict[NeedStepKind, str] = {
    NeedStepKind.MATCH: "对接银行",
    NeedStepKind.GRANT: "登记授信放款",
    NeedStepKind.FAIL: "登记未谈成",
    NeedStepKind.DROP: "企业不再需要",
}
NEXT: dict[NeedState, tuple[NeedStepKind, ...]] = {
    NeedState.OPEN: (NeedStepKind.MATCH, NeedStepKind.DROP),
    NeedState.MATCHED: (NeedStepKind.GRANT, NeedStepKind.FAIL, NeedStepKind.DROP),
    NeedState.FAILED: (NeedStepKind.MATCH, NeedStepKind.DROP),
    NeedState.GRANTED: (),
    NeedState.DROPPED: (),
}
AFTER: dict[NeedStepKind, NeedState] = {
    NeedStepKind.MATCH: NeedState.MATCHED,
    NeedStepKind.GRANT: NeedState.GRANTED,
    NeedStepKind.FAIL: NeedState.FAILED,
    NeedStepKind.DROP: NeedState.DROPPED,
}


@dataclass(frozen=True, slots=True)
class NeedDraft:
    """What a firm wants: ``amount`` in 万元, ``term`` in months, what for."""

    enterprise_id: int
    amount: Decimal
    term: int
    purpose: str
    pledge: str = ""


def need_problems(draft: NeedDraft) -> list[Problem]:
    """Reasons why a need cannot be registered."""
    problems = sum_problems(draft.amount, "amount")
    if not 1 <= draft.term <= LONGEST:
        problems.append(Problem("need.term", "期限请填1到360个月。", "term"))
    if len(draft.purpose.strip()) < SHORTEST:
        problems.append(Problem("need.purpose", "请写明用途，例如 购买设备、流动资金。", "purpose"))
    return problems


def sum_problems(amount: Decimal, field: str) -> list[Problem]:
    """Reasons why an amount in 万元 cannot be."""
    if not amount.is_finite() or not 0 < amount <= LARGEST or amount != round(amount, 6):
        return [Problem("need.amount", "金额单位是万元，要大于0，最多六位小数，请核对。", field)]
    return []


def step_problems(
    state: NeedState, kind: NeedStepKind, *, wanted: Decimal, granted: Decimal | None, bank: str, text: str
) -> list[Problem]:
    """Reasons why a step cannot follow; ``wanted`` and ``granted`` in 万元."""
    if kind not in NEXT[state]:
        return [Problem("need.order", "“%(state)s”的需求不能这样办，请刷新。", None, {"state": STATE_LABELS[state]})]
    if kind is NeedStepKind.MATCH and not bank.strip():
        return [Problem("need.bank", "请填写对接的银行或机构。", "bank")]
    if kind is NeedStepKind.GRANT:
        return _grant_problems(wanted, granted)
    if kind in {NeedStepKind.FAIL, NeedStepKind.DROP} and len(text.strip()) < SHORTEST:
        return [Problem("need.text", "请写明原因。", "text")]
    return []


def _grant_problems(wanted: Decimal, granted: Decimal | None) -> list[Problem]:
    if granted is None:
        return [Problem("need.granted", "请填写放款金额，单位是万元。", "granted")]
    if granted > wanted:
        return [Problem("need.more", "放款金额超过了需求金额，请核对单位（应为万元）。", "granted")]
    return sum_problems(granted, "granted")
