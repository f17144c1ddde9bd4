"""The nodes of the office's template: days from signing, clocks, units. Pure.

The default clocks are ours: twenty working days is what the 行政许可法 (art. 42) gives where nothing else is said;
an office sets what its own service list promises.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crm.pipeline.landing.nodes import NODE_ORDER, NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

K = NodeKind
KEY = "delivery.plan"


@dataclass(frozen=True, slots=True)
class TemplateNode:
    """A node of the template: due ``days`` working days after signing, ``clock`` working days from acceptance.

    Without a unit of its own the project's unit answers.
    """

    kind: NodeKind
    days: int
    clock: int | None = None
    unit_id: int | None = None
    used: bool = True


DEFAULTS: tuple[TemplateNode, ...] = (
    TemplateNode(K.REGISTRATION, 20, 3),
    TemplateNode(K.FILING, 25, 3),
    TemplateNode(K.LAND, 65, 20),
    TemplateNode(K.PLANNING, 75, 20),
    TemplateNode(K.ENVIRONMENT, 85, 20),
    TemplateNode(K.ENERGY, 85, 20),
    TemplateNode(K.PERMIT, 100, 7),
    TemplateNode(K.START, 110),
    TemplateNode(K.STATISTICS, 130),
    TemplateNode(K.COMPLETION, 360),
    TemplateNode(K.PRODUCTION, 400),
    TemplateNode(K.CAPACITY, 650),
)


def nodes_from(value: Mapping[str, Any]) -> tuple[TemplateNode, ...]:
    """Read the nodes of what was stored, in order; what was never set has its default."""
    stored = {one["kind"]: one for one in value.get("nodes", ())}
    plain = {node.kind: node for node in DEFAULTS}
    return tuple(
        replace(plain[kind], **{key: part for key, part in stored[kind].items() if key != "kind"})
        if kind in stored
        else plain[kind]
        for kind in NODE_ORDER
    )
