"""One field of one enterprise, changed where it stands in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.changes import Via
from crm.core.errors import ConflictError, DomainError
from crm.enterprises import queries as enterprises
from crm.enterprises import services
from crm.enterprises.rules import SOURCE_KINDS
from crm.register.list_columns import CELLS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("cells", __name__)


@bp.get("/enterprises/<int:enterprise_id>/cell/<field>")
@requires(Permission.ENTERPRISE_WRITE)
def edit(enterprise_id: int, field: str) -> ResponseReturnValue:
    """Show the box of one field, in the cell or on a page of its own."""
    return _form(enterprise_id, field, [], 200)


@bp.post("/enterprises/<int:enterprise_id>/cell/<field>")
@requires(Permission.ENTERPRISE_WRITE)
def save(enterprise_id: int, field: str) -> ResponseReturnValue:
    """Save one field unless somebody changed the enterprise since; the cell says what is wrong."""
    if field not in CELLS:
        abort(404)
    value = request.form.get("value", "").strip() or None
    version = number_or_none(request.form.get("version", "")) or 0
    try:
        row = services.update_fields(
            db.session(),
            current_actor(),
            enterprise_id,
            {field: value},
            version=version,
            via=Via.CELL,
            now=timing.now(),
        )
    except DomainError as error:
        if error.status not in {DomainError.status, ConflictError.status}:
            raise
        db.session().rollback()
        return _form(enterprise_id, field, [say(problem) for problem in error.problems], error.status)
    if "HX-Request" in request.headers:
        return render_template("register/_cell.html", field=field, value=getattr(row, field), sources=SOURCE_KINDS)
    flash(tr("已保存。"), "ok")
    return redirect(url_for("register.show", enterprise_id=enterprise_id), 303)


def _form(enterprise_id: int, field: str, problems: list[str], status: int) -> ResponseReturnValue:
    if field not in CELLS:
        abort(404)
    row = enterprises.enterprise(db.session(), enterprise_id)
    template = "register/_cell_form.html" if "HX-Request" in request.headers else "register/cell.html"
    stored = getattr(row, field)
    page = render_template(
        template,
        ent=row,
        field=field,
        label=CELLS[field],
        stored=stored,
        typed=request.form.get("value", stored or ""),
        problems=problems,
        sources=SOURCE_KINDS,
    )
    return page, status
