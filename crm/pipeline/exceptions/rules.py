"""Exceptions in the open: special cases (特事特办) and case-by-case grants (一事一议). Pure.

Source: practice of the trade. A leader signs each one, it ends by itself, and what rests on law, on money or on the
right of another unit is never waived. A case-by-case grant names its basis and its fair-competition review.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.pipeline.rules import AFTER_SIGNING, GATES, ORDER, Demand, Stage

if TYPE_CHECKING:
    from datetime import date

NEVER = ("review", "contract", "evidence", "approvals", "uncontested", "owner", "team")


class ExceptionKind(StrEnum):
    """Special case: a demand is waived for a time. Case by case: a policy is granted to one project."""

    SPECIAL = "special"
    CASE = "case"


KIND_LABELS: dict[ExceptionKind, str] = {ExceptionKind.SPECIAL: "特事特办", ExceptionKind.CASE: "一事一议"}


class ExceptionState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    REVOKED = "revoked"


STATE_LABELS: dict[ExceptionState, str] = {
    ExceptionState.ASKED: "待领导决定",
    ExceptionState.GRANTED: "已批准",
    ExceptionState.REFUSED: "未批准",
    ExceptionState.REVOKED: "已撤回",
}


class FairReview(StrEnum):
    """Where the fair-competition review of a grant stands (公平竞争审查)."""

    NOT_NEEDED = "not_needed"
    PENDING = "pending"
    PASSED = "passed"


FAIR_LABELS: dict[FairReview, str] = {
    FairReview.NOT_NEEDED: "不涉及",
    FairReview.PENDING: "审查中",
    FairReview.PASSED: "已通过",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: the demand to waive or the policy to grant, why, and until when."""

    kind: ExceptionKind
    reason: str
    valid_until: date
    demand: str | None = None
    granted: str = ""
    legal_basis: str = ""
    fair_review: FairReview = FairReview.PENDING


@dataclass(frozen=True, slots=True)
class Decision:
    """What a leader decided: granted or not, under which number, with which words."""

    grants: bool
    number: str = ""
    note: str = ""


def waivable() -> dict[str, Demand]:
    """Demands a leader may waive, by key, in the order of the road."""
    gates = {demand.key: demand for stage in ORDER for demand in GATES[stage] if demand.waivable}
    return gates | {demand.key: demand for demand in AFTER_SIGNING}


def request_problems(
    request: Request, *, today: date, longest: int, left: bool, stage: Stage, signed: bool = False
) -> list[Problem]:
    """Reasons why an exception cannot be asked for as typed; ``longest`` is its longest life in days.

    ``signed``: the project was signed, wherever it stands now.
    """
    if left:
        return [Problem("exception.left", "项目已退出，请先恢复再申请。")]
    problems = [] if request.reason.strip() else [Problem("exception.reason", "请说明为什么要特事特办。", "reason")]
    if request.kind is ExceptionKind.SPECIAL:
        problems += _demand_problems(request.demand, stage, signed=signed)
    else:
        problems += _grant_problems(request)
    if request.valid_until < today:
        problems.append(Problem("exception.past", "有效期须从今天起算。", "valid_until"))
    if request.valid_until > today + timedelta(days=longest):
        text = "有效期最长%(days)s天，到期自动失效。"
        problems.append(Problem("exception.long", text, "valid_until", {"days": longest}))
    return problems


def decision_problems(
    decision: Decision, *, state: ExceptionState, by_asker: bool, by_owner: bool, ended: bool
) -> list[Problem]:
    """Reasons why a leader cannot decide a request in this way; the first that holds."""
    reasons = (
        (state is not ExceptionState.ASKED, Problem("exception.decided", "这项申请已经有了决定。")),
        (by_asker, Problem("exception.asker", "申请人不能批准自己的申请。")),
        (by_owner, Problem("exception.owner", "项目负责人不能批准自己项目的例外。")),
        (decision.grants and ended, Problem("exception.ended", "申请的有效期已过，请重新申请。")),
        (
            decision.grants and not decision.number.strip(),
            Problem("exception.number", "请填写批准文号或会议纪要编号。", "decision_no"),
        ),
        (
            not decision.grants and not decision.note.strip(),
            Problem("exception.refusal", "请写明不批准的理由。", "note"),
        ),
    )
    return [problem for holds, problem in reasons if holds][:1]


def _demand_problems(key: str | None, stage: Stage, *, signed: bool) -> list[Problem]:
    if not key:
        return [Problem("exception.choose", "请选择要豁免的条件。", "demand")]
    if key not in waivable():
        return [Problem("exception.demand", "这一条件不能豁免，请选择列出的条件。", "demand")]
    if any(demand.key == key for demand in AFTER_SIGNING):
        text = "项目没有签约过，退回和退出不用申请，请直接办理。"
        return [] if signed else [Problem("exception.unsigned", text, "demand")]
    ahead = ORDER[ORDER.index(stage) + 1 :]
    if not any(demand.key == key for later in ahead for demand in GATES[later]):
        return [Problem("exception.behind", "后面的关口不再要求这一条件，不用申请。", "demand")]
    return []


def _grant_problems(request: Request) -> list[Problem]:
    problems = []
    if not request.granted.strip():
        problems.append(Problem("exception.granted", "请写明一事一议给予什么。", "granted"))
    if not request.legal_basis.strip():
        problems.append(Problem("exception.basis", "请写明法律和政策依据。", "legal_basis"))
    return problems
