"""Stages, gates and exits as data: "may I?" answers with reasons, empty means yes.

Source: stage model of the trade (``docs/stages.md`` is generated from this table).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable


class Stage(StrEnum):
    """Stages of a project from lead to full capacity, in order."""

    LEAD = "lead"
    VISITING = "visiting"
    INSPECTING = "inspecting"
    REVIEWING = "reviewing"
    PRE_SIGNING = "pre_signing"
    SIGNED = "signed"
    REGISTERED = "registered"
    LANDING = "landing"
    STARTED = "started"
    IN_PRODUCTION = "in_production"
    FULL_CAPACITY = "full_capacity"


ORDER: tuple[Stage, ...] = tuple(Stage)
STAGE_LABELS: dict[Stage, str] = {
    Stage.LEAD: "线索",
    Stage.VISITING: "走访对接",
    Stage.INSPECTING: "考察",
    Stage.REVIEWING: "研判评审",
    Stage.PRE_SIGNING: "拟签约",
    Stage.SIGNED: "签约",
    Stage.REGISTERED: "注册",
    Stage.LANDING: "供地审批",
    Stage.STARTED: "开工",
    Stage.IN_PRODUCTION: "投产",
    Stage.FULL_CAPACITY: "达产",
}
IDLE_DAYS: dict[Stage, int] = {
    Stage.LEAD: 14,
    Stage.VISITING: 30,
    Stage.INSPECTING: 30,
    Stage.REVIEWING: 21,
    Stage.PRE_SIGNING: 30,
}


class ExitKind(StrEnum):
    """Ways a project leaves the road; each demands a reason."""

    REJECTED = "rejected"
    SUSPENDED = "suspended"
    LOST = "lost"
    TERMINATED = "terminated"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"
    MERGED = "merged"


EXIT_LABELS: dict[ExitKind, str] = {
    ExitKind.REJECTED: "不予引进",
    ExitKind.SUSPENDED: "搁置",
    ExitKind.LOST: "流失",
    ExitKind.TERMINATED: "终止",
    ExitKind.WITHDRAWN: "退出",
    ExitKind.TRANSFERRED: "流转",
    ExitKind.MERGED: "重复合并",
}


class ExitReason(StrEnum):
    """Why a project was left (退出原因)."""

    ELSEWHERE = "elsewhere"
    NO_SITE = "no_site"
    INDUSTRY = "industry"
    ENVIRONMENT = "environment"
    FUNDING = "funding"
    MARKET = "market"
    SLOW_APPROVAL = "slow_approval"
    SILENT = "silent"
    POLICY = "policy"
    FIRST_TALK_ELSEWHERE = "first_talk_elsewhere"
    DEPOSIT_OVERDUE = "deposit_overdue"
    BEHIND_PLAN = "behind_plan"
    FALSE_INVESTMENT = "false_investment"
    DUPLICATE = "duplicate"


REASON_LABELS: dict[ExitReason, str] = {
    ExitReason.ELSEWHERE: "选址他地",
    ExitReason.NO_SITE: "无用地或载体",
    ExitReason.INDUSTRY: "产业不符",
    ExitReason.ENVIRONMENT: "环评、能评或安评不过",
    ExitReason.FUNDING: "资金变故",
    ExitReason.MARKET: "市场变化",
    ExitReason.SLOW_APPROVAL: "审批过慢",
    ExitReason.SILENT: "失联",
    ExitReason.POLICY: "政策不合规",
    ExitReason.FIRST_TALK_ELSEWHERE: "首谈属他方",
    ExitReason.DEPOSIT_OVERDUE: "保证金逾期",
    ExitReason.BEHIND_PLAN: "未按约推进",
    ExitReason.FALSE_INVESTMENT: "虚假投资",
    ExitReason.DUPLICATE: "重复项目",
}


class AgreementKind(StrEnum):
    """Only a contract counts as signed (只有正式合同计入签约)."""

    INTENT = "intent"
    FRAMEWORK = "framework"
    CONTRACT = "contract"


AGREEMENT_LABELS: dict[AgreementKind, str] = {
    AgreementKind.INTENT: "意向协议",
    AgreementKind.FRAMEWORK: "框架协议",
    AgreementKind.CONTRACT: "正式合同",
}


class ReviewResult(StrEnum):
    """Outcome of the pre-admission review (事前评估)."""

    PASSED = "passed"
    FAILED = "failed"


class Capital(StrEnum):
    """Nature of the capital (资本性质)."""

    FOREIGN = "foreign"
    PRIVATE = "private"
    STATE = "state"


CAPITAL_LABELS: dict[Capital, str] = {Capital.FOREIGN: "外资", Capital.PRIVATE: "民资", Capital.STATE: "国资"}


class Channel(StrEnum):
    """How the project came to us (招商方式)."""

    NEWS = "news"
    BUSINESS = "business"
    KINSHIP = "kinship"
    CHAIN = "chain"
    PROFESSIONAL = "professional"
    SQUAD = "squad"
    ROUNDTABLE = "roundtable"
    AGENT = "agent"
    OVERSEAS = "overseas"
    ONLINE = "online"
    OTHER = "other"


CHANNEL_LABELS: dict[Channel, str] = {
    Channel.NEWS: "动态信息",
    Channel.BUSINESS: "以商招商",
    Channel.KINSHIP: "亲情招商",
    Channel.CHAIN: "产业链招商",
    Channel.PROFESSIONAL: "专业招商",
    Channel.SQUAD: "小分队招商",
    Channel.ROUNDTABLE: "圆桌式招商",
    Channel.AGENT: "委托代理",
    Channel.OVERSEAS: "境外招商",
    Channel.ONLINE: "网上招商",
    Channel.OTHER: "其他",
}
REVIEW_DIMENSIONS: tuple[tuple[str, str], ...] = (
    ("law", "法律法规"),
    ("industry_policy", "产业政策"),
    ("admission", "行业准入"),
    ("planning", "城乡规划"),
    ("environment", "环保要求"),
    ("economy", "经济效益"),
)


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


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand of a gate: a stable key, its label, and whether the facts meet it."""

    key: str
    label: str
    missing: str
    met: Callable[[ProjectFacts], bool]


