"""Pages of saved views: keep, overwrite, rename, share, copy, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.register import list_state, saved_views
from crm.register.models import Sharing
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("saved_views", __name__)
SHARING_LABELS = {Sharing.OWN: "仅自己", Sharing.TEAM: "本单位", Sharing.ALL: "所有人"}


@bp.get("/enterprises/views")
@requires(Permission.ENTERPRISE_READ)
def index() -> ResponseReturnValue:
    """Show the views a person may open, and the forms of the own ones."""
    return _page([], 200)


@bp.post("/enterprises/views")
@requires(Permission.ENTERPRISE_READ)
def create() -> ResponseReturnValue:
    """Keep the state of the list under a name."""
    state = list_state.from_args(request.form)
    try:
        row = saved_views.save(db.session(), current_actor(), _name(), _sharing(), state.plain, now=timing.now())
    except DomainError as error:
        return _page([say(problem) for problem in error.problems], error.status)
    flash(tr("已保存视图“%(name)s”。", name=row.name), "ok")
    return redirect(url_for("enterprise_list.index", view=row.id), 303)


@bp.post("/enterprises/views/<int:view_id>/save")
@requires(Permission.ENTERPRISE_READ)
def overwrite(view_id: int) -> ResponseReturnValue:
    """Put the state of the list under the name of an own view."""
    state = list_state.from_args(request.form)
    row = saved_views.overwrite(db.session(), current_actor(), view_id, state.plain, now=timing.now())
    flash(tr("已保存视图“%(name)s”。", name=row.name), "ok")
    return redirect(url_for("enterprise_list.index", view=row.id), 303)


@bp.post("/enterprises/views/<int:view_id>/rename")
@requires(Permission.ENTERPRISE_READ)
def rename(view_id: int) -> ResponseReturnValue:
    """Change the name of an own view and who sees it."""
    try:
        row = saved_views.rename(db.session(), current_actor(), view_id, _name(), _sharing(), now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        db.session().rollback()
        return _page([say(problem) for problem in error.problems], error.status)
    flash(tr("已保存视图“%(name)s”。", name=row.name), "ok")
    return redirect(url_for("saved_views.index"), 303)


@bp.post("/enterprises/views/<int:view_id>/clone")
@requires(Permission.ENTERPRISE_READ)
def clone(view_id: int) -> ResponseReturnValue:
    """Copy a view for oneself."""
    name = tr("%(name)s（副本）", name=saved_views.get(db.session(), current_actor(), view_id).name)
    row = saved_views.clone(db.session(), current_actor(), view_id, name, now=timing.now())
    flash(tr("已复制为“%(name)s”。", name=row.name), "ok")
    return redirect(url_for("enterprise_list.index", view=row.id), 303)


@bp.post("/enterprises/views/<int:view_id>/delete")
@requires(Permission.ENTERPRISE_READ)
def delete(view_id: int) -> ResponseReturnValue:
    """Take an own view away."""
    name = saved_views.delete(db.session(), current_actor(), view_id, now=timing.now())
    flash(tr("已删除视图“%(name)s”。", name=name), "ok")
    return redirect(url_for("saved_views.index"), 303)


def _name() -> str:
    return request.form.get("name", "").strip()


def _sharing() -> Sharing:
    asked = request.form.get("sharing", "")
    return Sharing(asked) if asked in set(Sharing) else Sharing.OWN


def _state() -> list_state.State | None:
    """The state that is to be kept, when the page was opened for that."""
    if request.method == "POST":
        return list_state.from_args(request.form) if request.endpoint == "saved_views.create" else None
    return list_state.from_args(request.args) if "new" in request.args else None


def _page(problems: list[str], status: int) -> ResponseReturnValue:
    actor, session = current_actor(), db.session()
    found = saved_views.seen_by(session, actor)
    page = render_template(
        "register/views.html",
        views=found,
        names=people.names(session, [view.owner_id for view in found]),
        sharing=SHARING_LABELS,
        problems=problems,
        typed=_name(),
        state=_state(),
    )
    return page, status
