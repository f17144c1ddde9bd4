"""The tabs over the pages of field work; a page shows its tab once its blueprint exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, url_for
from flask_login import current_user

from crm.auth.rules import Permission
from crm.web.access import access_of
from crm.web.i18n import ptr

if TYPE_CHECKING:
    from crm.auth.rules import Actor

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
    return [
        {"label": ptr("栏目", label), "href": url_for(endpoint), "current": endpoint == current}
        for endpoint, label in SECTIONS.items()
        if _open_to(current_user.actor, endpoint)
    ]


def _open_to(actor: Actor, endpoint: str) -> bool:
    """Whether the page exists and the person may open it, as the page itself says."""
    view = current_app.view_functions.get(endpoint)
    return view is not None and any(actor.may(Permission(need)) for need in access_of(view))
