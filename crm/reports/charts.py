"""Chart options of the funnel, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.pipeline.rules import STAGE_LABELS
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.assessment.queries import Step

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


def funnel_chart(steps: Sequence[Step]) -> dict[str, Any]:
    """Projects by stage ever reached; the widest on top, in the order of the stages."""
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
                "data": [{"name": tr(STAGE_LABELS[step.stage]), "value": step.count} for step in steps],
            }
        ],
    }  # fmt: skip
