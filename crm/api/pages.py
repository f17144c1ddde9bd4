"""Pages for people: one's own tokens, everybody's for administrators, and how to use the interface."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template, request, url_for

from crm.api import document, tokens
from crm.api.examples import EXAMPLES
from crm.api.forms import TokenForm
from crm.api.scopes import SCOPE_LABELS
from crm.api.titles import GROUPS, TITLES
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.web import db, timing
from crm.web.access import requires, signed_in
from crm.web.i18n import tr

if TYPE_CHECKING:
    from apiflask import APIFlask
    from flask.typing import ResponseReturnValue

    from config import Settings

bp = Blueprint("tokens", __name__)
REFUSED = 422
USUAL_DAYS = 30
METHODS = {"get": "blue", "post": "green", "patch": "amber"}


@bp.get("/account/tokens")
@signed_in
def index() -> ResponseReturnValue:
    """Show one's own tokens and the form for another."""
    days = min(USUAL_DAYS, _settings().api_token_days)
    return _own(TokenForm(formdata=None, data={"days": days}), 200)


@bp.post("/account/tokens")
@signed_in
def create() -> ResponseReturnValue:
    """Make a token and show it, this once."""
    form = TokenForm()
    if not form.validate():
        return _own(form, REFUSED)
    session, actor, settings = db.session(), current_actor(), _settings()
    limits = {"most_days": settings.api_token_days, "per_minute": settings.api_per_minute}
    try:
        row, plain = tokens.create(session, actor, form.draft(), now=timing.now(), **limits)
    except DomainError as error:
        form.refuse(error.problems)
        return _own(form, REFUSED)
    return render_template("api/token_once.html", row=row, plain=plain, labels=SCOPE_LABELS)


@bp.post("/account/tokens/<int:token_id>/revoke")
@signed_in
def revoke(token_id: int) -> ResponseReturnValue:
    """End a token of one's own."""
    row = tokens.revoke(db.session(), current_actor(), token_id, now=timing.now())
    flash(tr("已撤销令牌“%(name)s”，用它的程序从现在起连不上。", name=row.name), "ok")
    return redirect(url_for("tokens.index"))


@bp.get("/admin/tokens")
@requires(Permission.ADMIN_MANAGE)
def everybodys() -> ResponseReturnValue:
    """Show everybody's tokens; never the tokens themselves."""
    page = tokens.listed(db.session(), current_actor(), own=False, cursor=request.args.get("cursor"))
    return render_template("api/all.html", page=page, labels=SCOPE_LABELS, now=timing.now())


@bp.post("/admin/tokens/<int:token_id>/revoke")
@requires(Permission.ADMIN_MANAGE)
def end(token_id: int) -> ResponseReturnValue:
    """End anybody's token."""
    row = tokens.revoke(db.session(), current_actor(), token_id, now=timing.now())
    flash(tr("已撤销令牌“%(name)s”，用它的程序从现在起连不上。", name=row.name), "ok")
    return redirect(url_for("tokens.everybodys"))


@bp.get("/account/api")
@signed_in
def guide() -> ResponseReturnValue:
    """Describe the interface for people, from the same description that programs read."""
    spec = document.described(cast("APIFlask", current_app))
    groups: dict[str, list[tuple[str, str, object]]] = {name: [] for name in GROUPS}
    for path, method, one in document.operations(spec):
        groups[one["tags"][0]].append((method, path, one))
    return render_template(
        "api/guide.html",
        groups=groups,
        schemas=spec["components"]["schemas"],
        tones=METHODS,
        samples={name: json.dumps(one, ensure_ascii=False, indent=2) for name, one in EXAMPLES.items()},
        names=GROUPS,
        titles=TITLES,
        labels=SCOPE_LABELS,
        per_minute=_settings().api_per_minute,
        root=request.url_root.rstrip("/"),
    )


@bp.get("/account/api/openapi.json")
@signed_in
def download() -> Response:
    """Give the description as a file."""
    response = jsonify(document.described(cast("APIFlask", current_app)))
    response.headers["Content-Disposition"] = "attachment; filename=openapi.json"
    return response


def _own(form: TokenForm, status: int) -> ResponseReturnValue:
    actor = current_actor()
    page = tokens.listed(db.session(), actor, own=True, cursor=request.args.get("cursor"))
    shown = render_template(
        "api/tokens.html",
        form=form.offer(actor),
        page=page,
        labels=SCOPE_LABELS,
        now=timing.now(),
        most_days=_settings().api_token_days,
    )
    return shown, status


def _settings() -> Settings:
    return cast("Settings", current_app.config["SETTINGS"])
