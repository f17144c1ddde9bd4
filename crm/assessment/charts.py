"""Chart options of campaigns, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.assessment.rules import METRIC_LABELS
from crm.core.money import half_up
from crm.web.i18n import tr

if TYPE_CHECKING:
    from crm.assessment.standings import Standing


def campaign_chart(standing: Standing) -> dict[str, Any]:
    """Completion rate of each metric as bars, with a line where time stands."""
    pace = float(half_up(standing.elapsed.share * 100, 1))
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
        "yAxis": {"type": "category", "inverse": True, "data": [tr(METRIC_LABELS[line.metric]) for line in shown]},
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
