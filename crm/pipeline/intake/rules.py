"""The road of a lead before it is worked on, as a table; "may I?" answers with reasons. Pure.

Whoever took a lead owns it until a hand-over to somebody else is accepted (首问责任). Exits of a lead
(not taken, repeated, transferred) are the exits of a project and do not stand here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crm.core.errors import Problem
from crm.pipeline.rules import Stage


class LeadState(StrEnum):
    """Where a lead stands, in order; the last two are beside the road."""

    NEW = "new"
    REGISTERED = "registered"
    TRIAGE = "triage"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    WORKING = "working"
    RETURNED = "returned"
    POOLED = "pooled"


LEAD_LABELS: dict[LeadState, str] = {
    LeadState.NEW: "待登记",
    LeadState.REGISTERED: "待研判",
    LeadState.TRIAGE: "研判中",
    LeadState.ASSIGNED: "待接收",
    LeadState.ACCEPTED: "已接收",
    LeadState.WORKING: "跟进中",
    LeadState.RETURNED: "已退回",
    LeadState.POOLED: "在公海",
}
OWNED = frozenset({LeadState.ACCEPTED, LeadState.WORKING})
POOL_STAGES = (Stage.LEAD, Stage.VISITING, Stage.INSPECTING)


class Act(StrEnum):
    """What can be done with a lead."""

    REGISTER = "register"
    BEGIN = "begin"
    ASSIGN = "assign"
    ACCEPT = "accept"
    REFUSE = "refuse"
    WORK = "work"
    RETURN = "return"
    RESUBMIT = "resubmit"
    POOL = "pool"
    CLAIM = "claim"
    RECALL = "recall"


ACT_LABELS: dict[Act, str] = {
    Act.REGISTER: "登记",
    Act.BEGIN: "开始研判",
    Act.ASSIGN: "研判通过并分办",
    Act.ACCEPT: "接收",
    Act.REFUSE: "不接收",
    Act.WORK: "开始跟进",
    Act.RETURN: "退回补充",
    Act.RESUBMIT: "补充后再报",
    Act.POOL: "转入公海",
    Act.CLAIM: "认领",
    Act.RECALL: "从公海收回",
}


class Party(StrEnum):
    """Who may act: the triage of the unit, who is asked to take it, its owner, anybody of the office, the clock."""

    TRIAGE = "triage"
    RECEIVER = "receiver"
    OWNER = "owner"
    ANYONE = "anyone"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: from where, to where, by whom, and whether a reason must be given."""

    sources: tuple[LeadState, ...]
    target: LeadState
    parties: tuple[Party, ...]
    reason: str = ""


