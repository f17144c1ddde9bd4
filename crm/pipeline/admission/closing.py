"""When a review may be decided: complete, with a quorum, and never a pass against an opinion. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.pipeline.admission.rules import DIMENSIONS, LETS_PASS, STATUTORY, Outcome, Verdict
from crm.pipeline.rules import REVIEW_DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal
    from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes of one sitting; ``eligible`` are the members without a conflict of interest."""

    eligible: int = 0
    agree: int = 0
    disagree: int = 0
    abstain: int = 0

    @property
    def present(self) -> int:
        """Members who voted, in whatever way."""
        return self.agree + self.disagree + self.abstain

    def needed(self, quorum: Fraction) -> int:
        """How many votes make a quorum, at least one."""
        return max(1, -(-self.eligible * quorum.numerator // quorum.denominator))

    def is_quorum(self, quorum: Fraction) -> bool:
        """Whether enough members voted."""
        return self.present >= self.needed(quorum)

    @property
    def carried(self) -> bool:
        """More than half of those who voted agree."""
        return self.agree * 2 > self.present


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Everything a decision on a case rests on."""

    verdicts: Mapping[str, Verdict]
    points: Mapping[str, Decimal]
    tally: Tally
    weights: Mapping[str, int]
    quorum: Fraction
    veto: bool = True
    under_floor: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """What is typed about a decision."""

    outcome: Outcome
    minutes_no: str
    minutes_on: date
    note: str = ""
    due_on: date | None = None
    override: str = ""


def completeness_problems(facts: CaseFacts) -> list[Problem]:
    """What a case still lacks before anybody may decide on it."""
    problems = [
        Problem("case.opinion", "“%(dimension)s”还没有意见。", params={"dimension": label})
        for key, label in REVIEW_DIMENSIONS
        if key not in facts.verdicts
    ]
    if any(key not in facts.points for key, weight in facts.weights.items() if weight):
        problems.append(Problem("case.score", "评分表还没有填完。"))
    if not facts.tally.is_quorum(facts.quorum):
        params: dict[str, object] = {"needed": facts.tally.needed(facts.quorum), "present": facts.tally.present}
        problems.append(
            Problem("case.quorum", "表决人数不足：须有%(needed)s人表决，现有%(present)s人。", params=params)
        )
    return problems


def decision_problems(facts: CaseFacts, draft: DecisionDraft, *, today: date) -> list[Problem]:
    """Reasons why a case cannot be closed with this outcome; empty means it may."""
    problems = []
    if not draft.minutes_no.strip():
        problems.append(Problem("review.minutes", "请填写会议纪要编号。", "minutes_no"))
    if draft.minutes_on > today:
        problems.append(Problem("review.minutes_on", "会议日期不能晚于今天。", "minutes_on"))
    refused = [key for key, verdict in facts.verdicts.items() if verdict not in LETS_PASS]
    if draft.outcome is Outcome.DEFER:
        return problems + _defer_problems(facts, draft, today, refused)
    problems += completeness_problems(facts)
    if draft.outcome is Outcome.ADMIT:
        problems += _pass_problems(facts, draft, refused)
    elif not refused and facts.tally.carried:
        problems.append(Problem("case.contradiction", "六项意见都通过，多数委员同意，不能登记为不通过。", "outcome"))
    return problems


def _pass_problems(facts: CaseFacts, draft: DecisionDraft, refused: list[str]) -> list[Problem]:
    problems = [
        Problem("case.failed_opinion", "“%(dimension)s”不通过，评审不能通过。", params={"dimension": DIMENSIONS[key]})
        for key in refused
    ]
    unlawful = [key for key, verdict in facts.verdicts.items() if verdict is Verdict.DEEMED and key in STATUTORY]
    problems += [
        Problem("deemed.statutory", "“%(dimension)s”是法定意见，不能视同同意。", params={"dimension": DIMENSIONS[key]})
        for key in unlawful
    ]
    if facts.tally.is_quorum(facts.quorum) and not facts.tally.carried:
        problems.append(Problem("case.majority", "同意的委员没有超过表决人数的一半，评审不能通过。", "outcome"))
    if facts.under_floor and not draft.override.strip():
        text = "有指标低于底线，仍要通过须写明理由，理由和决定人会一并留档。"
        problems.append(Problem("case.override", text, "override"))
    return problems


def _defer_problems(facts: CaseFacts, draft: DecisionDraft, today: date, refused: list[str]) -> list[Problem]:
    problems = []
    if draft.due_on is None or draft.due_on <= today:
        problems.append(Problem("case.defer_due", "暂缓须定一个今天以后的再议期限。", "due_on"))
    if facts.veto and refused:
        text = "“%(dimension)s”不通过，按一票否决不能暂缓，只能登记为不通过。"
        problems.append(Problem("case.veto", text, "outcome", params={"dimension": DIMENSIONS[refused[0]]}))
    return problems
