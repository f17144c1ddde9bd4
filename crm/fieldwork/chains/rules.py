"""What comes after a touch, and after a step of an outreach (电子邮件 -> 致电 -> 登门拜访). Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crm.core.errors import Problem
from crm.core.workdays import add_workdays
from crm.fieldwork.rules import LINE_LENGTH, Intention, TouchKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_STEPS, MOST_DAYS, MOST_CHAINS, MOST_STARTED = 8, 365, 60, 200


class Trigger(StrEnum):
    """What starts a chain: a touch that was logged, or a person."""

    TOUCH = "touch"
    MANUAL = "manual"


TRIGGER_LABELS: dict[Trigger, str] = {Trigger.TOUCH: "记下走访等联系后自动开始", Trigger.MANUAL: "由人选企业开始"}


class Action(StrEnum):
    """What a step asks for."""

    TASK = "task"
    MATERIAL = "material"
    MAIL = "mail"
    CALL = "call"
    VISIT = "visit"


ACTION_LABELS: dict[Action, str] = {
    Action.TASK: "办一件事",
    Action.MATERIAL: "寄送材料",
    Action.MAIL: "电子邮件",
    Action.CALL: "致电",
    Action.VISIT: "登门拜访",
}


class Answer(StrEnum):
    """How a step ended."""

    DONE = "done"
    ANSWERED = "answered"
    SILENT = "silent"
    REFUSED = "refused"
    VISITED = "visited"


ANSWER_LABELS: dict[Answer, str] = {
    Answer.DONE: "已办",
    Answer.ANSWERED: "有回应",
    Answer.SILENT: "没有回应",
    Answer.REFUSED: "对方谢绝",
    Answer.VISITED: "已登门",
}
OUTREACH = frozenset({Action.MAIL, Action.CALL, Action.VISIT})
USUAL_STOPS = frozenset({Answer.REFUSED, Answer.VISITED})


class Ending(StrEnum):
    """How a chain ended."""

    THROUGH = "through"
    ANSWERED = "answered"
    STOPPED = "stopped"


ENDING_LABELS: dict[Ending, str] = {
    Ending.THROUGH: "走完",
    Ending.ANSWERED: "按结果结束",
    Ending.STOPPED: "人工停止",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what, how many days after what, and which answers end the chain."""

    title: str
    action: Action = Action.TASK
    days: int = 7
    workdays: bool = False
    after_previous: bool = True
    stops: frozenset[Answer] = frozenset()

    def packed(self) -> dict[str, Any]:
        """Return the step as plain data."""
        return {**asdict(self), "stops": sorted(self.stops)}


def unpacked(stored: Mapping[str, Any]) -> Step:
    """Read a packed step."""
    stops = frozenset(Answer(one) for one in stored["stops"] if one in set(Answer))
    return Step(**{**stored, "action": Action(stored["action"]), "stops": stops})


@dataclass(frozen=True, slots=True)
class ChainDraft:
    """What a person typed about a chain."""

    name: str
    starts: Trigger
    steps: tuple[Step, ...]
    touch_kind: TouchKind | None = None
    intention: Intention | None = None
    active: bool = True


def chain_problems(draft: ChainDraft) -> list[Problem]:
    """Reasons why a chain cannot be kept; empty means it can."""
    problems = []
    if not draft.name.strip():
        problems.append(Problem("chain.name", "请给跟进方案起个名字，例如“走访后一周寄材料”。", "name"))
    if not draft.steps:
        problems.append(Problem("chain.steps", "请至少写一步，填上做什么和几天后。", "steps"))
    if len(draft.steps) > MOST_STEPS:
        problems.append(Problem("chain.many", "一个方案最多%(n)s步，请分成两个方案。", "steps", {"n": MOST_STEPS}))
    if any(not 0 <= step.days <= MOST_DAYS for step in draft.steps):
        problems.append(Problem("chain.days", "每步的天数请填0到365的整数。", "steps"))
    if any(not step.title.strip() or len(step.title) > LINE_LENGTH for step in draft.steps):
        problems.append(Problem("chain.title", "每步都要写明做什么，不超过200字。", "steps"))
    return problems


def matches(kind: TouchKind | None, intention: Intention | None, touch: tuple[TouchKind, Intention]) -> bool:
    """Whether a touch of this kind and intention starts a chain."""
    return kind in {None, touch[0]} and intention in {None, touch[1]}


def due(step: Step, base: date) -> date:
    """Return the day on which a step is due, counted from the day of what it follows."""
    return add_workdays(base, step.days) if step.workdays else base + timedelta(days=step.days)


def first_steps(steps: Sequence[Step]) -> list[int]:
    """Return which steps begin with the chain: the first, and those that do not wait for the one before."""
    return [place for place, step in enumerate(steps) if place == 0 or not step.after_previous]


def next_step(steps: Sequence[Step], place: int) -> int | None:
    """Return which step begins when the one at ``place`` has ended, if any waits for it."""
    following = place + 1
    return following if following < len(steps) and steps[following].after_previous else None


def answers(action: Action) -> tuple[Answer, ...]:
    """Return how a step of this kind can end."""
    if action not in OUTREACH:
        return (Answer.DONE, Answer.REFUSED)
    met = (Answer.VISITED,) if action is Action.VISIT else ()
    return (*met, Answer.ANSWERED, Answer.SILENT, Answer.REFUSED)
