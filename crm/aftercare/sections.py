"""The tabs over the pages of aftercare; a page shows its tab once its blueprint exists."""

from __future__ import annotations

from crm.auth.tabs import tabs_of

SECTIONS: dict[str, str] = {
    "cases.index": "诉求",
    "rounds.index": "包联走访",
    "financing.index": "融资需求",
    "firm_plans.index": "一企一策",
    "surveys.index": "满意度调查",
}


def tabs(current: str) -> list[dict[str, object]]:
    """Tabs for the macro ``ui.tabs``; ``current`` is the endpoint of the page shown."""
    return tabs_of(SECTIONS, current)
