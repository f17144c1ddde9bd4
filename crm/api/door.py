"""The door of the interface: a token in the header, never the cookie; then its scopes, its right and its pace."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app, g, request
from flask_login import UserMixin

from crm.api import refusals, tokens
from crm.web import db, problems, timing
from crm.web.i18n import API_ROOT, locale

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask, Request, Response

    from crm.api.tokens import Caller

BEARER = "bearer"


class Program(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """Whoever calls by a token, as the rest of the service sees the signed-in person."""

    def __init__(self, caller: Caller) -> None:
        """Take account, narrowed actor and the language of the request."""
        self.caller = caller
        self.user = caller.user
        self.actor = caller.actor
        self.locale = locale()
        self.theme, self.unread = "", 0

    def get_id(self) -> str:
        """Return something that is no session: a token is never put into a cookie."""
        return ""


def init_app(app: Flask) -> None:
    """Let programs in by token, on addresses of the interface only."""
    app.wsgi_app = without_cookies(app.wsgi_app)  # type: ignore[method-assign,assignment]  # the documented way to wrap it
    app.login_manager.request_loader(_program)  # type: ignore[attr-defined]  # set by Flask-Login
    app.after_request(_conditional)


def without_cookies(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Take the cookies off requests of programs, so that nothing behind the door can go by them."""

    def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(API_ROOT):
            environ.pop("HTTP_COOKIE", None)
        return wsgi_app(environ, start_response)

    return wrapped


def caller() -> Caller:
    """Return who calls; only in operations of the interface."""
    return cast("Caller", g.caller)


def _program(asked: Request) -> Program | None:
    """Admit a program; refusals are raised, so that no page of signing in is offered."""
    if not problems.asked():
        return None
    scheme, _space, token = asked.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != BEARER or not token.strip():
        raise refusals.unknown_caller()
    per_minute = current_app.config["SETTINGS"].api_per_minute
    ip = asked.remote_addr or ""
    with db.writing() as session:
        found = tokens.admit(session, token.strip(), ip, now=timing.now(), today=timing.today(), per_minute=per_minute)
    if isinstance(found, tokens.Refused):
        raise refusals.too_early(found.wait) if found.wait else refusals.unknown_caller()
    scope = getattr(current_app.view_functions.get(asked.endpoint or ""), "scope", None)
    if scope is not None and scope not in found.scopes:
        raise refusals.too_narrow(scope)
    g.caller, g.token_id = found, found.token_id
    return Program(found)


def _conditional(response: Response) -> Response:
    """Answer 304 to who already has this version."""
    if problems.asked() and request.method in db.SAFE_METHODS and "ETag" in response.headers:
        response.make_conditional(request)
    return response
