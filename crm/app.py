"""The Flask application: settings and a database in, a WSGI application out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from apiflask import APIFlask
from flask import g, request
from flask_login import current_user
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from crm import nav
from crm.api import document
from crm.api import registry as api
from crm.auth import identity
from crm.auth.rules import Permission
from crm.blueprints import BLUEPRINTS
from crm.cli.commands import COMMANDS
from crm.core import clock, vault
from crm.notices import desk
from crm.papers import desk as papers
from crm.reports import desk as reports
from crm.web import assets, compress, db, errors, filters, i18n, inputs, layout, security, spans

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Flask

    from config import Settings
    from crm.auth.rules import Actor
    from crm.core.db import Database

CSRF_HOURS = 12
KEPT = 1024


def create_app(settings: Settings, database: Database, *, now: Callable[[], datetime] = clock.now) -> Flask:
    """Build the application; ``now`` is the clock that requests read."""
    app = APIFlask(
        __name__, title=document.TITLE, version=document.VERSION, spec_path=None, docs_path=None, json_errors=False
    )
    configure(app, settings, database, now=now)
    if settings.proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxy_hops, x_proto=settings.proxy_hops)  # type: ignore[method-assign]  # the documented way to wrap it
    inputs.init_app(app)
    app.before_request(_name_request)
    compress.init_app(app)
    db.init_app(app)
    i18n.init_app(app, settings.time_zone)
    csrf = CSRFProtect(app)
    identity.init_app(app)
    security.init_app(app)
    errors.init_app(app)
    filters.init_app(app)
    spans.init_app(app)
    assets.init_app(app)
    layout.init_app(app)
    api.init_app(app, csrf)
    app.extensions[desk.PLACE] = (reports.WAITING, papers.WAITING)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    app.context_processor(_page_context)
    return app


def configure(app: Flask, settings: Settings, database: Database, *, now: Callable[[], datetime]) -> None:
    """Give an application its settings, its database and its clock; tests do so again and again."""
    vault.use(settings.data_key)
    db.attach(app, database)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SETTINGS=settings,
        CLOCK=now,
        TIME_ZONE=settings.time_zone,
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="__Host-yinfeng" if settings.secure_cookies else "yinfeng",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_IDLE_MINUTES=settings.session_idle_minutes,
        SESSION_HOURS=settings.session_hours,
        WTF_CSRF_TIME_LIMIT=CSRF_HOURS * 3600,
        WTF_I18N_ENABLED=True,
    )


def _name_request() -> None:
    g.request_id = secrets.token_hex(6)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the bar at the top shows of the person who is signed in."""

    user_id: int
    name: str
    units: tuple[str, ...]
    logs_touches: bool
    reports_leads: bool
    unread: int


@lru_cache(maxsize=KEPT)
def _bar_of(actor: Actor, unread: int) -> SignedIn:
    writes, reports = actor.may(Permission.TOUCH_WRITE), actor.may(Permission.LEAD_REPORT)
    return SignedIn(actor.user_id, actor.name, tuple(actor.unit_names.values()), writes, reports, unread)


def _page_context() -> dict[str, Any]:
    signed_in = None
    theme = request.cookies.get("theme", "")
    if g.get("failing"):
        return {"nav": (), "bottom_nav": (), "locale": i18n.cookie_locale(), "theme": theme, "signed_in": None}
    if current_user.is_authenticated:
        theme = current_user.theme
        signed_in = _bar_of(current_user.actor, current_user.unread)
    return {
        **nav.context(),
        "locale": i18n.locale(),
        "theme": theme if theme in {"light", "dark"} else "",
        "signed_in": signed_in,
        "actor": getattr(current_user, "actor", None),
        "P": Permission,
    }
