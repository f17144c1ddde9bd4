"""Industry chains (产业链): levels, what a node lacks, what a chain must have, and who is a likely target. Pure.

Source: the trade's tables of chains (延链、强链、补链) and its rule of one leader, one department, one team and one
guide for one industry (一产业一牵头领导一责任部门一工作班子一招商指南).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crm.core.errors import Problem
from crm.core.money import digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_NODES, MOST_WORDS, MOST_CODES, LONGEST_WORD = 60, 20, 20, 20
SHORTEST_REASON = 4
LARGEST = Decimal(100_000_000)  # 万元 a year


class Tier(StrEnum):
    """Where a node stands in its chain."""

    UPSTREAM = "upstream"
    MIDSTREAM = "midstream"
    DOWNSTREAM = "downstream"


TIER_LABELS: dict[Tier, str] = {Tier.UPSTREAM: "上游", Tier.MIDSTREAM: "中游", Tier.DOWNSTREAM: "下游"}


class Side(StrEnum):
    """Whether an enterprise on a node is here already, or is one we want."""

    LOCAL = "local"
    TARGET = "target"


SIDE_LABELS: dict[Side, str] = {Side.LOCAL: "本地企业", Side.TARGET: "目标企业"}


class PlaceState(StrEnum):
    """What a person said of an enterprise on a node; what nobody said is only a proposal and is kept nowhere."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Call(StrEnum):
    """What a node calls for; the first three are the roles a project can have."""

    FILL = "fill"
    STRENGTHEN = "strengthen"
    EXTEND = "extend"
    SOUND = "sound"
    LATER = "later"


CALL_LABELS: dict[Call, str] = {
    Call.FILL: "补链",
    Call.STRENGTHEN: "强链",
    Call.EXTEND: "延链",
    Call.SOUND: "稳固",
    Call.LATER: "暂不布局",
}
CALL_HINTS: dict[Call, str] = {
    Call.FILL: "本地缺这个环节，链条断在这里",
    Call.STRENGTHEN: "本地有企业，但还弱",
    Call.EXTEND: "本地链条的一头，可以往外接",
    Call.SOUND: "本地企业撑得住",
    Call.LATER: "本地没有企业，也没有上下游可接",
}
CALL_TONES: dict[Call, str] = {
    Call.FILL: "seal",
    Call.STRENGTHEN: "amber",
    Call.EXTEND: "blue",
    Call.SOUND: "green",
    Call.LATER: "grey",
}
GAPS = (Call.FILL, Call.STRENGTHEN, Call.EXTEND)


class Duty(StrEnum):
    """What every chain must have (五个一); the industry is the chain itself."""

    INDUSTRY = "industry"
    LEADER = "leader"
    UNIT = "unit"
    TEAM = "team"
    GUIDE = "guide"


