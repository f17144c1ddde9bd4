"""Stages, gates and exits as data: "may I?" answers with reasons, empty means yes.

Source: stage model of the trade (``docs/stages.md`` is generated from this table).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.pipeline.stages import (
    FREE,
    IDLE_DAYS,
    ORDER,
    REVIEW_DIMENSIONS,
    STAGE_LABELS,
    Bound,
    ReviewResult,
    Stage,
    unsigns,
)
from crm.pipeline.words import (
    AGREEMENT_LABELS,
    CAPITAL_LABELS,
    CHANNEL_LABELS,
    EXIT_LABELS,
    REASON_LABELS,
    AgreementKind,
    Capital,
    Channel,
    ExitKind,
    ExitReason,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

__all__ = [  # words that are read from here as well as from their own module
    "AGREEMENT_LABELS",
    "CAPITAL_LABELS",
    "CHANNEL_LABELS",
    "EXIT_LABELS",
    "IDLE_DAYS",
    "ORDER",
    "REASON_LABELS",
    "REVIEW_DIMENSIONS",
    "STAGE_LABELS",
    "AgreementKind",
    "Bound",
    "Capital",
    "Channel",
    "ExitKind",
    "ExitReason",
    "ReviewResult",
    "Stage",
    "unsigns",
]


@dataclass(frozen=True, slots=True)
class Waiver:
    """A leader's decision, valid today, that a demand need not be met (特事特办): which, until when, by whom."""

    demand: str
    until: date
    by: str


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What the gates look at."""

    stage: Stage
    owner_id: int | None
    visits: int
    inspections: int
    inspection_reports: int
    review: ReviewResult | None
    contracts: int
    evidence: str = ""
    left: bool = False
    accepted: bool = True
    disputes: int = 0
    roles_open: int = 0
    waivers: tuple[Waiver, ...] = ()
    approved: bool = True
    payout_locked: bool = True
    planned: bool = True
    bound: Bound = FREE
    nodes_open: frozenset[Stage] = frozenset()

    @property
    def waived(self) -> frozenset[str]:
        """Keys of the demands that a decision in force waives."""
        return frozenset(waiver.demand for waiver in self.waivers)

    def waiver(self, key: str) -> Waiver | None:
        """Return the decision that waives a demand, the longest one first."""
        found = [waiver for waiver in self.waivers if waiver.demand == key]
        return max(found, key=lambda waiver: waiver.until, default=None)


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand of a gate: a stable key, its label, and whether the facts meet it.

    A leader may waive a ``waivable`` one for a time; the others rest on law, money or somebody's right.
    """

    key: str
    label: str
    missing: str
    met: Callable[[ProjectFacts], bool]
    waivable: bool = False

    def passes(self, facts: ProjectFacts) -> bool:
        """Whether the facts meet the demand, or a decision in force waives it."""
        return self.met(facts) or (self.waivable and self.key in facts.waived)


