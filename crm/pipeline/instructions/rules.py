"""Leader instructions (批示、交办): who may give, answer and close one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem

if TYPE_CHECKING:
    from datetime import date


class Urgency(StrEnum):
    """How soon it is wanted."""

    NORMAL = "normal"
    URGENT = "urgent"
    TOP = "top"


URGENCY_LABELS: dict[Urgency, str] = {Urgency.NORMAL: "一般", Urgency.URGENT: "紧急", Urgency.TOP: "特急"}


class InstructionState(StrEnum):
    """Where an instruction stands: to be done, reported done, accepted as done."""

    OPEN = "open"
    REPORTED = "reported"
    CLOSED = "closed"


STATE_LABELS: dict[InstructionState, str] = {
    InstructionState.OPEN: "办理中",
    InstructionState.REPORTED: "已报办结，待确认",
    InstructionState.CLOSED: "已销号",
}


class ReplyKind(StrEnum):
    """What a reply does."""

    PROGRESS = "progress"
    DONE = "done"
    ACCEPTED = "accepted"
    REFUSED = "refused"


REPLY_LABELS: dict[ReplyKind, str] = {
    ReplyKind.PROGRESS: "进展",
    ReplyKind.DONE: "报办结",
    ReplyKind.ACCEPTED: "同意销号",
    ReplyKind.REFUSED: "退回再办",
}
ANSWERS = frozenset({ReplyKind.PROGRESS, ReplyKind.DONE})


@dataclass(frozen=True, slots=True)
class InstructionDraft:
    """What is typed about an instruction; on a project or an enterprise, to a unit and maybe a person of it."""

    text: str
    due_on: date
    urgency: Urgency
    leader_id: int
    unit_id: int
    person_id: int | None = None
    paper_no: str = ""
    project_id: int | None = None
    enterprise_id: int | None = None


def giving_problems(draft: InstructionDraft, *, actor_id: int, today: date) -> list[Problem]:
    """Reasons why an instruction cannot be given."""
    problems = []
    if not draft.text.strip():
        problems.append(Problem("instruction.text", "请写明批示或交办的内容。", "text"))
    if draft.due_on < today:
        problems.append(Problem("instruction.due", "办理期限不能早于今天。", "due_on"))
    if draft.leader_id != actor_id and not draft.paper_no.strip():
        problems.append(Problem("instruction.paper", "代为登记须填写批示件的文号。", "paper_no"))
    if (draft.project_id is None) == (draft.enterprise_id is None):
        problems.append(Problem("instruction.subject", "请说明批示的是哪个项目或哪家企业。"))
    return problems


def reply_problems(
    state: InstructionState, kind: ReplyKind, text: str, *, addressed: bool, instructing: bool
) -> list[Problem]:
    """Reasons why a reply is refused; only the instructing side closes, and never its own work."""
    if state is InstructionState.CLOSED:
        return [Problem("instruction.closed", "这件批示已经销号。")]
    if kind in ANSWERS:
        if not addressed:
            return [Problem("instruction.addressee", "只有承办单位的人能回复办理情况。")]
    elif not instructing or addressed:
        return [Problem("instruction.side", "只有批示一方能确认办结，承办人不能确认自己办的事。")]
    elif state is not InstructionState.REPORTED:
        return [Problem("instruction.unreported", "承办单位还没有报办结。")]
    if kind is not ReplyKind.ACCEPTED and not text.strip():
        return [Problem("instruction.reply", "请写明办理情况或退回的理由。", "text")]
    return []


def state_after(kind: ReplyKind, state: InstructionState) -> InstructionState:
    """Return where an instruction stands after a reply."""
    if kind is ReplyKind.DONE:
        return InstructionState.REPORTED
    if kind is ReplyKind.ACCEPTED:
        return InstructionState.CLOSED
    return InstructionState.OPEN if kind is ReplyKind.REFUSED else state
