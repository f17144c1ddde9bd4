"""Pages of the log of merges: the list, one merge with what it moved, taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.core.errors import ConflictError, DomainError
from crm.register import merge_fields, merge_log, unmerging
from crm.register.merge_views import AREAS, RIGHTS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

bp = Blueprint("merges", __name__)


@bp.get("/merges")
@requires(*RIGHTS)
def index() -> ResponseReturnValue:
    """Show merges, the last first."""
    session = db.session()
    page = merge_log.page(session, current_actor(), cursor=request.args.get("cursor"))
    who = people.names(session, [one for row in page.rows for one in (row.by, row.undone_by) if one])
    names = merge_log.names(session, page.rows)
    return render_template("register/merges.html", page=page, names=names, who=who, areas=AREAS)


@bp.get("/merges/<int:log_id>")
@requires(*RIGHTS)
def show(log_id: int) -> ResponseReturnValue:
    """Show what one merge did."""
    return _page(log_id, (), 200)


@bp.post("/merges/<int:log_id>/undo")
@requires(*RIGHTS)
def undo(log_id: int) -> ResponseReturnValue:
    """Take a merge back; say what stands in the way."""
    session = db.session()
    try:
        result = unmerging.unmerge(session, current_actor(), log_id, now=timing.now())
    except DomainError as error:
        if error.status not in {DomainError.status, ConflictError.status}:
            raise
        session.rollback()
        return _page(log_id, [say(problem) for problem in error.problems], error.status)
    flash(tr("已撤销合并，“%(name)s”恢复为单独的记录。", name=result.log.snapshot["name"]), "ok")
    return redirect(url_for("merges.show", log_id=log_id), 303)


def _page(log_id: int, problems: Sequence[str], status: int) -> ResponseReturnValue:
    session = db.session()
    log = unmerging.get(session, current_actor(), log_id)
    undone = log.snapshot.get("undone") or {}
    page = render_template(
        "register/merge_log.html",
        log=log,
        area=AREAS[log.kind],
        names=merge_log.names(session, [log]),
        who=people.names(session, [one for one in (log.by, log.undone_by) if one]),
        moved=merge_log.moved(log),
        fields=merge_log.fields(log),
        problems=problems,
        undone={key: merge_log.counted(undone.get(key) or {}) for key in ("back", "lost", "stayed")},
        kept=[tr(merge_fields.LABELS[log.kind].get(name, name)) for name in undone.get("kept") or ()],
    )
    return page, status
