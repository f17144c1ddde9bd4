"""What is learned of a lost project (流失复盘), and the steps of a case that ends a contract. Pure.

Source: practice of the trade: talks that came to nothing are gone over, so that the reason is not lost with them.
"""

from __future__ import annotations

from enum import StrEnum

from crm.core.errors import Problem
from crm.pipeline.words import ExitKind

SHORTEST = 10


class Cause(StrEnum):
    """Why a case is opened."""

    DEPOSIT = "deposit"
    MILESTONE = "milestone"


class StepKind(StrEnum):
    """Steps of a case."""

    REMIND = "remind"
    RECTIFY = "rectify"
    PROPOSE = "propose"
    RETURN = "return"
    TERMINATE = "terminate"
    RESOLVE = "resolve"


def lesson_problems(kind: ExitKind, text: str, *, learned: bool) -> list[Problem]:
    """Reasons why what was learned cannot be written down."""
    if kind is not ExitKind.LOST:
        return [Problem("lesson.kind", "只有流失的项目需要复盘。")]
    if learned:
        return [Problem("lesson.done", "这次流失已经复盘。")]
    if len(text.strip()) < SHORTEST:
        return [Problem("lesson.short", "请写明为什么流失、下次怎么做，至少10字。", "learned")]
    return []
