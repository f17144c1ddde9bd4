"""The picture of a chain for ECharts: nodes in three columns, arrows from supplier to customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.resources.chains.rules import CALL_LABELS, TIER_LABELS, Call, Side, Tier
from crm.web.i18n import tr

if TYPE_CHECKING:
    from crm.resources.chains.models import IndustryNode
    from crm.resources.chains.queries import Whole

COLUMN, ROW = 300, 64
SHAPES: dict[Call, str] = {
    Call.FILL: "diamond",
    Call.STRENGTHEN: "triangle",
    Call.EXTEND: "arrow",
    Call.SOUND: "circle",
    Call.LATER: "emptyCircle",
}
COLOURS: dict[Call, str] = {
    Call.FILL: "seal",
    Call.STRENGTHEN: "amber",
    Call.EXTEND: "primary",
    Call.SOUND: "green",
    Call.LATER: "ink-3",
}
SIZE, LARGEST = 18, 34


def options(whole: Whole) -> dict[str, Any]:
    """Options of the chart; colours are names of tokens, the page puts in what the theme says."""
    tiers = {tier: [node for node in whole.nodes if node.tier is tier] for tier in Tier}
    tall = max((len(some) for some in tiers.values()), default=1)
    data = [
        _node(whole, node, column, row + (tall - len(some)) / 2)
        for column, some in enumerate(tiers.values())
        for row, node in enumerate(some)
    ]
    return {
        "kind": "graph",
        "tall": tall,
        "animation": False,
        "legend": {"bottom": 0, "data": [tr(CALL_LABELS[call]) for call in Call]},
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "graph",
                "layout": "none",
                "roam": False,
                "left": 60,
                "right": 110,
                "top": 40,
                "bottom": 56,
                "categories": [_category(call) for call in Call],
                "edgeSymbol": ["none", "arrow"],
                "edgeSymbolSize": 8,
                "label": {"show": True, "position": "right"},
                "emphasis": {"focus": "adjacency"},
                "data": data,
                "links": [{"source": str(first), "target": str(second)} for first, second in whole.links],
            }
        ],
    }


def _category(call: Call) -> dict[str, Any]:
    return {"name": tr(CALL_LABELS[call]), "symbol": SHAPES[call], "itemStyle": {"color": COLOURS[call]}}


def _node(whole: Whole, node: IndustryNode, column: int, row: float) -> dict[str, Any]:
    verdict = whole.verdicts.get(node.id)
    call = verdict.call if verdict else Call.LATER
    firms = len(whole.of(node.id, Side.LOCAL))
    return {
        "id": str(node.id),
        "name": node.name,
        "x": column * COLUMN,
        "y": row * ROW,
        "category": list(Call).index(call),
        "symbol": SHAPES[call],
        "symbolSize": min(SIZE + 4 * firms, LARGEST),
        "href": f"/industry-chains/nodes/{node.id}",
        "value": _said(node, call, firms, len(whole.of(node.id, Side.TARGET))),
    }


def _said(node: IndustryNode, call: Call, firms: int, targets: int) -> str:
    words = tr("%(tier)s，%(call)s，本地企业%(firms)s家，目标企业%(targets)s家")
    return words % {
        "tier": tr(TIER_LABELS[node.tier]),
        "call": tr(CALL_LABELS[call]),
        "firms": firms,
        "targets": targets,
    }
