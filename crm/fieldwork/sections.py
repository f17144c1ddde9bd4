"""The tabs over the pages of field work; a page shows its tab once its blueprint exists."""

from __future__ import annotations

from crm.auth.tabs import tabs_of

SECTIONS: dict[str, str] = {
    "visits.index": "走访",
    "trips.index": "出访",
    "receptions.index": "接待",
    "events.index": "活动",
    "meetings.index": "会议",
    "postings.index": "驻点",
    "inspections.index": "现场督查",
}


def tabs(current: str) -> list[dict[str, object]]:
    """Tabs for the macro ``ui.tabs``; ``current`` is the endpoint of the page shown."""
    return tabs_of(SECTIONS, current)
