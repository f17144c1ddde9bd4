"""The road out of a contract (退出机制): reminder, deadline, termination by two people. Pure.

Source: practice of the trade: who does not pay the deposit in time, or falls behind what was agreed, is reminded, given
a deadline and then let go; the land goes back and is offered again; credit is taken back in the current period.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.delivery.letters.rules import LetterKind
from crm.pipeline.exits.rules import Cause, StepKind
from crm.pipeline.words import ExitReason

if TYPE_CHECKING:
    from datetime import date

__all__ = ["Cause", "StepKind"]  # read from here as well as from their own module
SHORTEST = 4
LONGEST_DAYS = 120


CAUSE_LABELS: dict[Cause, str] = {Cause.DEPOSIT: "保证金逾期", Cause.MILESTONE: "未按约推进"}
REASONS: dict[Cause, ExitReason] = {
    Cause.DEPOSIT: ExitReason.DEPOSIT_OVERDUE,
    Cause.MILESTONE: ExitReason.BEHIND_PLAN,
}


STEP_LABELS: dict[StepKind, str] = {
    StepKind.REMIND: "提醒函",
    StepKind.RECTIFY: "限期整改通知",
    StepKind.PROPOSE: "提请终止",
    StepKind.RETURN: "退回不终止",
    StepKind.TERMINATE: "签发终止函",
    StepKind.RESOLVE: "整改到位办结",
}
NEXT: dict[StepKind, tuple[StepKind, ...]] = {
    StepKind.REMIND: (StepKind.RECTIFY, StepKind.RESOLVE),
    StepKind.RECTIFY: (StepKind.PROPOSE, StepKind.RESOLVE),
    StepKind.PROPOSE: (StepKind.TERMINATE, StepKind.RETURN),
    StepKind.RETURN: (StepKind.PROPOSE, StepKind.RESOLVE),
    StepKind.TERMINATE: (),
    StepKind.RESOLVE: (),
}
LETTERS: dict[StepKind, LetterKind] = {
    StepKind.REMIND: LetterKind.REMIND,
    StepKind.RECTIFY: LetterKind.RECTIFY,
    StepKind.TERMINATE: LetterKind.TERMINATE,
}
LEAST_DAYS: dict[StepKind, int] = {StepKind.REMIND: 5, StepKind.RECTIFY: 10}  # working days to answer; our proposal
AFTER_DEADLINE = frozenset({StepKind.RECTIFY, StepKind.PROPOSE})
AGAINST = frozenset({StepKind.REMIND, StepKind.RECTIFY, StepKind.PROPOSE, StepKind.TERMINATE})
BY_LEAD = frozenset({StepKind.RECTIFY, StepKind.PROPOSE})
BY_SECOND = frozenset({StepKind.TERMINATE, StepKind.RETURN})
ENDS = frozenset({StepKind.TERMINATE, StepKind.RESOLVE})


class ReversalKind(StrEnum):
    """What kind of credit is taken back."""

    CONTRACT = "contract"
    CAPITAL = "capital"
    STAGE = "stage"


REVERSAL_LABELS: dict[ReversalKind, str] = {
    ReversalKind.CONTRACT: "签约认定",
    ReversalKind.CAPITAL: "到位资金认定",
    ReversalKind.STAGE: "进入阶段",
}


@dataclass(frozen=True, slots=True)
class StepDraft:
    """One step as typed; ``days``: working days the firm has to answer."""

    kind: StepKind
    detail: str
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands: its last step, the deadline of the last letter, whether anything is late today."""

    last: StepKind | None
    due_on: date | None = None
    late: bool = True


def step_problems(case: Standing, draft: StepDraft, *, today: date) -> list[Problem]:
    """Reasons why a step cannot follow."""
    allowed = (StepKind.REMIND,) if case.last is None else NEXT[case.last]
    problems = []
    if draft.kind not in allowed:
        before = STEP_LABELS[case.last] if case.last else "立案"
        params: dict[str, object] = {"last": before, "next": STEP_LABELS[draft.kind]}
        text = "“%(last)s”之后不能直接“%(next)s”，请按顺序办理。"
        problems.append(Problem("exit_case.order", text, "kind", params))
    elif draft.kind in AFTER_DEADLINE and case.due_on is not None and today <= case.due_on:
        text = "上一份函的期限到%(day)s，期满之后才能办下一步。"
        problems.append(Problem("exit_case.early", text, "kind", {"day": case.due_on.isoformat()}))
    if draft.kind in AGAINST and not case.late:
        text = "没有逾期的保证金和义务，不能再发函或终止；已经整改到位的请办结。"
        problems.append(Problem("exit_case.nothing_late", text, "kind"))
    if draft.kind is StepKind.RESOLVE and case.late:
        problems.append(Problem("exit_case.still_late", "还有逾期未履行的事项，不能按整改到位办结。", "kind"))
    if len(draft.detail.strip()) < SHORTEST:
        problems.append(Problem("exit_case.detail", "请写明情况，至少四个字。", "detail"))
    return problems + _day_problems(draft)


def _day_problems(draft: StepDraft) -> list[Problem]:
    least = LEAST_DAYS.get(draft.kind)
    if least is None or (draft.days is not None and least <= draft.days <= LONGEST_DAYS):
        return []
    text = "请填期限，%(least)s到%(most)s个工作日。"
    return [Problem("exit_case.days", text, "days", {"least": least, "most": LONGEST_DAYS})]
