"""Chart options of management views, as plain data; a mark with an address opens its rows on click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.core.money import half_up
from crm.web.i18n import locale, tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

MOST = 12
GRID = {"left": 8, "right": 16, "top": 40, "bottom": 8, "containLabel": True}
AXIS_TOOLTIP = {"trigger": "axis", "axisPointer": {"type": "shadow"}}
NAMES = {"interval": 0, "overflow": "break", "lineHeight": 16}
WIDTH = 1080
Mark = tuple[float | None, str]


def bars(
    names: Sequence[str],
    series: Sequence[tuple[str, Sequence[Mark]]],
    unit: str,
    *,
    stack: bool = False,
    most: int = MOST,
) -> dict[str, Any]:
    """Bars by name, beside each other or on top of each other; many of them lie down on a phone."""
    shown = list(names[:most])
    label = {**NAMES, "width": min(160, WIDTH // max(len(shown), 1))}
    return {
        "flips": True,
        "tooltip": AXIS_TOOLTIP,
        "legend": {"top": 0},
        "grid": GRID,
        "xAxis": {"type": "category", "data": shown, "axisLabel": label},
        "yAxis": {"type": "value", "name": unit, "minInterval": 1},
        "series": [
            {
                "type": "bar",
                "name": name,
                "barMaxWidth": 36,
                "data": [_datum(mark) for mark in marks[:most]],
                **({"stack": "all"} if stack else {}),
            }
            for name, marks in series
        ],
    }


def lying_bars(names: Sequence[str], series: Sequence[tuple[str, Sequence[Mark]]], unit: str) -> dict[str, Any]:
    """Bars from the left, the first name on top."""
    upright = bars(names, series, unit, most=len(names))
    return {
        **upright,
        "flips": False,
        "grid": {**GRID, "right": 40},
        "xAxis": {"type": "value", "name": unit, "minInterval": 1},
        "yAxis": {"type": "category", "inverse": True, "data": list(names)},
    }


def lines(names: Sequence[str], series: Sequence[tuple[str, Sequence[Mark]]], unit: str) -> dict[str, Any]:
    """Lines over names in the order of time."""
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0},
        "grid": GRID,
        "xAxis": {"type": "category", "data": list(names)},
        "yAxis": {"type": "value", "name": unit, "max": 100},
        "series": [
            {"type": "line", "name": name, "symbolSize": 7, "data": [_datum(mark) for mark in marks]}
            for name, marks in series
        ],
    }


def money_unit() -> str:
    """Name of the unit of a money axis."""
    return "CNY m" if locale() == "en" else "亿元"


def on_money_axis(wan: Decimal) -> float:
    """Put 万元 on a money axis, with two decimals."""
    return float(half_up(wan / (100 if locale() == "en" else 10_000), 2))


def words(labels: Sequence[str]) -> list[str]:
    """Labels of data in the reader's language."""
    return [tr(label) for label in labels]


def _datum(mark: Mark) -> Any:  # noqa: ANN401 (a number, or one with its address)
    value, href = mark
    return {"value": value, "href": href} if href else value
