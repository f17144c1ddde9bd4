"""The office's template of a plan and its lights: the nodes, and thresholds. Everything is a setting of it. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crm.core.errors import Problem
from crm.delivery.plans.lights import Thresholds
from crm.delivery.plans.rules import LONGEST_CLOCK, NEEDED
from crm.pipeline.landing.nodes import NODE_LABELS
from crm.pipeline.landing.template import DEFAULTS, TemplateNode, nodes_from

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 1500  # working days, six years
MOST_POINTS, MOST_MONTHS = 100, 24


@dataclass(frozen=True, slots=True)
class Template:
    """Nodes in order and the thresholds of the lights."""

    nodes: tuple[TemplateNode, ...] = DEFAULTS
    limits: Thresholds = field(default_factory=Thresholds)


def from_option(value: Mapping[str, Any]) -> Template:
    """Read what was stored; what was never set has its default."""
    return Template(nodes_from(value), replace(Thresholds(), **value.get("limits", {})))


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