OWNER = Demand("owner", "有负责人", "缺少负责人：请先指定项目负责人。", lambda f: f.owner_id is not None)
ACCEPTED = Demand(
    "accepted",
    "线索已研判并接收",
    "线索还没有研判分办并接收：请组长或招商办研判，由负责人接收。",
    lambda f: f.accepted,
)
VISIT = Demand("visit", "至少一次走访", "缺少走访记录：请先记一次走访。", lambda f: f.visits > 0, waivable=True)
INSPECTION = Demand(
    "inspection", "至少一次考察", "缺少考察记录：请先记一次来区考察。", lambda f: f.inspections > 0, waivable=True
)
REPORT = Demand(
    "inspection_report",
    "有考察报告",
    "缺少考察报告，不能进入评审：请在考察记录里补写考察报告。",
    lambda f: f.inspection_reports > 0,
    waivable=True,
)
REVIEW = Demand(
    "review",
    "事前评估通过",
    "事前评估未通过，不能拟签约：请先完成六项评审。",
    lambda f: f.review is ReviewResult.PASSED,
)
UNCONTESTED = Demand(
    "uncontested",
    "首报首谈无争议",
    "投资方的首报首谈还有争议：裁定了结之后才能拟签约。",
    lambda f: f.disputes == 0,
)
CONTRACT = Demand(
    "contract",
    "已登记正式合同",
    "没有正式合同：意向协议和框架协议不计签约，请登记正式合同。",
    lambda f: f.contracts > 0,
)
APPROVALS = Demand(
    "approvals",
    "审批链已走完",
    "审批链没有走完：合法性审查、公平竞争审查、会议审定都通过后才能签约，请在“送审”里办理。",
    lambda f: f.approved,
)
EVIDENCE = Demand(
    "evidence",
    "有推进依据",
    "请写明依据，例如营业执照、用地批复、施工许可证的编号。",
    lambda f: bool(f.evidence.strip()),
)
TEAM = Demand(
    "team",
    "四个角色和双牵头已定",
    "四个角色和双牵头没有定全：请在“班子”页选定分包领导、牵头单位、项目负责人、项目助理和两个牵头方。",
    lambda f: f.roles_open == 0,
)
PLANNED = Demand(
    "planned",
    "推进计划已生成",
    "还没有推进计划：推进到签约时生成；早先签约的，请在“推进计划”页点“现在生成”，再逐个办结节点。",
    lambda f: f.planned,
)
NODE_REGISTERED = Demand(
    "node_registered",
    "推进计划的公司注册已办结",
    "推进计划里公司注册还没有办结：请在“推进计划”页上传营业执照后办结。",
    lambda f: Stage.REGISTERED not in f.nodes_open,
)
NODE_STARTED = Demand(
    "node_started",
    "推进计划的项目开工已办结（有施工许可和佐证）",
    "推进计划里项目开工还没有办结：要有施工许可和主体工程动工的佐证，开工仪式不算开工，请在“推进计划”页办结。",
    lambda f: Stage.STARTED not in f.nodes_open,
)
NODE_PRODUCING = Demand(
    "node_in_production",
    "推进计划的项目投产已办结",
    "推进计划里项目投产还没有办结：请在“推进计划”页上传竣工和投产的佐证后办结。",
    lambda f: Stage.IN_PRODUCTION not in f.nodes_open,
)
NODE_CAPACITY = Demand(
    "node_full_capacity",
    "推进计划的项目达产已办结",
    "推进计划里项目达产还没有办结：请在“推进计划”页上传达产评价后办结。",
    lambda f: Stage.FULL_CAPACITY not in f.nodes_open,
)
# Waived by a leader, these let a signed project go by another way than the letters of an exit case.
SIGNED_RETURN = Demand(
    "signed_return",
    "更正误登记的签约（退回签约之前）",
    "签约过的项目不能由一个人退回签约之前：确属误登记的，请在“特事特办”页申请更正，领导批准后再退回；"
    "对方不履约的，请在“履约”页启动退出。",
    lambda f: not f.bound.signed,
    waivable=True,
)
SIGNED_EXIT = Demand(
    "signed_exit",
    "签约后离开（协商撤约、流失、搁置、并入、流转）",
    "签约过的项目不能由一个人登记离开：对方不履约的，请在“履约”页启动退出；"
    "协商撤约、重复等其他情形，请在“特事特办”页申请，领导批准后再登记。",
    lambda f: not f.bound.signed,
    waivable=True,
)
AFTER_SIGNING = (SIGNED_RETURN, SIGNED_EXIT)
GATES: dict[Stage, tuple[Demand, ...]] = {
    Stage.LEAD: (),
    Stage.VISITING: (OWNER, ACCEPTED),
    Stage.INSPECTING: (OWNER, ACCEPTED, VISIT),
    Stage.REVIEWING: (OWNER, ACCEPTED, VISIT, INSPECTION, REPORT),
    Stage.PRE_SIGNING: (OWNER, ACCEPTED, VISIT, INSPECTION, REPORT, REVIEW, UNCONTESTED),
    Stage.SIGNED: (OWNER, ACCEPTED, VISIT, INSPECTION, REPORT, REVIEW, UNCONTESTED, APPROVALS, CONTRACT, TEAM),
    Stage.REGISTERED: (CONTRACT, EVIDENCE, PLANNED, NODE_REGISTERED),
    Stage.LANDING: (CONTRACT, EVIDENCE),
    Stage.STARTED: (CONTRACT, EVIDENCE, PLANNED, NODE_STARTED),
    Stage.IN_PRODUCTION: (CONTRACT, EVIDENCE, PLANNED, NODE_PRODUCING),
    Stage.FULL_CAPACITY: (CONTRACT, EVIDENCE, PLANNED, NODE_CAPACITY),
}


