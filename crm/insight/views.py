"""Pages of management views and their workbooks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for

from crm.assessment.sections import ANALYSIS
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.auth.tabs import tabs_of
from crm.auth.workbooks import hand_out
from crm.core.errors import NotFoundError
from crm.insight import pages
from crm.insight.row_views import rows
from crm.insight.screen_views import screen
from crm.web.access import requires
from crm.web.inputs import asked

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("insight", __name__, url_prefix="/insight")
P = Permission
KEPT = ("from", "to", "by")
bp.add_url_rule("/rows", view_func=rows)
bp.add_url_rule("/screen", view_func=screen)


def _show(name: str) -> ResponseReturnValue:
    sheaf, kept = pages.page(name), {key: value for key, value in asked().items() if key in KEPT}
    address = f"{url_for('insight.export', name=name)}?{urlencode(kept)}"
    export = address if current_actor().may(P.REGISTER_EXPORT) else ""
    return render_template(
        f"insight/{name}.html",
        sheaf=sheaf,
        export=export,
        tabs=tabs_of(ANALYSIS, f"insight.{name}", kept),
        **sheaf.more,
    )


@bp.get("/groups")
@requires(P.REPORT_READ)
def groups() -> ResponseReturnValue:
    """Show projects by group and stage, beside the days before and a year earlier."""
    return _show("groups")


@bp.get("/stays")
@requires(P.REPORT_READ)
def stays() -> ResponseReturnValue:
    """Show how long projects stay in each stage."""
    return _show("stays")


@bp.get("/cohorts")
@requires(P.REPORT_READ)
def cohorts() -> ResponseReturnValue:
    """Show what became of projects by the month of their first talk."""
    return _show("cohorts")


@bp.get("/forecast")
@requires(P.REPORT_READ)
def forecast() -> ResponseReturnValue:
    """Show what is expected to be signed, by group and month."""
    return _show("forecast")


@bp.get("/stalled")
@requires(P.REPORT_READ)
def stalled() -> ResponseReturnValue:
    """Show what stands still, by group and age."""
    return _show("stalled")


@bp.get("/compare")
@requires(P.REPORT_READ)
def compare() -> ResponseReturnValue:
    """Show every figure beside last period and last year."""
    return _show("compare")


@bp.get("/<name>.xlsx")
@requires(P.REGISTER_EXPORT)
def export(name: str) -> ResponseReturnValue:
    """Give the tables of a view, or one of them, as a workbook; who took it is on record."""
    sheaf, only = pages.page(name), request.args.get("figure")
    if only is not None:
        sheaf = replace(sheaf, figures=[figure for figure in sheaf.figures if figure.key == only])
    if not sheaf.figures:
        raise NotFoundError(pages.NO_ROWS)
    period = {key: value for key, value in request.args.items() if key in {*KEPT, "figure"}}
    return hand_out(sheaf, "insight.export", "insight", view=name, **period)
