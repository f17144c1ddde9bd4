"""The approval chain before signing as data: which stations a paper passes, in which order. Pure.

Source: topic study, government standing meeting, then party committee; chains by category as seen in practice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.pipeline.rules import ORDER, ReviewResult, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date


class Station(StrEnum):
    """Where a paper may lie."""

    LEGALITY = "legality"
    FAIR = "fair"
    CONSULT = "consult"
    READINESS = "readiness"
    SOE_BOARD = "soe_board"
    INVEST_BOARD = "invest_board"
    CITY = "city"
    STANDING = "standing"
    COMMITTEE = "committee"
    LAND_BOARD = "land_board"


STATION_LABELS: dict[Station, str] = {
    Station.LEGALITY: "合法性审查",
    Station.FAIR: "公平竞争审查",
    Station.CONSULT: "征求意见",
    Station.READINESS: "落地条件",
    Station.SOE_BOARD: "国企投决会",
    Station.INVEST_BOARD: "投委会",
    Station.CITY: "市级把关",
    Station.STANDING: "常务会",
    Station.COMMITTEE: "常委会",
    Station.LAND_BOARD: "供地会",
}
MEETINGS = frozenset(
    {
        Station.SOE_BOARD,
        Station.INVEST_BOARD,
        Station.CITY,
        Station.STANDING,
        Station.COMMITTEE,
        Station.LAND_BOARD,
    }
)
PREPARATION: tuple[Station, ...] = (Station.LEGALITY, Station.FAIR, Station.CONSULT, Station.READINESS)


class Category(StrEnum):
    """What kind of project asks; decides the meetings."""

    FULL = "full"
    POLICY = "policy"
    INVESTMENT = "investment"
    LAND = "land"
    FRAMEWORK = "framework"


CATEGORY_LABELS: dict[Category, str] = {
    Category.FULL: "一般项目",
    Category.POLICY: "政策类",
    Category.INVESTMENT: "投资类（超过5,000万元）",
    Category.LAND: "供地类",
    Category.FRAMEWORK: "框架协议",
}
S = Station
CHAINS: dict[Category, tuple[Station, ...]] = {
    Category.FULL: (S.STANDING, S.COMMITTEE),
    Category.POLICY: (S.INVEST_BOARD, S.STANDING),
    Category.INVESTMENT: (S.SOE_BOARD, S.INVEST_BOARD, S.STANDING),
    Category.LAND: (S.INVEST_BOARD, S.STANDING, S.LAND_BOARD),
    Category.FRAMEWORK: (S.CITY, S.STANDING, S.COMMITTEE),
}
# A framework agreement promises no site yet, so nothing about landing is checked.
FRAMEWORK_PREPARATION: tuple[Station, ...] = (Station.LEGALITY, Station.FAIR)
CHECKLIST: tuple[str, ...] = ("用地", "规划", "环评", "能耗", "水电气", "资金")


class PaperState(StrEnum):
    """How a paper stands."""

    RUNNING = "running"
    DONE = "done"
    WITHDRAWN = "withdrawn"


STATE_LABELS: dict[PaperState, str] = {
    PaperState.RUNNING: "办理中",
    PaperState.DONE: "已走完",
    PaperState.WITHDRAWN: "已撤回",
}


class StepResult(StrEnum):
    """What a station does with a paper."""

    PASSED = "passed"
    RETURNED = "returned"


STEP_LABELS: dict[StepResult, str] = {StepResult.PASSED: "通过", StepResult.RETURNED: "退回"}


class Finding(StrEnum):
    """What the fair-competition review says of one clause."""

    OK = "ok"
    NOT_ALLOWED = "not_allowed"
    NEEDS_CHANGE = "needs_change"
    STRUCK = "struck"


FINDING_LABELS: dict[Finding, str] = {
    Finding.OK: "可以保留",
    Finding.NOT_ALLOWED: "不得规定",
    Finding.NEEDS_CHANGE: "须修改",
    Finding.STRUCK: "已删去",
}
SETTLED = frozenset({Finding.OK, Finding.STRUCK})


class Stance(StrEnum):
    """A department's answer to a draft agreement."""

    AGREE = "agree"
    SUGGEST = "suggest"
    OBJECT = "object"


STANCE_LABELS: dict[Stance, str] = {Stance.AGREE: "无意见", Stance.SUGGEST: "有修改意见", Stance.OBJECT: "不同意"}


class Readiness(StrEnum):
    """How a landing condition stands."""

    READY = "ready"
    NOT_NEEDED = "not_needed"
    OPEN = "open"


READINESS_LABELS: dict[Readiness, str] = {
    Readiness.READY: "已落实",
    Readiness.NOT_NEEDED: "不涉及",
    Readiness.OPEN: "未落实",
}


