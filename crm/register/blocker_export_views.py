"""Ask for an export of blockers; the file is made, kept and fetched like every other export."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.delivery.blockers import queries
from crm.register import blocker_export, export
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("blocker_exports", __name__)


@bp.get("/blockers/export")
@requires(Permission.REGISTER_EXPORT)
def ask() -> ResponseReturnValue:
    """Show what the file will hold."""
    wanted = blocker_export.kept(request.args)
    count = queries.total(db.session(), current_actor(), blocker_export.read(wanted), timing.today())
    return render_template(
        "register/blocker_export.html",
        wanted=wanted,
        count=count,
        back=f"/blockers?{urlencode(wanted)}",
        most=blocker_export.MOST_ROWS,
    )


@bp.post("/blockers/export")
@requires(Permission.REGISTER_EXPORT)
def start() -> ResponseReturnValue:
    """Queue an export of the blockers the address narrows to."""
    wanted = blocker_export.kept(request.form)
    export.start(db.session(), current_actor(), wanted, export.Wish(), now=timing.now(), page=export.BLOCKERS)
    flash(tr("已开始导出，完成后在这里下载。"), "ok")
    return redirect(url_for("exports.index"), 303)
