"""Addresses of the rows behind a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from crm.assessment.facts import Window

ROWS_PATH = "/reports/rows"


def rows_href(measure: str, window: Window, unit_id: int | None = None) -> str:
    """Return where the rows of a measure in a window are listed, with the same total."""
    asked = {
        "measure": measure,
        "from": window.start.isoformat(),
        "to": window.end.isoformat(),
        "asof": window.cutoff.isoformat(),
    }
    if unit_id is not None:
        asked["unit"] = str(unit_id)
    return f"{ROWS_PATH}?{urlencode(asked)}"