OWNER = Demand("owner", "有负责人", "缺少负责人：请先指定项目负责人。", lambda f: f.owner_id is not None)
VISIT = Demand("visit", "至少一次走访", "缺少走访记录：请先记一次走访。", lambda f: f.visits > 0)
INSPECTION = Demand("inspection", "至少一次考察", "缺少考察记录：请先记一次来区考察。", lambda f: f.inspections > 0)
REPORT = Demand(
    "inspection_report",
    "有考察报告",
    "缺少考察报告，不能进入评审：请在考察记录里补写考察报告。",
    lambda f: f.inspection_reports > 0,
)
REVIEW = Demand(
    "review",
    "事前评估通过",
    "事前评估未通过，不能拟签约：请先完成六项评审。",
    lambda f: f.review is ReviewResult.PASSED,
)
CONTRACT = Demand(
    "contract",
    "已登记正式合同",
    "没有正式合同：意向协议和框架协议不计签约，请登记正式合同。",
    lambda f: f.contracts > 0,
)
EVIDENCE = Demand(
    "evidence",
    "有推进依据",
    "请写明依据，例如营业执照、用地批复、施工许可证的编号。",
    lambda f: bool(f.evidence.strip()),
)
GATES: dict[Stage, tuple[Demand, ...]] = {
    Stage.LEAD: (),
    Stage.VISITING: (OWNER,),
    Stage.INSPECTING: (OWNER, VISIT),
    Stage.REVIEWING: (OWNER, VISIT, INSPECTION, REPORT),
    Stage.PRE_SIGNING: (OWNER, VISIT, INSPECTION, REPORT, REVIEW),
    Stage.SIGNED: (OWNER, VISIT, INSPECTION, REPORT, REVIEW, CONTRACT),
    Stage.REGISTERED: (CONTRACT, EVIDENCE),
    Stage.LANDING: (CONTRACT, EVIDENCE),
    Stage.STARTED: (CONTRACT, EVIDENCE),
    Stage.IN_PRODUCTION: (CONTRACT, EVIDENCE),
    Stage.FULL_CAPACITY: (CONTRACT, EVIDENCE),
}


def next_stage(stage: Stage) -> Stage | None:
    """Return the stage after this one, or None at the end of the road."""
    index = ORDER.index(stage) + 1
    return ORDER[index] if index < len(ORDER) else None


def checklist(facts: ProjectFacts, target: Stage) -> tuple[tuple[Demand, bool], ...]:
    """Every demand of a stage with its tick."""
    return tuple((demand, demand.met(facts)) for demand in GATES[target])


def move_problems(facts: ProjectFacts, target: Stage, *, reason: str = "", may_return: bool = True) -> list[Problem]:
    """Reasons why a project may not move to ``target``; empty means it may.

    Forward one stage at a time, through the gate; backward only with a reason, by a team
    lead or the registrar (``may_return``).
    """
    if facts.left:
        return [Problem("stage.left", "项目已退出，请先恢复再推进。")]
    here, there = ORDER.index(facts.stage), ORDER.index(target)
    if there == here:
        return [Problem("stage.same", "项目已经在这个阶段。")]
    if there < here:
        return _return_problems(reason, may_return=may_return)
    if there > here + 1:
        following = STAGE_LABELS[ORDER[here + 1]]
        return [Problem("stage.skip", "不能跳过阶段：下一步是“%(next)s”。", params={"next": following})]
    return [
        Problem(f"gate.{demand.key}", demand.missing, "reason" if demand is EVIDENCE else None)
        for demand, met in checklist(facts, target)
        if not met
    ]


def _return_problems(reason: str, *, may_return: bool) -> list[Problem]:
    if not may_return:
        return [Problem("stage.back_role", "退回阶段须由组长或招商办办理，请联系他们。")]
    if reason.strip():
        return []
    return [Problem("stage.back_reason", "退回上一阶段须说明理由。", "reason")]
