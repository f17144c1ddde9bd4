"""Who is asking: Flask-Login over server-side sessions, and the gatekeeper of every route.

Flask-Login keeps ``get_id()`` in the signed cookie; ours is the random token of a row in
``login_session``, so signing out, disabling or a new password kills the cookie at once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from flask import current_app, flash, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user

from crm.auth import queries, services
from crm.core.errors import ForbiddenError, Problem
from crm.web import db, timing
from crm.web.access import PUBLIC, SIGNED_IN, access_of
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

    from crm.auth.models import LoginSession, User
    from crm.auth.rules import Actor

SEEN_EVERY = timedelta(minutes=1)
OPEN_ENDPOINTS = frozenset({"static"})
PASSWORD_ENDPOINTS = frozenset({"auth.password", "auth.change_password", "auth.logout", "auth.preferences"})
ENDED = "登录已过期，刚才的提交没有保存，请重新登录。"
FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")


class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """The signed-in person of this request."""

    def __init__(self, token: str, user: User, actor: Actor, unread: int = 0) -> None:
        """Keep the token as the id that goes into the cookie."""
        self.token = token
        self.user = user
        self.actor = actor
        self.unread = unread
        self.locale = user.locale
        self.theme = user.theme

    def get_id(self) -> str:
        """Return what Flask-Login stores: the session token, not the account."""
        return self.token


def init_app(app: Flask) -> None:
    """Attach Flask-Login and the gatekeeper."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(load)
    app.before_request(guard)


def current_actor() -> Actor:
    """Return the acting person; only for routes that demand a sign-in."""
    return cast("Actor", current_user.actor)


def load(token: str) -> SignedIn | None:
    """Find the person behind a token; None when the session ended, expired or idled out.

    The page of a failure asks nobody's name: the database may be what failed.
    """
    if g.get("failing"):
        return None
    found = queries.signed_in(db.session(), services.digest(token), timing.today())
    if found is None:
        return None
    row, user, actor, unread = found
    now = timing.now()
    idle = timedelta(minutes=current_app.config["SESSION_IDLE_MINUTES"])
    if row.ended_at or row.expires_at <= now or row.last_seen_at + idle <= now or not user.active:
        return None
    _note_use(row)
    return SignedIn(token, user, actor, unread)


def _note_use(row: LoginSession) -> None:
    if timing.now() - row.last_seen_at > SEEN_EVERY and request.method in db.SAFE_METHODS:
        with db.writing() as session:
            services.touch_session(session, row.id, now=timing.now())


def guard() -> ResponseReturnValue | None:
    """Let a request pass only if its route says so; a silent route is closed."""
    if request.endpoint is None or request.endpoint in OPEN_ENDPOINTS:
        return None
    demanded = access_of(current_app.view_functions[request.endpoint])
    if demanded == (PUBLIC,):
        return None
    if not current_user.is_authenticated:
        return _to_login()
    if current_user.user.must_change_password and request.endpoint not in PASSWORD_ENDPOINTS:
        return redirect(url_for("auth.password"))
    actor = current_actor()
    if demanded == (SIGNED_IN,) or any(actor.may(permission) for permission in demanded):  # type: ignore[arg-type]  # markers hold Permission values
        g.actor = actor
        return None
    raise ForbiddenError(FORBIDDEN)


def _to_login() -> ResponseReturnValue:
    """Send to the sign-in page and from there back: to the page asked for, or to the form that was sent in vain."""
    back = request.full_path.rstrip("?") if request.method == "GET" else _page_of_form()
    if request.method != "GET":
        flash(tr(ENDED), "warn")
    target = url_for("auth.login", next=back) if back != "/" else url_for("auth.login")
    if "HX-Request" in request.headers:
        return "", 401, {"HX-Redirect": target}
    return redirect(target)


def _page_of_form() -> str:
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host:
        return "/"
    return f"{came.path}?{came.query}" if came.query else came.path or "/"
