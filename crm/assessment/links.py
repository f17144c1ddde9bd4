"""Addresses of the rows behind a figure, and the lens that such an address carries."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from crm.assessment.window import EVERYTHING, Lens, RowKind, Size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.assessment.queries import FactRow
    from crm.assessment.window import Window

ROWS_PATH = "/reports/rows"
WORDS = ("currency", "capital", "channel", "industry", "sector", "region", "site")
LARGEST = Decimal(10) ** 9
MOST_IDS = 400


def rows_href(measure: str, window: Window, unit_id: int | None = None) -> str:
    """Return where the rows of a measure in a window are listed, with the same total."""
    asked = {
        "measure": measure,
        "from": window.start.isoformat(),
        "to": window.end.isoformat(),
        "asof": window.cutoff.isoformat(),
        **lens_arguments(window.lens),
    }
    if unit_id is not None:
        asked["unit"] = str(unit_id)
    elif window.units is not None:
        asked["units"] = ".".join(str(one) for one in sorted(window.units))
    return f"{ROWS_PATH}?{urlencode(asked)}"


def lens_arguments(lens: Lens) -> dict[str, str]:
    """Write a lens as arguments of an address; one that shows everything has none."""
    asked = {name: getattr(lens, name) for name in WORDS if getattr(lens, name)}
    asked |= {name: f"{value:f}" for name, value in (("low", lens.low), ("high", lens.high)) if value is not None}
    if asked.keys() & {"low", "high"} and lens.size is not Size.TOTAL:
        asked["size"] = lens.size.value
    if lens.people is not None:
        asked["people"] = ".".join(str(one) for one in sorted(lens.people))
    return asked


def lens_from(arguments: Mapping[str, str]) -> Lens:
    """Read a lens from the arguments of an address; what cannot be used is left out."""
    size = arguments.get("size", "")
    lens = Lens(
        people=ids_from(arguments.get("people", "")),
        low=_amount(arguments.get("low", "")),
        high=_amount(arguments.get("high", "")),
        size=Size(size) if size in set(Size) else Size.TOTAL,
        **{name: arguments.get(name, "")[:80] for name in WORDS},
    )
    return EVERYTHING if lens == EVERYTHING else lens


def ids_from(text: str) -> frozenset[int] | None:
    """Read ``1.2.3``; None where nothing usable stands."""
    found = [int(one) for one in text.split(".")[:MOST_IDS] if one.isascii() and one.isdigit() and len(one) < 10]  # noqa: PLR2004 (fits an integer column)
    return frozenset(found) if found else None


def row_href(kind: RowKind, row: FactRow) -> str:
    """Where one row behind a figure opens."""
    if kind is RowKind.TOUCH:
        return f"/visits/{row.id}"
    if kind is RowKind.CONTACT:
        return f"/contacts/{row.id}"
    if kind is RowKind.CASE:
        return f"/cases/{row.id}"
    if kind is RowKind.BLOCKER:
        return f"/blockers/{row.id}"
    if row.project_id is not None:
        return f"/projects/{row.project_id}"
    return f"/enterprises/{row.enterprise_id}" if row.enterprise_id is not None else ""


def _amount(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= LARGEST else None
