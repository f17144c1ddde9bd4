"""Chart options of the pages on models, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.scoremodel.moves import LABELS
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GRID = {"left": 8, "right": 24, "top": 60, "bottom": 8, "containLabel": True}


def reliability_chart(points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Predicted against actual share, with the line on which both are the same."""
    return {
        "grid": {**GRID, "bottom": 28},
        "legend": {"top": 0},
        "tooltip": {"trigger": "item"},
        "xAxis": {
            "type": "value", "min": 0, "max": 100, "name": tr("预测（%）"), "nameLocation": "middle", "nameGap": 26,
        },
        "yAxis": {"type": "value", "min": 0, "max": 100, "name": tr("实际（%）")},
        "series": [
            {
                "type": "line", "name": tr("实际签约比例"), "symbolSize": 9,
                "data": [[share(point["predicted"]), share(point["actual"])] for point in points],
            },
            {
                "type": "line", "name": tr("说多少是多少"), "symbol": "none",
                "lineStyle": {"type": "dashed", "width": 1},
                "data": [[0, 0], [100, 100]], "tooltip": {"show": False},
            },
        ],
    }  # fmt: skip


def quarters_chart(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Predicted and actual signings of each quarter side by side."""
    return {
        "grid": GRID,
        "legend": {"top": 0},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": {"type": "category", "data": [row["key"] for row in rows]},
        "yAxis": {"type": "value", "name": tr("签约（个）"), "minInterval": 1},
        "series": [
            {
                "type": "bar",
                "name": tr("预测"),
                "barMaxWidth": 22,
                "data": [round(row["predicted"], 1) for row in rows],
            },
            {"type": "bar", "name": tr("实际"), "barMaxWidth": 22, "data": [row["actual"] for row in rows]},
        ],
    }


def history_chart(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Leads of each month, and how many of them signed or were dropped in it."""
    names = (("leads", tr("月初在跟的线索")), ("signed", tr("当月签约")), ("lost", tr("当月流失")))
    return {
        "grid": GRID,
        "legend": {"top": 0},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": {"type": "category", "data": [row["key"] for row in rows]},
        "yAxis": {"type": "value", "name": tr("企业（家）"), "minInterval": 1},
        "series": [
            {"type": "bar", "name": name, "barMaxWidth": 18, "data": [row[key] for row in rows]} for key, name in names
        ],
    }


def moves_chart(steps: Sequence[int]) -> dict[str, Any]:
    """How many enterprises move by how many points."""
    return {
        "grid": {**GRID, "top": 28},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": {"type": "category", "data": [tr(label) for label in LABELS], "axisLabel": {"interval": 0}},
        "yAxis": {"type": "value", "name": tr("企业（家）"), "minInterval": 1},
        "series": [
            {
                "type": "bar",
                "name": tr("企业（家）"),
                "barMaxWidth": 40,
                "label": {"show": True, "position": "top"},
                "data": list(steps),
            }
        ],
    }


def share(value: float) -> float:
    """A share as a percentage with one decimal."""
    return round(value * 100, 1)
