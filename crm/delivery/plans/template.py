"""The office's template of a plan and its lights: nodes with days from signing, clocks, units; thresholds. Pure.

The default clocks are ours: twenty working days is what the 行政许可法 (art. 42) gives where nothing else is said;
an office sets what its own service list promises. Everything is a setting of the office.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crm.core.errors import Problem
from crm.core.workdays import add_workdays
from crm.delivery.plans.lights import Thresholds
from crm.delivery.plans.rules import LONGEST_CLOCK, NEEDED, Arrangement
from crm.pipeline.landing.nodes import NODE_LABELS, NODE_ORDER, NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

K = NodeKind
KEY = "delivery.plan"
LONGEST = 1500  # working days, six years
MOST_POINTS, MOST_MONTHS = 100, 24


@dataclass(frozen=True, slots=True)
class TemplateNode:
    """A node of the template: due ``days`` working days after signing, ``clock`` working days from acceptance."""

    kind: NodeKind
    days: int
    clock: int | None = None
    unit_id: int | None = None
    used: bool = True

    def arrange(self, signed_on: date, home: int) -> Arrangement:
        """Return what a plan signed on that day gets; without a unit of its own the project's unit answers."""
        return Arrangement(self.unit_id or home, add_workdays(signed_on, self.days), self.clock)


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


@dataclass(frozen=True, slots=True)
class Template:
    """Nodes in order and the thresholds of the lights."""

    nodes: tuple[TemplateNode, ...] = DEFAULTS
    limits: Thresholds = field(default_factory=Thresholds)


def from_option(value: Mapping[str, Any]) -> Template:
    """Read what was stored; what was never set has its default."""
    stored = {one["kind"]: one for one in value.get("nodes", ())}
    plain = {node.kind: node for node in DEFAULTS}
    nodes = tuple(
        replace(plain[kind], **{key: part for key, part in stored[kind].items() if key != "kind"})
        if kind in stored
        else plain[kind]
        for kind in NODE_ORDER
    )
    return Template(nodes, replace(Thresholds(), **value.get("limits", {})))


def to_option(template: Template) -> dict[str, Any]:
    """Write a template for storage."""
    return {"nodes": [asdict(node) for node in template.nodes], "limits": asdict(template.limits)}


def template_problems(template: Template) -> list[Problem]:
    """Reasons why a template cannot be used."""
    problems = []
    for node in template.nodes:
        name = {"node": NODE_LABELS[node.kind]}
        if not 0 < node.days <= LONGEST:
            text = "“%(node)s”的期限填1到1500个工作日。"
            problems.append(Problem("template.days", text, f"days_{node.kind}", dict(name)))
        if node.clock is not None and not 0 < node.clock <= LONGEST_CLOCK:
            text = "“%(node)s”的法定时限填1到250个工作日，没有的留空。"
            problems.append(Problem("template.clock", text, f"clock_{node.kind}", dict(name)))
        if not node.used and node.kind in NEEDED:
            text = "“%(node)s”每个项目都要办，不能去掉。"
            problems.append(Problem("template.used", text, f"used_{node.kind}", dict(name)))
    return problems + _limit_problems(template.limits)


def _limit_problems(limits: Thresholds) -> list[Problem]:
    problems = []
    if not 0 < limits.yellow_gap < limits.red_gap <= MOST_POINTS:
        text = "黄灯的百分点要小于红灯的，都在1到100之间。"
        problems.append(Problem("template.gap", text, "red_gap"))
    if not 0 < limits.start_red <= MOST_MONTHS:
        problems.append(Problem("template.start", "月数填1到24。", "start_red"))
    if not 0 < limits.statistics_yellow < limits.statistics_red <= MOST_MONTHS:
        text = "纳统黄灯的月数要小于红灯的，都在1到24之间。"
        problems.append(Problem("template.statistics", text, "statistics_red"))
    return problems