S, W = LeadState, Party
STEPS: dict[Act, Step] = {
    Act.REGISTER: Step((S.NEW,), S.REGISTERED, (W.TRIAGE, W.OWNER)),
    Act.BEGIN: Step((S.REGISTERED,), S.TRIAGE, (W.TRIAGE,)),
    Act.ASSIGN: Step((S.REGISTERED, S.TRIAGE), S.ASSIGNED, (W.TRIAGE,)),
    Act.ACCEPT: Step((S.ASSIGNED, S.ACCEPTED, S.WORKING), S.ACCEPTED, (W.RECEIVER,)),
    Act.REFUSE: Step((S.ASSIGNED,), S.TRIAGE, (W.RECEIVER,), "请写明不接收的理由，线索会退回研判。"),
    Act.WORK: Step((S.ACCEPTED,), S.WORKING, (W.OWNER, W.TRIAGE, W.ANYONE)),
    Act.RETURN: Step((S.REGISTERED, S.TRIAGE), S.RETURNED, (W.TRIAGE,), "请写明退回的理由，例如要补充什么。"),
    Act.RESUBMIT: Step((S.RETURNED,), S.REGISTERED, (W.OWNER, W.TRIAGE)),
    Act.POOL: Step(
        (S.REGISTERED, S.TRIAGE, S.ACCEPTED, S.WORKING, S.RETURNED),
        S.POOLED,
        (W.OWNER, W.TRIAGE, W.CLOCK),
        "请写明转入公海的理由。",
    ),
    Act.CLAIM: Step((S.POOLED,), S.ACCEPTED, (W.ANYONE,)),
    Act.RECALL: Step((S.POOLED,), S.TRIAGE, (W.TRIAGE,), "请写明收回的理由。"),
}


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What the table looks at."""

    state: LeadState
    stage: Stage
    left: bool = False
    open_handover: bool = False
    confidential: bool = False


def act_problems(act: Act, facts: LeadFacts, party: Party | None, *, reason: str = "") -> list[Problem]:
    """Reasons why this party may not do this with this lead; empty means it may."""
    step = STEPS[act]
    if party is None or party not in step.parties:
        return [Problem("lead.party", "这一步须由组长、招商办或线索的责任人办理。")]
    if facts.left:
        return [Problem("lead.left", "项目已退出，请先恢复。")]
    if facts.state not in step.sources:
        params: dict[str, object] = {"state": LEAD_LABELS[facts.state], "act": ACT_LABELS[act]}
        return [Problem("lead.state", "线索现在是“%(state)s”，不能“%(act)s”，请刷新后再看。", params=params)]
    problems = []
    if step.reason and not reason.strip():
        problems.append(Problem("lead.reason", step.reason, "reason"))
    if act is Act.POOL:
        problems += _pool_problems(facts)
    return problems


def _pool_problems(facts: LeadFacts) -> list[Problem]:
    if facts.confidential:
        return [Problem("pool.confidential", "保密项目不进公海。")]
    if facts.stage not in POOL_STAGES:
        return [Problem("pool.stage", "已进入评审的项目不进公海，请按换负责人办理。")]
    if facts.open_handover:
        return [Problem("pool.handover", "正在等人接收，请先等对方答复或撤回移交。")]
    return []


@dataclass(frozen=True, slots=True)
class PoolRules:
    """What the office set about its pool (公海)."""

    all_units: bool = True
    most_claims: int = 5
    rest_days: int = 30


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """Who wants to claim: what they claimed and still hold, and how long ago this lead was taken from them."""

    held: int
    taken_from: bool = False
    days_since: int = 0


def claim_problems(rules: PoolRules, facts: ClaimFacts) -> list[Problem]:
    """Reasons why a person may not claim a lead of the pool."""
    if facts.held >= rules.most_claims:
        text = "您已认领%(held)s条还没推进的线索，最多%(most)s条，请先推进或退回一条。"
        return [Problem("claim.most", text, params={"held": facts.held, "most": rules.most_claims})]
    if facts.taken_from and facts.days_since < rules.rest_days:
        params: dict[str, object] = {"days": rules.rest_days - facts.days_since}
        return [Problem("claim.rest", "这条线索刚从您手上转入公海，%(days)s天后才能再认领。", params=params)]
    return []


class TipState(StrEnum):
    """What became of a tip (随手报)."""

    NEW = "new"
    REGISTERED = "registered"
    RETURNED = "returned"


TIP_LABELS: dict[TipState, str] = {
    TipState.NEW: "待答复",
    TipState.REGISTERED: "已转为线索",
    TipState.RETURNED: "未采用",
}


class TipSource(StrEnum):
    """Where a tip was heard (线索来源)."""

    STAFF = "staff"
    CONTACT = "contact"
    SIGNAL = "signal"
    EVENT = "event"
    REFERRER = "referrer"


SOURCE_LABELS: dict[TipSource, str] = {
    TipSource.STAFF: "自己了解",
    TipSource.CONTACT: "联系人告知",
    TipSource.EVENT: "活动或出差",
    TipSource.REFERRER: "引荐人介绍",
    TipSource.SIGNAL: "新闻动态",
}


class Answer(StrEnum):
    """How a hand-over ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


ANSWER_LABELS: dict[Answer, str] = {Answer.ACCEPTED: "已接收", Answer.REFUSED: "未接收", Answer.WITHDRAWN: "已撤回"}
LONGEST_TIP = 2_000


def tip_problems(text: str) -> list[Problem]:
    """Reasons why a tip cannot be kept: only that it says nothing, or a book."""
    if not text.strip():
        return [Problem("tip.text", "请写一句：谁想投什么，从哪听来的。", "text")]
    if len(text) > LONGEST_TIP:
        return [Problem("tip.long", "最多两千字，请先写要点。", "text")]
    return []


def handover_problems(*, same: bool, still_open: bool, left: bool, reason: str) -> list[Problem]:
    """Reasons why a hand-over cannot be asked for."""
    if left:
        return [Problem("handover.left", "项目已退出，不用移交。")]
    if still_open:
        return [Problem("handover.open", "已有一次移交在等对方答复，请先撤回。")]
    if same:
        return [Problem("handover.same", "这个人已经是负责人。", "owner_id")]
    if not reason.strip():
        return [Problem("handover.reason", "请写明移交的理由，对方据此决定是否接收。", "reason")]
    return []
