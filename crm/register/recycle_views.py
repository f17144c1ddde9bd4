"""Pages of the recycle bin: delete an enterprise, look at what was deleted, restore it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as staff
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.enterprises import queries as enterprises
from crm.enterprises import removal
from crm.enterprises.services import DuplicateError
from crm.register import recycle
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("recycle", __name__)
LONGEST = 100
FIRMS, PEOPLE = "enterprises", "contacts"


@bp.get("/recycle")
@requires(Permission.ENTERPRISE_READ)
def index() -> ResponseReturnValue:
    """Show deleted enterprises, or archived contacts of the actor's units."""
    return _bin({}, 200)


@bp.post("/enterprises/<int:enterprise_id>/delete")
@requires(Permission.ENTERPRISE_REMOVE)
def delete(enterprise_id: int) -> ResponseReturnValue:
    """Put an enterprise into the bin, with an undo."""
    row = enterprises.enterprise(db.session(), enterprise_id)
    try:
        recycle.delete(db.session(), current_actor(), enterprise_id, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        reasons = [say(problem) for problem in error.problems]
        return render_template("register/recycle_refused.html", row=row, reasons=reasons), 422
    undo = url_for("recycle.restore", enterprise_id=row.id)
    text = tr("已把“%(name)s”放进回收站。", name=row.name)
    flash({"text": text, "undo": undo}, "ok")  # type: ignore[arg-type]  # the toast macro takes text with an undo
    return redirect(url_for("enterprise_list.index"), 303)


@bp.post("/recycle/enterprises/<int:enterprise_id>/restore")
@requires(Permission.ENTERPRISE_REMOVE)
def restore(enterprise_id: int) -> ResponseReturnValue:
    """Take an enterprise out of the bin; say what stands in the way where its name was taken."""
    try:
        row = removal.restore_enterprise(db.session(), current_actor(), enterprise_id, now=timing.now())
    except DuplicateError as error:
        return _bin({"refusal": say(error.problems[0]), "existing": error.existing_id}, 422)
    flash(tr("已恢复“%(name)s”。", name=row.name), "ok")
    return redirect(url_for("register.show", enterprise_id=row.id), 303)


def _bin(extra: dict[str, Any], status: int) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    query = request.args.get("q", "").strip()[:LONGEST]
    kind = PEOPLE if request.args.get("kind") == PEOPLE and actor.may(Permission.CONTACT_READ) else FIRMS
    cursor = request.args.get("cursor")
    if kind == PEOPLE:
        found = recycle.people(session, actor, query, cursor=cursor)
        units = staff.unit_names(session, [row[0].unit_id for row in found.rows])
        names: dict[int, str] = {}
    else:
        found = recycle.firms(session, query, cursor=cursor)
        names = staff.names(session, [row.deleted_by for row in found.rows if row.deleted_by])
        units = {}
    page = render_template("register/recycle.html", page=found, q=query, kind=kind, names=names, units=units, **extra)
    return page, status
