"""Ask for an export of projects; the file is made, kept and fetched like every other export."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.pipeline import board
from crm.pipeline.cards import Clock
from crm.register import export, project_export
from crm.scoring import display
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("project_exports", __name__)


@bp.get("/projects/export")
@requires(Permission.REGISTER_EXPORT)
def ask() -> ResponseReturnValue:
    """Show what the file will hold."""
    return _ask(project_export.kept(request.args.items()), [], 200)


@bp.post("/projects/export")
@requires(Permission.REGISTER_EXPORT)
def start() -> ResponseReturnValue:
    """Queue an export of the projects the address narrows to."""
    wanted = project_export.kept(request.form.items())
    wish = export.Wish(full=bool(request.form.get("full")), reason=request.form.get("reason", ""))
    try:
        export.start(db.session(), current_actor(), wanted, wish, now=timing.now(), page=export.PROJECTS)
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        return _ask(wanted, [say(problem) for problem in error.problems], error.status)
    flash(tr("已开始导出，完成后在这里下载。"), "ok")
    return redirect(url_for("exports.index"), 303)


def _ask(wanted: dict[str, str], problems: list[str], status: int) -> ResponseReturnValue:
    filters, _order = project_export.read(wanted)
    clock = Clock(timing.now(), timing.today(), timing.zone())
    count, total = board.totals(db.session(), current_actor(), filters, clock)
    page = render_template(
        "register/project_export.html",
        wanted=wanted,
        count=count,
        total=total,
        scored=[display.asked(kind, value) for kind, value in filters.scored],
        back=f"/projects?{urlencode({'view': 'list', **wanted})}",
        most=project_export.MOST_ROWS,
        problems=problems,
        typed=request.form,
    )
    return page, status
