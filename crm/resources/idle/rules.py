"""Idle land (圈而不建、占而不用): the road of a case to a start or back to the pool. Pure.

When land is idle, and for how long, ``clocks`` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem

if TYPE_CHECKING:
    from datetime import date

FEE_SHARE = Decimal("0.2")
SHORTEST_DETAIL = 4


class IdleKind(StrEnum):
    """How land lies idle."""

    CIRCLED = "circled"
    OCCUPIED = "occupied"


KIND_LABELS: dict[IdleKind, str] = {IdleKind.CIRCLED: "圈而不建", IdleKind.OCCUPIED: "占而不用"}


class IdleStepKind(StrEnum):
    """What was done in a case."""

    FOUND = "found"
    REMIND = "remind"
    DEADLINE = "deadline"
    EXTEND = "extend"
    FEE = "fee"
    RECLAIM = "reclaim"
    RESOLVE = "resolve"


STEP_LABELS: dict[IdleStepKind, str] = {
    IdleStepKind.FOUND: "认定闲置",
    IdleStepKind.REMIND: "提醒函",
    IdleStepKind.DEADLINE: "限期整改",
    IdleStepKind.EXTEND: "准予延期",
    IdleStepKind.FEE: "征缴闲置费",
    IdleStepKind.RECLAIM: "收回土地",
    IdleStepKind.RESOLVE: "整改到位",
}
NEXT: dict[IdleStepKind, tuple[IdleStepKind, ...]] = {
    IdleStepKind.FOUND: (IdleStepKind.REMIND, IdleStepKind.DEADLINE, IdleStepKind.RESOLVE),
    IdleStepKind.REMIND: (IdleStepKind.DEADLINE, IdleStepKind.RESOLVE),
    IdleStepKind.DEADLINE: (IdleStepKind.EXTEND, IdleStepKind.FEE, IdleStepKind.RECLAIM, IdleStepKind.RESOLVE),
    IdleStepKind.EXTEND: (IdleStepKind.DEADLINE, IdleStepKind.FEE, IdleStepKind.RECLAIM, IdleStepKind.RESOLVE),
    IdleStepKind.FEE: (IdleStepKind.DEADLINE, IdleStepKind.RECLAIM, IdleStepKind.RESOLVE),
    IdleStepKind.RECLAIM: (),
    IdleStepKind.RESOLVE: (),
}
LETTERS = frozenset({IdleStepKind.REMIND, IdleStepKind.DEADLINE, IdleStepKind.FEE, IdleStepKind.RECLAIM})
WITH_DUE = frozenset({IdleStepKind.REMIND, IdleStepKind.DEADLINE, IdleStepKind.EXTEND})
ENDS = frozenset({IdleStepKind.RECLAIM, IdleStepKind.RESOLVE})


@dataclass(frozen=True, slots=True)
class StepDraft:
    """One step as typed: the day, what is said, until when, the number of its letter."""

    kind: IdleStepKind
    on: date
    detail: str
    due_on: date | None = None
    document_no: str = ""


def step_problems(last: StepDraft, new: StepDraft, *, today: date, reclaimable: bool) -> list[Problem]:
    """Reasons why a step cannot follow; ``reclaimable``: the last deadline is over."""
    problems = []
    if new.kind not in NEXT[last.kind]:
        text = "“%(last)s”之后不能直接“%(next)s”，请按顺序办理。"
        params: dict[str, object] = {"last": STEP_LABELS[last.kind], "next": STEP_LABELS[new.kind]}
        problems.append(Problem("idle.order", text, "kind", params))
    if not last.on <= new.on <= today:
        problems.append(Problem("idle.on", "日期不能早于上一步，也不能晚于今天。", "on"))
    if len(new.detail.strip()) < SHORTEST_DETAIL:
        problems.append(Problem("idle.detail", "请写明情况，至少四个字。", "detail"))
    if new.kind in WITH_DUE and (new.due_on is None or new.due_on <= new.on):
        problems.append(Problem("idle.due", "请填写期限，而且要晚于办理日期。", "due_on"))
    if new.kind in LETTERS and not new.document_no.strip():
        problems.append(Problem("idle.letter", "请填写文号，每份函都编号存档。", "document_no"))
    if new.kind is IdleStepKind.RECLAIM and not reclaimable:
        problems.append(Problem("idle.early", "整改期限还没有到，不能收回。", "kind"))
    return problems


def fee(price: Decimal | None, area: Decimal) -> Decimal | None:
    """闲置费 in 万元: a fifth of the price of the land; None where no price is known."""
    return None if price is None else price * area * FEE_SHARE
