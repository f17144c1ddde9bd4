"""Complaint cases against the clocks of the law: what may follow what, until when, and who says it is well. Pure.

Source: 外商投资企业投诉工作办法 (商务部令2020年第3号): whether a complaint is accepted is decided within 7 working days
after complete material came in; material is asked for at once and brought within 15 working days; an accepted
complaint is closed within 60 working days, which may be extended where it is complex. An office may set shorter limits,
never longer ones, and holds demands of other firms (企业诉求) to the same. The day something comes in is not counted.
The limits of a second round, of the call back and of an extension are the office's own: the order names none.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from crm.aftercare.cases.words import (
    OPEN,
    STATE_LABELS,
    CaseKind,
    CaseState,
    CaseStepKind,
    Channel,
    Lamp,
    Refusal,
    Topic,
    Verdict,
)
from crm.core.errors import Problem
from crm.core.workdays import add_workdays, is_workday, workdays_between

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

ACCEPT_DAYS, CLOSE_DAYS, SUPPLY_DAYS = 7, 60, 15  # working days of the order
SHORTEST = 4
OLDEST = 366  # days: what came in longer ago is typed wrongly
K = CaseStepKind
S = CaseState
NEXT: dict[CaseState, tuple[CaseStepKind, ...]] = {
    S.RECEIVED: (K.ACCEPT, K.ASK, K.REFUSE, K.WITHDRAW),
    S.SUPPLEMENT: (K.SUPPLIED, K.REFUSE, K.WITHDRAW),
    S.HANDLING: (K.REPLY, K.NOTE, K.EXTEND, K.ASSIGN, K.WITHDRAW),
    S.REPLIED: (K.JUDGED, K.REOPEN, K.ESCALATE, K.WITHDRAW),
    S.CLOSED: (),
    S.REFUSED: (),
    S.WITHDRAWN: (),
}
AFTER: dict[CaseStepKind, CaseState] = {
    K.ASK: S.SUPPLEMENT,
    K.SUPPLIED: S.RECEIVED,
    K.ACCEPT: S.HANDLING,
    K.REFUSE: S.REFUSED,
    K.REPLY: S.REPLIED,
    K.JUDGED: S.CLOSED,
    K.REOPEN: S.HANDLING,
    K.ESCALATE: S.HANDLING,
    K.WITHDRAW: S.WITHDRAWN,
}
WORKING = frozenset({K.NOTE, K.REPLY})  # what the responsible units do
ASKING = frozenset({K.JUDGED, K.REOPEN, K.ESCALATE})  # what whoever calls back writes down
ASKED = Problem("case.asked", "已经要求过一次补正，材料只能一次性要求补齐；请决定是否受理。")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the office set, in working days: stricter than the order, never laxer; ``warn`` days before, the lamp turns.

    ``demand_*`` hold for firms here, ``foreign_*`` for complaints under the order.
    """

    demand_accept: int = ACCEPT_DAYS
    demand_close: int = CLOSE_DAYS
    foreign_accept: int = ACCEPT_DAYS
    foreign_close: int = CLOSE_DAYS
    redo: int = 15
    ask: int = 5
    warn: int = 3

    def accept(self, kind: CaseKind) -> int:
        """Working days until it is decided whether a case is accepted."""
        return self.foreign_accept if kind is CaseKind.FOREIGN else self.demand_accept

    def close(self, kind: CaseKind) -> int:
        """Working days until an accepted case is answered."""
        return self.foreign_close if kind is CaseKind.FOREIGN else self.demand_close


MOST: dict[str, int] = {
    "demand_accept": ACCEPT_DAYS,
    "demand_close": CLOSE_DAYS,
    "foreign_accept": ACCEPT_DAYS,
    "foreign_close": CLOSE_DAYS,
    "redo": CLOSE_DAYS,
    "ask": 30,
    "warn": 30,
}
LIMIT_LABELS: dict[str, str] = {
    "demand_accept": "企业诉求：几个工作日内决定是否受理",
    "demand_close": "企业诉求：受理后几个工作日内办结",
    "foreign_accept": "外商投诉：几个工作日内决定是否受理",
    "foreign_close": "外商投诉：受理后几个工作日内办结",
    "redo": "不满意的：几个工作日内重新办理",
    "ask": "答复后几个工作日内回访评价",
    "warn": "到期前几个工作日亮黄灯",
}


def limits_of(stored: Mapping[str, Any]) -> Limits:
    """Read what is stored; what is missing or laxer than the order has the default."""
    known = {name: stored[name] for name, most in MOST.items() if _fits(stored.get(name), most)}
    return Limits(**known)


def limit_problems(limits: Limits) -> list[Problem]:
    """Reasons why limits cannot be set so."""
    text = "“%(label)s”请填1到%(most)s的整数：可以比规定更严，不能更宽。"
    return [
        Problem("case.limit", text, name, {"label": LIMIT_LABELS[name], "most": MOST[name]})
        for name, value in asdict(limits).items()
        if not _fits(value, MOST[name])
    ]


