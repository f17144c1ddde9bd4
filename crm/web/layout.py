"""Pieces of pages that say the same again and again (the rail, a card of the board): drawn once, not for every page."""

from __future__ import annotations

import secrets
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from flask import current_app, request
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from crm.web import timing
from crm.web.i18n import locale

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import date

    from flask import Flask

KEPT = 4096  # of about a kilobyte each
_SECRET = secrets.token_hex(8)  # nobody can write these marks into a name
MARKS = MappingProxyType({name: f"[{name} {_SECRET}]" for name in ("csrf", "page", "query")})


def init_app(app: Flask) -> None:
    """Give templates ``drawn(name, …)``: an include whose drawing is kept for the values it is drawn from."""
    app.jinja_env.globals.update(drawn=drawn, marked=marked)


def drawn(name: str, **values: Hashable) -> Markup:
    """Draw a template from nothing but these values, the language, the day and the place we are mounted at."""
    return _drawn(name, locale(), timing.today(), request.script_root, **values)


def marked(name: str, **values: Hashable) -> Markup:
    """Draw like :func:`drawn`; ``mark.csrf``, ``mark.page`` and ``mark.query`` stand for what only this request knows.

    These are its token, its address and what it searches for.
    """
    words = str(_drawn(name, locale(), timing.today(), request.script_root, **values))
    query = request.args.get("q", "") if request.path == "/search" else ""
    for mark, value in (("csrf", generate_csrf()), ("page", request.full_path), ("query", query)):
        words = words.replace(MARKS[mark], str(escape(value)))
    return Markup(words)  # noqa: S704 (a template of ours, and escaped values)


@lru_cache(maxsize=KEPT)
def _drawn(name: str, _language: str, _day: date, _root: str, **values: Hashable) -> Markup:
    environment = current_app.jinja_env
    words = environment.get_template(name).render(ui=environment.get_template("ui.html").module, mark=MARKS, **values)
    return Markup(words)  # noqa: S704 (a template of ours escapes what it is given)
