"""Nodes of the way from signing to full capacity, and which stage each of them proves. Pure.

Source: node lists of post-signing follow-up in the trade (注册、备案、土地、规划、环评、能评、施工许可、开工、纳统、
竣工、投产、达产).
"""

from __future__ import annotations

from enum import StrEnum

from crm.pipeline.rules import ORDER, Stage


class NodeKind(StrEnum):
    """What has to be done after signing, in order."""

    REGISTRATION = "registration"
    FILING = "filing"
    LAND = "land"
    PLANNING = "planning"
    ENVIRONMENT = "environment"
    ENERGY = "energy"
    PERMIT = "permit"
    START = "start"
    STATISTICS = "statistics"
    COMPLETION = "completion"
    PRODUCTION = "production"
    CAPACITY = "capacity"


K = NodeKind
NODE_ORDER: tuple[NodeKind, ...] = tuple(NodeKind)
NODE_LABELS: dict[NodeKind, str] = {
    K.REGISTRATION: "公司注册",
    K.FILING: "项目备案",
    K.LAND: "土地",
    K.PLANNING: "规划许可",
    K.ENVIRONMENT: "环评",
    K.ENERGY: "能评",
    K.PERMIT: "施工许可",
    K.START: "项目开工",
    K.STATISTICS: "纳统",
    K.COMPLETION: "项目竣工",
    K.PRODUCTION: "项目投产",
    K.CAPACITY: "项目达产",
}


class NodeState(StrEnum):
    """How far a node is: to do, with the department, done with evidence, or not needed here.

    There is no state for silence: a statutory permit is given or it is not.
    """

    OPEN = "open"
    ACCEPTED = "accepted"
    DONE = "done"
    EXEMPT = "exempt"


class FactKind(StrEnum):
    """What can happen to a plan."""

    OPENED = "opened"
    AGENT = "agent"
    ARRANGED = "arranged"
    ACCEPTED = "accepted"
    EVIDENCE = "evidence"
    DONE = "done"
    EXEMPTED = "exempted"
    REOPENED = "reopened"
    ASKED = "asked"
    ANSWERED = "answered"
    DEEMED = "deemed"


STATUTORY: frozenset[NodeKind] = frozenset(
    {K.REGISTRATION, K.FILING, K.LAND, K.PLANNING, K.ENVIRONMENT, K.ENERGY, K.PERMIT}
)
# What a stage of the project rests on: its gate asks for the plan and for this node of it.
PROOF: dict[Stage, NodeKind] = {
    Stage.REGISTERED: K.REGISTRATION,
    Stage.STARTED: K.START,
    Stage.IN_PRODUCTION: K.PRODUCTION,
    Stage.FULL_CAPACITY: K.CAPACITY,
}
STAGE_OF: dict[NodeKind, Stage] = {kind: stage for stage, kind in PROOF.items()}
# From which stage on a node lies behind: a plan made late takes these as done.
BEHIND: dict[NodeKind, Stage] = {
    K.REGISTRATION: Stage.REGISTERED,
    **dict.fromkeys((K.FILING, K.LAND, K.PLANNING, K.ENVIRONMENT, K.ENERGY, K.PERMIT, K.START), Stage.STARTED),
    **dict.fromkeys((K.STATISTICS, K.COMPLETION, K.PRODUCTION), Stage.IN_PRODUCTION),
    K.CAPACITY: Stage.FULL_CAPACITY,
}


def is_behind(kind: NodeKind, stage: Stage) -> bool:
    """Whether a project at this stage has passed the node."""
    return ORDER.index(BEHIND[kind]) <= ORDER.index(stage)
