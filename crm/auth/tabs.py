"""Tabs over pages that belong together, each shown to those who may open it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import current_app, url_for
from flask_login import current_user

from crm.auth.rules import Permission
from crm.web.access import access_of
from crm.web.i18n import ptr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.auth.rules import Actor


def tabs_of(
    sections: Mapping[str, str], current: str, kept: Mapping[str, str] | None = None
) -> list[dict[str, object]]:
    """Tabs for the macro ``ui.tabs`` from labels by endpoint; ``current`` is the endpoint of the page shown.

    ``kept`` are arguments of the address that every tab takes along, such as a period.
    """
    along = f"?{urlencode(kept)}" if kept else ""
    return [
        {"label": ptr("栏目", label), "href": f"{url_for(endpoint)}{along}", "current": endpoint == current}
        for endpoint, label in sections.items()
        if _open_to(current_user.actor, endpoint)
    ]


def _open_to(actor: Actor, endpoint: str) -> bool:
    """Whether the page exists and the person may open it, as the page itself says."""
    view = current_app.view_functions.get(endpoint)
    return view is not None and any(actor.may(Permission(need)) for need in access_of(view))
