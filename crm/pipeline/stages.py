"""The stages of a project in order, what a review may come to, and what a signing binds to. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


class ReviewResult(StrEnum):
    """Outcome of the pre-admission review (事前评估)."""

    PASSED = "passed"
    FAILED = "failed"


REVIEW_DIMENSIONS: tuple[tuple[str, str], ...] = (
    ("law", "法律法规"),
    ("industry_policy", "产业政策"),
    ("admission", "行业准入"),
    ("planning", "城乡规划"),
    ("environment", "环保要求"),
    ("economy", "经济效益"),
)


@dataclass(frozen=True, slots=True)
class Bound:
    """What a signing binds a project to: it was signed, its contract recognised, its exit is being dealt with."""

    signed: bool = False
    recognized: bool = False
    case: bool = False


FREE = Bound()


def unsigns(here: Stage, target: Stage) -> bool:
    """Whether a move takes a signed project back to before its signing."""
    return ORDER.index(target) < ORDER.index(Stage.SIGNED) <= ORDER.index(here)
