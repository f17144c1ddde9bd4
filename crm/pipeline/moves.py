"""Taking a mistaken move back, and handing over with a move. Pure.

Source: practice of the trade: what one stage promised must reach the next (衔接), and an honest history never deletes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from crm.auth.rules import Role
from crm.core.errors import Problem
from crm.pipeline.rules import ORDER, ProjectFacts, Stage, gate_problems, unsigns

if TYPE_CHECKING:
    from datetime import datetime

SHORT, LONG = 80, 2000
CORRECTED = "误登记的签约已经更正，不能撤销；确实签约的，请重新推进到签约。"
RETURN_ROLES = frozenset({Role.TEAM_LEAD, Role.REGISTRAR})


@dataclass(frozen=True, slots=True)
class HandOver:
    """Who takes over with a move, and what was promised until then."""

    takes_over: str = ""
    promised: str = ""


NO_NOTE = HandOver()


@dataclass(frozen=True, slots=True)
class LastMove:
    """The newest row of a project's history."""

    seq: int
    by: int
    at: datetime
    source: Stage | None
    undoes: int | None = None


def hand_over_problems(note: HandOver) -> list[Problem]:
    """Reasons why a hand-over note cannot be kept."""
    if note.promised.strip() and not note.takes_over.strip():
        return [Problem("handover.who", "写了交接事项，请写明由谁接手。", "takes_over")]
    problems = []
    if len(note.takes_over.strip()) > SHORT:
        problems.append(Problem("handover.long", "接手人最多80字。", "takes_over"))
    if len(note.promised.strip()) > LONG:
        problems.append(Problem("handover.promised", "交接事项最多2000字。", "promised"))
    return problems


def undo_problems(  # noqa: PLR0913 (each is one fact the decision needs)
    facts: ProjectFacts,
    last: LastMove,
    *,
    now: datetime,
    hours: int,
    by: int,
    leads: bool,
    recognized: bool,
    reason: str,
) -> list[Problem]:
    """Reasons why the newest move cannot be taken back; empty means it can.

    ``by`` asks, ``leads`` tells that this is the team lead or the registrar. Taking back a step back goes forward
    again, so the gates on that way are asked anew.
    """
    if last.source is None or last.undoes is not None:
        return [Problem("undo.none", "没有可以撤销的变动。")]
    late = "已超过%(hours)s小时，不能撤销；须更正的，请组长退回并说明理由。"
    reasons = (
        (facts.left, Problem("stage.left", "项目已退出，请先恢复再推进。")),
        (by != last.by and not leads, Problem("undo.role", "只有办理人本人、组长或招商办可以撤销。")),
        (now > last.at + timedelta(hours=hours), Problem("undo.late", late, params={"hours": hours})),
        (facts.bound.case and facts.stage is Stage.SIGNED, Problem("undo.case", "退出办理还没有办结，签约不能撤销。")),
        (unsigns(last.source, facts.stage), Problem("undo.corrected", CORRECTED)),
        (recognized and facts.stage is Stage.SIGNED, Problem("undo.recognized", "正式合同已经认定，签约不能撤销。")),
        (not reason.strip(), Problem("undo.reason", "请说明为什么撤销。", "reason")),
    )
    problems = [problem for holds, problem in reasons if holds][:1]
    forward = ORDER.index(last.source) > ORDER.index(facts.stage)
    return problems or (gate_problems(facts, last.source) if forward else [])