def _fits(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def due(day: date, count: int) -> date:
    """Return the last of ``count`` working days after ``day``, which itself is not counted, be it open or not."""
    return add_workdays(day, count if is_workday(day) else count - 1)


def lamp(state: CaseState, next_due: date | None, today: date, warn: int) -> Lamp:
    """Return the lamp of a case; while the firm mends its papers no clock of ours runs."""
    if state not in OPEN or state is CaseState.SUPPLEMENT or next_due is None:
        return Lamp.NONE
    if next_due < today:
        return Lamp.RED
    return Lamp.YELLOW if workdays_between(today, next_due) <= warn else Lamp.GREEN


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """What is typed of a case when it comes in; ``person`` and ``phone`` are kept sealed."""

    kind: CaseKind
    topic: Topic
    title: str
    body: str
    channel: Channel
    received_on: date
    enterprise_id: int
    person: str = ""
    phone: str = ""
    confidential: bool = False
    touch_id: int | None = None


def draft_problems(draft: CaseDraft, *, today: date) -> list[Problem]:
    """Reasons why a case cannot be registered."""
    problems = []
    if not draft.title.strip():
        problems.append(Problem("case.title", "请用一句话写明诉求。", "title"))
    if len(draft.body.strip()) < SHORTEST:
        problems.append(Problem("case.body", "请写明企业说的情况和要求，至少四个字。", "body"))
    if not 0 <= (today - draft.received_on).days <= OLDEST:
        problems.append(Problem("case.received", "收到日期不能晚于今天，也不能早于一年前。", "received_on"))
    return problems


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands, as the next step wants to know it."""

    state: CaseState
    accept_due: date
    due_on: date | None = None
    asked: bool = False
    escalated: bool = False
    replied_by: int | None = None


@dataclass(frozen=True, slots=True)
class CaseStepDraft:
    """One step as typed: what is said, and what this kind of step needs besides."""

    kind: CaseStepKind
    text: str = ""
    lead_id: int | None = None
    with_ids: tuple[int, ...] = ()
    due_on: date | None = None
    refusal: Refusal | None = None
    verdict: Verdict | None = None


def step_problems(now: Standing, step: CaseStepDraft, *, actor_id: int, today: date) -> list[Problem]:
    """Reasons why a step cannot follow; the person's rights are asked elsewhere."""
    if step.kind not in NEXT[now.state]:
        text = "“%(state)s”的诉求不能这样办，请刷新后按页面上的步骤办理。"
        return [Problem("case.order", text, "kind", {"state": STATE_LABELS[now.state]})]
    if step.kind is K.ASK and now.asked:
        return [ASKED]
    problems = []
    if step.kind not in {K.ACCEPT, K.SUPPLIED, K.JUDGED} and len(step.text.strip()) < SHORTEST:
        problems.append(Problem("case.text", "请写明情况或理由，至少四个字。", "text"))
    if step.kind in {K.ACCEPT, K.ASSIGN} and step.lead_id is None:
        problems.append(Problem("case.lead", "请选择主办单位。", "lead_id"))
    if step.kind is K.REFUSE:
        problems += _refusal_problems(now, step)
    if step.kind is K.EXTEND:
        problems += _extension_problems(now, step, today)
    if calls_back(step.kind, now.state):
        problems += _verdict_problems(now, step, actor_id)
    return problems


def calls_back(kind: CaseStepKind, state: CaseState) -> bool:
    """Whether a step says what the firm thinks of an answer; taking it back after the answer is such a word."""
    return kind in ASKING or (kind is K.WITHDRAW and state is S.REPLIED)


def _refusal_problems(now: Standing, step: CaseStepDraft) -> list[Problem]:
    if step.refusal is None:
        return [Problem("case.refusal", "请选择不予受理的情形。", "refusal")]
    if step.refusal is Refusal.INCOMPLETE and not now.asked:
        return [Problem("case.unasked", "还没有要求企业补正，不能以材料不符为由不予受理；请先要求补正。", "refusal")]
    return []


def _extension_problems(now: Standing, step: CaseStepDraft, today: date) -> list[Problem]:
    if now.due_on is None or now.due_on < today:
        return [Problem("case.expired", "办结期限已过，不能补办延期；请尽快答复企业。")]
    if step.due_on is None or step.due_on <= now.due_on:
        return [Problem("case.later", "新的期限要晚于原来的期限。", "due_on")]
    if step.due_on > due(now.due_on, CLOSE_DAYS):
        return [Problem("case.longer", "一次延期最多60个工作日。", "due_on")]
    return []


def _verdict_problems(now: Standing, step: CaseStepDraft, actor_id: int) -> list[Problem]:
    problems = []
    if now.replied_by == actor_id:
        problems.append(Problem("case.own", "答复企业的人不能自己登记评价，请由别的同事回访。"))
    if step.kind is not K.JUDGED:
        return problems
    if step.verdict is None:
        problems.append(Problem("case.verdict", "请选择企业的评价。", "verdict"))
    elif step.verdict is Verdict.UNSATISFIED and not now.escalated:
        problems.append(Problem("case.unsatisfied", "企业不满意的，请重新办理或提级办理，不能直接办结。", "verdict"))
    elif step.verdict in {Verdict.UNSATISFIED, Verdict.SILENT} and len(step.text.strip()) < SHORTEST:
        problems.append(Problem("case.text", "请写明情况或理由，至少四个字。", "text"))
    return problems


@dataclass(frozen=True, slots=True)
class Hand:
    """What a person is to a case: who decides on cases, is of a responsible unit, is of the receiving unit."""

    user_id: int
    rules: bool
    works: bool
    receives: bool


def steps_for(now: Standing, hand: Hand) -> tuple[CaseStepKind, ...]:
    """Give the steps a person may take: who rules decides, who works answers, who received calls back."""
    return tuple(kind for kind in NEXT[now.state] if _may(kind, now, hand))


def _may(kind: CaseStepKind, now: Standing, hand: Hand) -> bool:
    if kind is K.ASK and now.asked:
        return False
    if calls_back(kind, now.state):
        return (hand.rules or hand.receives) and now.replied_by != hand.user_id
    if kind in WORKING:
        return hand.rules or hand.works
    return hand.rules or (hand.receives and kind in {K.SUPPLIED, K.WITHDRAW})