@dataclass(frozen=True, slots=True)
class Routes:
    """What an office sets: meetings by category, and the landing checklist."""

    chains: Mapping[Category, tuple[Station, ...]] = field(default_factory=lambda: dict(CHAINS))
    checklist: tuple[str, ...] = CHECKLIST

    def chain(self, category: Category) -> tuple[Station, ...]:
        """Return every station of a category, in order."""
        before = FRAMEWORK_PREPARATION if category is Category.FRAMEWORK else PREPARATION
        return (*before, *self.chains.get(category, CHAINS[category]))


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """What a step rests on."""

    chain: Sequence[Station]
    station: Station | None
    earliest: date
    clauses: Sequence[Finding | None] = ()
    consulted: Sequence[Stance | None] = ()
    conditions: Mapping[str, Readiness] = field(default_factory=dict)
    checklist: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class StepDraft:
    """What is typed about a step."""

    station: Station
    result: StepResult
    decided_on: date
    minutes_no: str = ""
    text: str = ""
    back_to: Station | None = None
    has_file: bool = False


def following(chain: Sequence[Station], station: Station) -> Station | None:
    """Return the station after this one, None at the end."""
    index = list(chain).index(station) + 1
    return chain[index] if index < len(chain) else None


def starting_problems(
    stage: Stage, category: Category, review: ReviewResult | None, *, left: bool, running: bool
) -> list[Problem]:
    """Reasons why a paper cannot set out."""
    if left:
        return [Problem("approval.left", "项目已退出，请先恢复再送审。")]
    if running:
        return [Problem("approval.running", "已有同类文件在送审，请先办完或撤回。")]
    if ORDER.index(stage) < ORDER.index(Stage.VISITING):
        return [Problem("approval.stage", "线索还没有进入走访对接，不能送审。")]
    if category is not Category.FRAMEWORK and review is not ReviewResult.PASSED:
        return [Problem("approval.review", "事前评估通过之后才能送审：请先完成评审。")]
    return []


def step_problems(facts: PaperFacts, draft: StepDraft, *, today: date) -> list[Problem]:
    """Reasons why a step cannot be taken; steps go in order and never back in time."""
    if facts.station is None or draft.station is not facts.station:
        return [Problem("approval.order", "须按次序办理，请先办完前面的环节。")]
    problems = []
    if draft.decided_on > today:
        problems.append(Problem("approval.future", "办理日期不能晚于今天。", "decided_on"))
    if draft.decided_on < facts.earliest:
        text = "办理日期不能早于前一环节的%(day)s。"
        problems.append(Problem("approval.backdated", text, "decided_on", params={"day": facts.earliest.isoformat()}))
    if draft.station in MEETINGS and not draft.minutes_no.strip():
        problems.append(Problem("approval.minutes", "请填写会议纪要编号。", "minutes_no"))
    if draft.result is StepResult.RETURNED:
        return problems + _return_problems(facts, draft)
    return problems + _passing_problems(facts, draft)


def _return_problems(facts: PaperFacts, draft: StepDraft) -> list[Problem]:
    problems = [] if draft.text.strip() else [Problem("approval.reason", "退回须写明理由。", "text")]
    chain = list(facts.chain)
    if draft.back_to is None or chain.index(draft.back_to) > chain.index(draft.station):
        problems.append(Problem("approval.back_to", "请选择退回到哪个环节。", "back_to"))
    return problems


def _passing_problems(facts: PaperFacts, draft: StepDraft) -> list[Problem]:
    if draft.station is Station.LEGALITY:
        missing = [] if draft.has_file else [Problem("approval.file", "请上传合法性审查意见书。", "file")]
        return missing if draft.text.strip() else [*missing, Problem("approval.text", "请写明审查结论。", "text")]
    if draft.station is Station.FAIR:
        return _fair_problems(facts, draft)
    if draft.station is Station.CONSULT:
        return _consult_problems(facts, draft)
    if draft.station is Station.READINESS:
        open_ones = [item for item in facts.checklist if facts.conditions.get(item, Readiness.OPEN) is Readiness.OPEN]
        params: dict[str, object] = {"items": "、".join(open_ones)}
        text = "落地条件还没有逐项落实：%(items)s。"
        return [Problem("approval.readiness", text, params=params)] if open_ones else []
    return []


def _fair_problems(facts: PaperFacts, draft: StepDraft) -> list[Problem]:
    unsettled = sum(finding not in SETTLED for finding in facts.clauses)
    if unsettled:
        text = "还有%(count)s条优惠条款没有处理完：须修改的请改后重报，不得规定的请删去。"
        return [Problem("approval.clauses", text, params={"count": unsettled})]
    if not facts.clauses and not draft.text.strip():
        return [Problem("approval.no_clauses", "没有列出优惠条款；确无优惠的，请在意见里写明。", "text")]
    return []


def _consult_problems(facts: PaperFacts, draft: StepDraft) -> list[Problem]:
    if not facts.consulted:
        return [Problem("approval.consult", "还没有征求任何部门的意见。")]
    waiting = sum(stance is None for stance in facts.consulted)
    if waiting:
        return [Problem("approval.waiting", "还有%(count)s个部门没有答复。", params={"count": waiting})]
    if any(stance is not Stance.AGREE for stance in facts.consulted) and not draft.text.strip():
        return [Problem("approval.adoption", "部门提了意见，请写明采纳情况。", "text")]
    return []


def payout_locked(findings: Sequence[Finding | None], *, reviewed: bool) -> bool:
    """Whether incentives may not be paid: no fair-competition review passed, or a clause is not settled."""
    return not reviewed or any(finding not in SETTLED for finding in findings)
