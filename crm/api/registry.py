"""The interface as a whole: its groups of operations, and how it joins the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask.exceptions import HTTPError

from crm.api import (
    basics,
    contacts,
    document,
    door,
    enterprises,
    figures,
    follow_ups,
    matches,
    projects,
    road,
    saying,
    scores,
    signals,
    touches,
    weekly,
)

if TYPE_CHECKING:
    from apiflask import APIFlask
    from flask_wtf import CSRFProtect

GROUPS = (
    basics.bp,
    enterprises.bp,
    scores.bp,
    contacts.bp,
    signals.bp,
    projects.bp,
    matches.bp,
    road.bp,
    touches.bp,
    follow_ups.bp,
    figures.bp,
    weekly.bp,
)


def init_app(app: APIFlask, csrf: CSRFProtect) -> None:
    """Serve the interface; after Flask-Login, before the pages."""
    document.init_app(app)
    door.init_app(app)
    app.register_error_handler(HTTPError, saying.refused)
    for bp in GROUPS:
        app.register_blueprint(bp)
        csrf.exempt(bp)
