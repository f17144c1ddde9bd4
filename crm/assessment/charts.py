"""Chart options of campaigns and the funnel, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.assessment.rules import elapsed
from crm.core.money import half_up
from crm.pipeline.rules import STAGE_LABELS
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from crm.assessment.queries import Step
    from crm.assessment.standings import Standing
    from crm.assessment.target_tree import Node

# A light pill under dark text reads on every colour, on bars narrower than the text, and in both themes.
LABEL = {
    "show": True,
    "position": "inside",
    "formatter": "{b}  {c}",
    "color": "#1b2431",
    "backgroundColor": "rgba(255,255,255,.94)",
    "borderRadius": 4,
    "padding": [3, 7],
}


def campaign_chart(standing: Standing, labels: Mapping[str, str]) -> dict[str, Any]:
    """Completion rate of each metric as bars, with a line where time stands."""
    pace = float(standing.elapsed.percent)
    shown = [line for line in standing.metrics if line.progress.target]
    return {
        "grid": {"left": 8, "right": 56, "top": 28, "bottom": 24, "containLabel": True},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": {
            "type": "value",
            "min": 0,
            "max": max(100, *(-(-int(line.progress.rate or 0) // 10) * 10 for line in shown), 100),
            "axisLabel": {"formatter": "{value}%"},
        },
        "yAxis": {"type": "category", "inverse": True, "data": [labels[line.metric] for line in shown]},
        "series": [
            {
                "type": "bar",
                "name": tr("完成率"),
                "barMaxWidth": 18,
                "label": {"show": True, "position": "right", "formatter": "{c}%"},
                "data": [float(line.progress.rate or 0) for line in shown],
                "markLine": {
                    "symbol": "none",
                    "label": {"formatter": f"{tr('时序进度')} {pace}%", "position": "start"},
                    "data": [{"xAxis": pace}],
                },
            }
        ],
    }


def course_chart(node: Node, days: Sequence[date], reached: Sequence[Decimal], today: date) -> dict[str, Any]:
    """What was done of a target month by month, beside what was due by then."""
    row, window = node.row, node.window
    marks = [(one.on, one.percent) for one in row.milestones]
    due = [elapsed(window.start, window.end, day, marks).share * row.value for day in days]
    return {
        "grid": {"left": 8, "right": 24, "top": 36, "bottom": 24, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "legend": {"data": [tr("完成"), tr("时序要求")], "top": 0},
        "xAxis": {"type": "category", "data": [tr("今天") if day == today else f"{day:%m-%d}" for day in days]},
        "yAxis": {"type": "value"},
        "series": [
            {"type": "line", "name": tr("完成"), "data": [float(one) for one in reached]},
            {
                "type": "line",
                "name": tr("时序要求"),
                "lineStyle": {"type": "dashed"},
                "data": [float(half_up(one, 1)) for one in due],
            },
        ],
    }


def funnel_chart(steps: Sequence[Step], links: Sequence[str]) -> dict[str, Any]:
    """Projects by stage ever reached; the widest on top, in the order of the stages; each opens its rows."""
    most = max((step.count for step in steps), default=0)
    return {
        "tooltip": {"trigger": "item", "formatter": "{b}：{c}"},
        "series": [
            {
                "type": "funnel",
                "sort": "none",
                "left": 8,
                "right": 8,
                "top": 8,
                "bottom": 8,
                "min": 0,
                "max": most or 1,
                "minSize": "1%",
                "gap": 3,
                "label": LABEL,
                "itemStyle": {"borderWidth": 0},
                "data": [
                    {"name": tr(STAGE_LABELS[step.stage]), "value": step.count, "href": href}
                    for step, href in zip(steps, links, strict=True)
                ],
            }
        ],
    }  # fmt: skip
