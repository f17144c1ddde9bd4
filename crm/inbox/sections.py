"""The tabs over the pages of signals; a page shows its tab once its view exists and the person may open it."""

from __future__ import annotations

from crm.auth.tabs import tabs_of

SECTIONS: dict[str, str] = {
    "inbox.inbox": "动态",
    "watches.index": "关注",
    "digest.index": "日报",
    "review.index": "待认领名称",
    "news.index": "信源",
    "rule_table.index": "规则",
}


def tabs(current: str) -> list[dict[str, object]]:
    """Tabs for the macro ``ui.tabs``; ``current`` is the endpoint of the page shown."""
    return tabs_of(SECTIONS, current)