def next_stage(stage: Stage) -> Stage | None:
    """Return the stage after this one, or None at the end of the road."""
    index = ORDER.index(stage) + 1
    return ORDER[index] if index < len(ORDER) else None


def checklist(facts: ProjectFacts, target: Stage) -> tuple[tuple[Demand, bool], ...]:
    """Every demand on the way to a stage with its tick; a demand waived today passes."""
    return tuple((demand, demand.passes(facts)) for demand in demands_to(facts.stage, target))


def demands_to(here: Stage, target: Stage) -> tuple[Demand, ...]:
    """Demands of a stage and of every gate passed over on the way to it, each once."""
    first, last = ORDER.index(here) + 1, ORDER.index(target)
    passed = ORDER[min(first, last) : last + 1]
    return tuple(dict.fromkeys(demand for stage in passed for demand in GATES[stage]))


def move_problems(facts: ProjectFacts, target: Stage, *, reason: str = "", may_return: bool = True) -> list[Problem]:
    """Reasons why a project may not move to ``target``; empty means it may.

    Forward one stage at a time, through the gate. Going back and skipping need a reason and the right
    (``may_return``: a team lead or the registrar), and a skip meets the demands of every gate it passes over.
    """
    if facts.left:
        return [Problem("stage.left", "项目已退出，请先恢复再推进。")]
    here, there = ORDER.index(facts.stage), ORDER.index(target)
    if there == here:
        return [Problem("stage.same", "项目已经在这个阶段。")]
    if there < here:
        return _return_problems(facts, target, reason, may_return=may_return)
    if there > here + 1 and not may_return:
        text = "不能跳过阶段：下一步是“%(next)s”。须跳过时，请组长或招商办办理。"
        return [Problem("stage.skip", text, params={"next": STAGE_LABELS[ORDER[here + 1]]})]
    problems = gate_problems(facts, target)
    if there > here + 1 and not problems and not reason.strip():
        return [Problem("stage.skip_reason", "跳过阶段须说明理由。", "reason")]
    return problems


def gate_problems(facts: ProjectFacts, target: Stage) -> list[Problem]:
    """Demands on the way to a stage that are neither met nor waived."""
    return [
        Problem(f"gate.{demand.key}", demand.missing, "reason" if demand is EVIDENCE else None)
        for demand, passed in checklist(facts, target)
        if not passed
    ]


def _return_problems(facts: ProjectFacts, target: Stage, reason: str, *, may_return: bool) -> list[Problem]:
    if not may_return:
        return [Problem("stage.back_role", "退回阶段须由组长或招商办办理，请联系他们。")]
    if unsigns(facts.stage, target):
        problems = _unsigning_problems(facts)
        if problems:
            return problems
    if reason.strip():
        return []
    return [Problem("stage.back_reason", "退回上一阶段须说明理由。", "reason")]


def _unsigning_problems(facts: ProjectFacts) -> list[Problem]:
    if facts.bound.case:
        return [Problem("stage.case", "退出办理还没有办结，不能退回签约之前：请先办结。")]
    if facts.bound.recognized:
        text = "正式合同已经认定，不是误登记，不能退回签约之前：请在“履约”页启动退出，或在“特事特办”页申请签约后离开。"
        return [Problem("stage.recognized", text)]
    return [] if SIGNED_RETURN.passes(facts) else [Problem("stage.signed", SIGNED_RETURN.missing)]
