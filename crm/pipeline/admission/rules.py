"""Pre-admission review (事前评估) as data: opinions, votes, and what an office sets. Pure.

Source: the six hard dimensions of the trade, its joint review, and silence taken for consent inside the office only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.pipeline.admission.scorecard import WEIGHTS
from crm.pipeline.rules import REVIEW_DIMENSIONS, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal


class Verdict(StrEnum):
    """What an opinion says; ``deemed`` is silence after notice and deadline, never a plain pass."""

    CLEAR = "pass"
    FAIL = "fail"
    CONDITIONAL = "conditional"
    DEEMED = "deemed"


VERDICT_LABELS: dict[Verdict, str] = {
    Verdict.CLEAR: "通过",
    Verdict.FAIL: "不通过",
    Verdict.CONDITIONAL: "附条件通过",
    Verdict.DEEMED: "视同同意（超时）",
}
SPOKEN = (Verdict.CLEAR, Verdict.CONDITIONAL, Verdict.FAIL)
LETS_PASS = frozenset({Verdict.CLEAR, Verdict.CONDITIONAL, Verdict.DEEMED})
DIMENSIONS: dict[str, str] = dict(REVIEW_DIMENSIONS)
# The law gives these opinions to a department; nobody's silence may stand in for them, whatever an office sets.
STATUTORY = frozenset({"law", "planning", "environment"})


class Ballot(StrEnum):
    """A member's vote."""

    AGREE = "agree"
    DISAGREE = "disagree"
    ABSTAIN = "abstain"


BALLOT_LABELS: dict[Ballot, str] = {Ballot.AGREE: "同意", Ballot.DISAGREE: "不同意", Ballot.ABSTAIN: "弃权"}


class Outcome(StrEnum):
    """What the board decides."""

    ADMIT = "pass"
    FAIL = "fail"
    DEFER = "defer"


OUTCOME_LABELS: dict[Outcome, str] = {Outcome.ADMIT: "通过", Outcome.FAIL: "不通过", Outcome.DEFER: "暂缓，限期再议"}


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"


STATE_LABELS: dict[CaseState, str] = {CaseState.OPEN: "评审中", CaseState.PASSED: "通过", CaseState.FAILED: "不通过"}


class NoticeWay(StrEnum):
    """How a department was told (送达方式)."""

    OFFICIAL = "official"
    IN_PERSON = "in_person"
    PHONE = "phone"
    SYSTEM = "system"


NOTICE_LABELS: dict[NoticeWay, str] = {
    NoticeWay.OFFICIAL: "公文送达",
    NoticeWay.IN_PERSON: "当面送达",
    NoticeWay.PHONE: "电话通知",
    NoticeWay.SYSTEM: "办公系统通知",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What an office sets for its reviews; an open case keeps those it was opened under."""

    departments: Mapping[str, int] = field(default_factory=dict)
    opinion_days: int = 5
    decision_days: int = 10
    quorum: Fraction = Fraction(2, 3)
    veto: bool = True
    weights: Mapping[str, int] = field(default_factory=lambda: dict(WEIGHTS))
    intensity_floor: Decimal | None = None
    tax_floor: Decimal | None = None
    deemed: bool = False
    internal: frozenset[str] = frozenset(DIMENSIONS) - STATUTORY


def may_be_deemed(dimension: str, terms: Terms) -> bool:
    """Whether silence may count for this opinion at all; never for a statutory one."""
    return terms.deemed and dimension in terms.internal and dimension not in STATUTORY


def opening_problems(stage: Stage, departments: Mapping[str, int], *, left: bool, running: bool) -> list[Problem]:
    """Reasons why a case cannot be opened."""
    if left:
        return [Problem("review.left", "项目已退出，请先恢复再评审。")]
    if stage not in {Stage.REVIEWING, Stage.PRE_SIGNING}:
        return [Problem("review.stage", "项目进入“研判评审”之后才能开展事前评估。")]
    if running:
        return [Problem("case.running", "本项目的评审正在进行，请先作出结论。")]
    return [
        Problem("case.department", "请为“%(dimension)s”指定出具意见的部门。", key, params={"dimension": label})
        for key, label in REVIEW_DIMENSIONS
        if key not in departments
    ]


def answer_problems(verdict: Verdict | None, text: str, conditions: str, *, again: bool, reason: str) -> list[Problem]:
    """Reasons why a department's opinion cannot be kept; ``again`` says that it corrects an earlier one."""
    problems = []
    if verdict not in SPOKEN:
        problems.append(Problem("opinion.verdict", "请选择通过、附条件通过或不通过。", "verdict"))
    if not text.strip():
        problems.append(Problem("opinion.text", "请写明意见和依据。", "text"))
    if verdict is Verdict.CONDITIONAL and not conditions.strip():
        problems.append(Problem("opinion.conditions", "附条件通过须写明条件。", "conditions"))
    if again and not reason.strip():
        problems.append(Problem("opinion.reason", "更正已出具的意见须说明理由。", "reason"))
    return problems


def deeming_problems(
    dimension: str, terms: Terms, *, due_on: date, today: date, noticed_on: date | None, answered: bool
) -> list[Problem]:
    """Reasons why silence cannot count as consent (缺席默认、超时默认)."""
    if dimension in STATUTORY:
        text = "“%(dimension)s”是法定意见，任何情况下都不能视同同意，请催办部门出具意见。"
        return [Problem("deemed.statutory", text, params={"dimension": DIMENSIONS[dimension]})]
    if answered:
        return [Problem("deemed.answered", "部门已经出具意见，不能再视同同意。")]
    if not terms.deemed:
        return [Problem("deemed.off", "本办没有启用超时视同同意，请催办部门出具意见。")]
    if dimension not in terms.internal:
        return [Problem("deemed.external", "这一项没有列为内部意见，不能视同同意。")]
    problems = []
    if due_on >= today:
        problems.append(Problem("deemed.early", "还没有过答复期限，不能视同同意。"))
    if noticed_on is None:
        problems.append(Problem("deemed.notice", "没有送达凭据，不能视同同意：请先登记何时、由谁、怎样通知了部门。"))
    elif noticed_on > due_on:
        problems.append(Problem("deemed.notice_late", "通知晚于答复期限，不能视同同意：请重新送达并留出时间。"))
    return problems
