"""The Flask application: settings and a database in, a WSGI application out."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flask import Flask, g, request
from flask_login import current_user
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from crm import nav
from crm.auth import identity
from crm.auth.rules import Permission
from crm.blueprints import BLUEPRINTS
from crm.cli.commands import COMMANDS
from crm.core import clock, vault
from crm.web import assets, compress, db, errors, filters, i18n, inputs, layout, security

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from config import Settings
    from crm.core.db import Database

CSRF_HOURS = 12


def create_app(settings: Settings, database: Database, *, now: Callable[[], datetime] = clock.now) -> Flask:
    """Build the application; ``now`` is the clock that requests read."""
    app = Flask(__name__)
    configure(app, settings, database, now=now)
    if settings.proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxy_hops, x_proto=settings.proxy_hops)  # type: ignore[method-assign]  # the documented way to wrap it
    inputs.init_app(app)
    app.before_request(_name_request)
    compress.init_app(app)
    db.init_app(app)
    i18n.init_app(app, settings.time_zone)
    CSRFProtect(app)
    identity.init_app(app)
    security.init_app(app)
    errors.init_app(app)
    filters.init_app(app)
    assets.init_app(app)
    layout.init_app(app)
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


def _page_context() -> dict[str, Any]:
    person = None
    theme = request.cookies.get("theme", "")
    if g.get("failing"):
        return {"nav": (), "bottom_nav": (), "locale": i18n.cookie_locale(), "theme": theme, "person": None}
    if current_user.is_authenticated:
        theme = current_user.theme
        units = list(current_user.actor.unit_names.values())
        person = {"name": current_user.user.name, "units": units, "unread": current_user.unread}
    return {
        **nav.context(),
        "locale": i18n.locale(),
        "theme": theme if theme in {"light", "dark"} else "",
        "person": person,
        "actor": getattr(current_user, "actor", None),
        "P": Permission,
    }