DUTY_LABELS: dict[Duty, str] = {
    Duty.INDUSTRY: "一产业",
    Duty.LEADER: "一牵头领导",
    Duty.UNIT: "一责任部门",
    Duty.TEAM: "一工作班子",
    Duty.GUIDE: "一招商指南",
}
EACH, EACH_MOST, LEADING, WHOLE = 15, 45, 30, 25
SOUND_FROM = 45  # points: three firms, or one that leads


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What the rule looks at: local firms, how many of them lead, their yearly output and its goal in 万元.

    ``before`` and ``after`` count local firms on the nodes that supply this one and that it supplies.
    """

    firms: int = 0
    leaders: int = 0
    scale: Decimal = Decimal(0)
    goal: Decimal | None = None
    key: bool = False
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: Chinese words with %-holes, what fills them, and its points (0: it speaks without points)."""

    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    points: int = 0

    def plain(self) -> dict[str, Any]:
        """Give it as it is stored."""
        return {"message": self.message, "params": dict(self.params), "points": self.points}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Strength in points (0 to 100), the call that follows, and every reason of both."""

    points: int
    call: Call
    reasons: tuple[Reason, ...]


def judge(facts: NodeFacts) -> Judgement:
    """Say how strong a node is here and what it calls for; the points are the sum of the reasons."""
    reasons = _strength(facts)
    points = sum(reason.points for reason in reasons)
    call, why = _call(facts, points)
    return Judgement(points, call, (*reasons, *why))


def _strength(facts: NodeFacts) -> list[Reason]:
    if not facts.firms:
        return [Reason("本地没有企业")]
    reasons = [Reason("本地企业%(n)s家", {"n": facts.firms}, min(EACH * facts.firms, EACH_MOST))]
    if facts.leaders:
        reasons.append(Reason("其中链主或龙头企业%(n)s家", {"n": facts.leaders}, LEADING))
    if facts.goal:
        share = min(facts.scale / facts.goal, Decimal(1))
        params = {"scale": digits(facts.scale), "goal": digits(facts.goal)}
        reasons.append(Reason("年产值%(scale)s万元，目标%(goal)s万元", params, int(share * WHOLE)))
    return reasons


def _call(facts: NodeFacts, points: int) -> tuple[Call, list[Reason]]:
    if facts.firms:
        return _call_of_held(facts, points)
    near = {"before": facts.before, "after": facts.after}
    if facts.key:
        return Call.FILL, [Reason("关键环节")]
    if facts.before and facts.after:
        return Call.FILL, [Reason("上家本地有%(before)s家、下家本地有%(after)s家，断在这里", near)]
    if facts.before or facts.after:
        way = "上家本地有%(before)s家，可以往下游延伸" if facts.before else "下家本地有%(after)s家，可以往上游延伸"
        return Call.EXTEND, [Reason(way, near)]
    return Call.LATER, [Reason("上家下家本地都没有企业")]


def _call_of_held(facts: NodeFacts, points: int) -> tuple[Call, list[Reason]]:
    if points < SOUND_FROM:
        return Call.STRENGTHEN, [Reason("强度%(n)s分，不到%(from)s分", {"n": points, "from": SOUND_FROM})]
    if facts.key and facts.goal is not None and facts.scale < facts.goal:
        return Call.STRENGTHEN, [Reason("关键环节，产值还没有到目标")]
    return Call.SOUND, []


@dataclass(frozen=True, slots=True)
class ChainDraft:
    """What a person types of a chain."""

    name: str
    industry: str = ""
    summary: str = ""
    leader: str = ""
    unit_id: int | None = None
    team: str = ""
    guide: str = ""


@dataclass(frozen=True, slots=True)
class NodeDraft:
    """What a person types of a node; ``goal`` = yearly output wanted here, 万元; ``codes`` of GB/T 4754.

    ``supplies`` are the nodes it supplies; None leaves its links as they are.
    """

    name: str
    tier: Tier
    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    key: bool = False
    goal: Decimal | None = None
    note: str = ""
    supplies: tuple[int, ...] | None = None


def missing_duties(draft: ChainDraft, *, guide_file: bool) -> list[Duty]:
    """Which of the five a chain lacks; a guide may be a text or a file."""
    held = {
        Duty.INDUSTRY: bool(draft.industry.strip()),
        Duty.LEADER: bool(draft.leader.strip()),
        Duty.UNIT: draft.unit_id is not None,
        Duty.TEAM: bool(draft.team.strip()),
        Duty.GUIDE: bool(draft.guide.strip()) or guide_file,
    }
    return [duty for duty, has in held.items() if not has]


def chain_problems(draft: ChainDraft) -> list[Problem]:
    """Reasons why a chain cannot be kept."""
    if not draft.name.strip():
        return [Problem("chain.name", "请填写产业链名称，例如“新能源汽车”。", "name")]
    return []


def node_problems(draft: NodeDraft, known: Iterable[str]) -> list[Problem]:
    """Reasons why a node cannot be kept; ``known`` = codes of the standard that exist."""
    problems = []
    if not draft.name.strip():
        problems.append(Problem("node.name", "请填写环节名称，例如“隔膜”。", "name"))
    if len(draft.words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in draft.words):
        problems.append(Problem("node.words", "产品词最多20个，每个不超过20个字，用顿号隔开。", "words"))
    if any(len(word) < 2 for word in draft.words):  # noqa: PLR2004 (one character says nothing)
        problems.append(Problem("node.short", "产品词至少两个字，一个字会对上太多企业。", "words"))
    allowed = set(known)
    wrong = [code for code in draft.codes if code not in allowed]
    if wrong or len(draft.codes) > MOST_CODES:
        text = "没有“%(code)s”这个行业代码：请按《国民经济行业分类》填写，例如 C38，最多20个。"
        problems.append(Problem("node.codes", text, "codes", {"code": "、".join(wrong[:3])}))
    return problems + goal_problems(draft.goal, "goal")


def goal_problems(amount: Decimal | None, name: str) -> list[Problem]:
    """Reasons why a yearly output in 万元 cannot be kept."""
    if amount is None:
        return []
    if not amount.is_finite() or amount <= 0:
        return [Problem("chain.scale", "年产值要大于0，单位是万元。", name)]
    if amount > LARGEST:
        return [Problem("chain.large", "年产值超过一万亿元，请核对单位（应为万元）。", name)]
    if amount != round(amount, 6):
        return [Problem("chain.fine", "金额最多精确到分（六位小数）。", name)]
    return []


def reason_problems(reason: str) -> list[Problem]:
    """Whoever sets a rule aside says why."""
    if len(reason.strip()) < SHORTEST_REASON:
        return [Problem("chain.reason", "请写明理由（至少四个字），别人要看得懂为什么这样定。", "reason")]
    return []


def split_words(text: str) -> tuple[str, ...]:
    """Cut what a person typed at commas, semicolons, 顿号 and line breaks; each once, in order."""
    for mark in "，,；;\n/|":
        text = text.replace(mark, "、")
    return tuple(dict.fromkeys(word.strip() for word in text.split("、") if word.strip()))
