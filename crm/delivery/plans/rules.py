"""Nodes of a delivery plan: what finishes one, how its statutory clock runs, what silence can never do. Pure.

Source: practice of the trade: each node has a unit, a date and evidence; "a ceremony is not a start"; clocks of
permits count working days from acceptance, without publicity, expert review and corrections.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.core.workdays import add_workdays, workdays_between
from crm.pipeline.landing.nodes import NODE_LABELS, STATUTORY, NodeKind, NodeState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

K = NodeKind
LONGEST_CLOCK, LONGEST_PAUSE = 250, 500
SHORTEST_REASON = 4
# What must be done, or not needed, before a node can be.
FIRST: dict[NodeKind, tuple[NodeKind, ...]] = {
    K.START: (K.PERMIT,),
    K.STATISTICS: (K.START,),
    K.COMPLETION: (K.START,),
    K.PRODUCTION: (K.START, K.COMPLETION),
    K.CAPACITY: (K.PRODUCTION,),
}
# Facts on the ground happen or they do not: nobody can declare a start not needed.
NEEDED: frozenset[NodeKind] = frozenset({K.REGISTRATION, K.START, K.PRODUCTION, K.CAPACITY})
STATE_LABELS: dict[NodeState, str] = {
    NodeState.OPEN: "未办",
    NodeState.ACCEPTED: "已受理",
    NodeState.DONE: "已办结",
    NodeState.EXEMPT: "不涉及",
}
STATE_TONES: dict[NodeState, str] = {
    NodeState.OPEN: "grey",
    NodeState.ACCEPTED: "amber",
    NodeState.DONE: "green",
    NodeState.EXEMPT: "grey",
}


class OpinionState(StrEnum):
    """How an internal opinion stands."""

    ASKED = "asked"
    ANSWERED = "answered"
    DEEMED = "deemed"


OPINION_LABELS: dict[OpinionState, str] = {
    OpinionState.ASKED: "待答复",
    OpinionState.ANSWERED: "已答复",
    OpinionState.DEEMED: "超时视同无意见",
}


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Who answers for a node, until when, how many working days the department has (None: no clock), and why."""

    unit_id: int
    due_on: date
    clock_days: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finish:
    """What is typed when a node is done; ``begun``: main works have begun, not only a ceremony."""

    done_on: date
    number: str = ""
    paused_days: int = 0
    pause_reason: str = ""
    begun: bool = False


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What the rules look at: the node, files it has, how the others of the plan stand, the day of the permit."""

    kind: NodeKind
    state: NodeState
    signed_on: date
    accepted_on: date | None
    files: int
    others: Mapping[NodeKind, NodeState]
    permit_on: date | None = None


def clock_due(accepted_on: date, clock_days: int, paused_days: int = 0) -> date:
    """Return the last working day of a statutory clock; accepted on a day off counts as the next working day."""
    return add_workdays(accepted_on, clock_days + paused_days)


def used_days(accepted_on: date, done_on: date, paused_days: int = 0) -> int:
    """Count the working days a department took, what was paused left out; the day of acceptance does not count."""
    return max(0, workdays_between(add_workdays(accepted_on, 0), done_on) - paused_days)


def arrange_problems(facts: NodeFacts, plan: Arrangement, *, moved: bool) -> list[Problem]:
    """Reasons why a node cannot be arranged so; ``moved``: its date changes, which needs a reason."""
    problems = _open_problems(facts)
    if plan.due_on < facts.signed_on:
        problems.append(Problem("node.due_on", "期限不能早于签约日期。", "due_on"))
    if plan.clock_days is not None and not 0 < plan.clock_days <= LONGEST_CLOCK:
        problems.append(Problem("node.clock", "法定时限填1到250个工作日，没有的留空。", "clock_days"))
    if moved and len(plan.reason.strip()) < SHORTEST_REASON:
        problems.append(Problem("node.moved", "调整期限要写明原因。", "reason"))
    return problems


def accept_problems(facts: NodeFacts, accepted_on: date, *, today: date) -> list[Problem]:
    """Reasons why the acceptance (受理) of an application cannot be recorded."""
    problems = _open_problems(facts)
    if facts.state is NodeState.ACCEPTED:
        problems.append(Problem("node.accepted", "这个节点已经登记过受理日期。"))
    if facts.kind not in STATUTORY:
        problems.append(Problem("node.no_clock", "这个节点不是审批事项，没有受理。"))
    if not facts.signed_on <= accepted_on <= today:
        problems.append(Problem("node.accepted_on", "受理日期须在签约之后、今天之前。", "accepted_on"))
    return problems


def finish_problems(facts: NodeFacts, draft: Finish, *, today: date) -> list[Problem]:
    """Reasons why a node is not done: no evidence, something before it open, a ceremony instead of a start."""
    problems = _open_problems(facts)
    if not facts.signed_on <= draft.done_on <= today:
        problems.append(Problem("node.done_on", "办结日期须在签约之后、今天之前。", "done_on"))
    elif facts.accepted_on is not None and draft.done_on < facts.accepted_on:
        problems.append(Problem("node.before", "办结日期不能早于受理日期。", "done_on"))
    problems += _missing(facts)
    if facts.kind in STATUTORY and not draft.number.strip():
        problems.append(Problem("node.number", "请填写证照或批复的编号。", "number"))
    if not facts.files:
        problems.append(Problem("node.file", "没有佐证材料，不能办结：请上传证照、批复或现场照片。", "file"))
    if facts.kind is K.START and not draft.begun:
        text = "开工仪式不算开工：主体工程实际动工后再办结，并勾选确认。"
        problems.append(Problem("node.ceremony", text, "begun"))
    if facts.kind is K.START and facts.permit_on is not None and draft.done_on < facts.permit_on:
        text = "开工日期不能早于取得施工许可的日期%(day)s。"
        problems.append(Problem("node.unpermitted", text, "done_on", {"day": facts.permit_on.isoformat()}))
    return problems + _pause_problems(facts, draft)


def _missing(facts: NodeFacts) -> list[Problem]:
    done = (NodeState.DONE, NodeState.EXEMPT)
    waiting = [kind for kind in FIRST.get(facts.kind, ()) if facts.others.get(kind, NodeState.EXEMPT) not in done]
    text = "“%(first)s”还没有办结，不能办结“%(node)s”。"
    return [
        Problem("node.first", text, None, {"first": NODE_LABELS[kind], "node": NODE_LABELS[facts.kind]})
        for kind in waiting
    ]


def _pause_problems(facts: NodeFacts, draft: Finish) -> list[Problem]:
    if not 0 <= draft.paused_days <= LONGEST_PAUSE:
        return [Problem("node.pause", "不计时的工作日填0到500。", "paused_days")]
    if not draft.paused_days:
        return []
    if facts.accepted_on is None:
        return [Problem("node.pause_open", "没有登记受理日期，谈不上不计时。", "paused_days")]
    if draft.paused_days > workdays_between(facts.accepted_on, draft.done_on):
        return [Problem("node.pause_long", "不计时的天数超过了受理到办结的工作日数。", "paused_days")]
    if len(draft.pause_reason.strip()) < SHORTEST_REASON:
        return [Problem("node.pause_reason", "请写明哪些天不计时，例如公示、专家评审、补正。", "pause_reason")]
    return []


def exempt_problems(facts: NodeFacts, reason: str, *, heads: bool) -> list[Problem]:
    """Reasons why a node cannot be set aside as not needed (不涉及); ``heads``: by a lead or the office."""
    problems = _open_problems(facts)
    if facts.kind in NEEDED:
        text = "“%(node)s”每个项目都要办，不能列为不涉及。"
        problems.append(Problem("node.needed", text, None, {"node": NODE_LABELS[facts.kind]}))
    if len(reason.strip()) < SHORTEST_REASON:
        problems.append(Problem("node.exempt", "请写明为什么不涉及，例如租用现有厂房。", "reason"))
    if facts.kind is K.PERMIT and not heads:
        problems.append(Problem("node.exempt_lead", "施工许可列为不涉及，要由组长或招商办办理。"))
    if facts.kind is K.PERMIT and not facts.files:
        problems.append(Problem("node.exempt_file", "请先上传不需要施工许可的依据，再列为不涉及。"))
    return problems


def reopen_problems(facts: NodeFacts, reason: str, *, passed: bool) -> list[Problem]:
    """Reasons why a node cannot be taken up again; ``passed``: the project stands at the stage it proves, or beyond."""
    if facts.state not in {NodeState.DONE, NodeState.EXEMPT}:
        return [Problem("node.open", "这个节点还没有办结。")]
    if passed:
        return [Problem("node.passed", "项目阶段已经依据这个节点推进：请先在“历程”里撤销或退回阶段。")]
    later = [kind for kind, before in FIRST.items() if facts.kind in before]
    resting = [kind for kind in later if facts.others.get(kind) is NodeState.DONE]
    if resting:
        text = "“%(node)s”以它为前提，已经办结：请先撤回后面的节点。"
        return [Problem("node.rests", text, None, {"node": NODE_LABELS[resting[0]]})]
    if len(reason.strip()) < SHORTEST_REASON:
        return [Problem("node.reopen", "请写明为什么撤回。", "reason")]
    return []


def node_silence_problems(kind: NodeKind) -> list[Problem]:
    """Silence never finishes a node: no statutory permit is given tacitly, and no fact happens by default.

    Always a refusal, whatever the kind; only an internal opinion may be deemed (:func:`opinion_silence_problems`).
    """
    if kind in STATUTORY:
        text = "“%(node)s”是法定审批，超过时限也不能视同同意，请催办责任单位。"
    else:
        text = "“%(node)s”要有事实和佐证，不能视同办结。"
    return [Problem("node.silence", text, None, {"node": NODE_LABELS[kind]})]


def opinion_silence_problems(
    state: OpinionState, *, enabled: bool, due_on: date, today: date, responsible: bool, own: bool = False
) -> list[Problem]:
    """Reasons why silence of a department cannot stand for "no objection" to an internal question (超时默认).

    ``own``: it is taken so by the very person who asked.
    """
    if state is not OpinionState.ASKED:
        return [Problem("opinion.answered", "这条意见已经有结果了。")]
    problems = []
    if not enabled:
        problems.append(Problem("opinion.off", "本办没有启用超时视同同意，请催办部门出具意见。"))
    if due_on >= today:
        problems.append(Problem("opinion.early", "还没有过答复期限，不能视同无意见。"))
    if own:
        problems.append(Problem("opinion.own", "征求意见的人不能自己认定视同无意见，请由别的同事办理。"))
    if not responsible:
        problems.append(Problem("opinion.responsible", "请选择该部门对逾期不答复负责的人。", "responsible_id"))
    return problems


def _open_problems(facts: NodeFacts) -> list[Problem]:
    if facts.state in {NodeState.DONE, NodeState.EXEMPT}:
        return [Problem("node.closed", "这个节点已经办结或不涉及；要改，请先撤回。")]
    return []
