"""Workbooks of the charts of campaigns and targets; who took one is on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from crm.assessment import chart_figures, queries, target_tree, targets
from crm.assessment.board import campaign_board
from crm.auth.rules import Permission
from crm.auth.workbooks import hand_out
from crm.web import db, timing
from crm.web.access import requires
from crm.web.grids import Sheaf

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("assessment_figures", __name__)
ACTION = "insight.export"


@bp.get("/campaigns/<int:campaign_id>.xlsx")
@requires(Permission.REGISTER_EXPORT)
def campaign(campaign_id: int) -> ResponseReturnValue:
    """Give the completion of a campaign as a workbook."""
    found = queries.campaign(db.session(), campaign_id)
    figure = chart_figures.campaign(campaign_board(found))
    sheaf = Sheaf(found.name, [figure], chart_figures.as_of(timing.now()))
    return hand_out(sheaf, ACTION, "campaign", campaign=campaign_id)


@bp.get("/targets/<int:target_id>.xlsx")
@requires(Permission.REGISTER_EXPORT)
def target(target_id: int) -> ResponseReturnValue:
    """Give the course of a target as a workbook."""
    session, today = db.session(), timing.today()
    node, _below = target_tree.around(session, targets.get(session, target_id), now=timing.now(), today=today)
    days = chart_figures.days_of(node, today)
    figure = chart_figures.course(node, days, target_tree.course(session, node, days), today)
    sheaf = Sheaf(figure.title, [figure], chart_figures.as_of(timing.now()))
    return hand_out(sheaf, ACTION, "target", target=target_id)
