"""Pieces of pages that say the same again and again (the rail, a card of the board): drawn once, not for every page."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from flask import current_app, request
from markupsafe import Markup

from crm.web import timing
from crm.web.i18n import locale

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import date

    from flask import Flask

KEPT = 4096  # of about a kilobyte each


def init_app(app: Flask) -> None:
    """Give templates ``drawn(name, …)``: an include whose drawing is kept for the values it is drawn from."""
    app.jinja_env.globals["drawn"] = drawn


def drawn(name: str, **values: Hashable) -> Markup:
    """Draw a template from nothing but these values, the language, the day and the place we are mounted at."""
    return _drawn(name, locale(), timing.today(), request.script_root, **values)


@lru_cache(maxsize=KEPT)
def _drawn(name: str, _language: str, _day: date, _root: str, **values: Hashable) -> Markup:
    environment = current_app.jinja_env
    words = environment.get_template(name).render(ui=environment.get_template("ui.html").module, **values)
    return Markup(words)  # noqa: S704 (a template of ours escapes what it is given)
