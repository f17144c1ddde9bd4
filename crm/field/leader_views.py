"""Pages of who led what (领导带队): everybody, and one leader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.field import leading
from crm.field.leading import Leader
from crm.fieldwork.receptions import rules as hosting
from crm.fieldwork.rules import LEADER_LABELS, TOUCH_LABELS
from crm.fieldwork.trips import rules
from crm.pipeline.rules import STAGE_LABELS
from crm.web import db, timing
from crm.web.access import requires

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("leaders", __name__, url_prefix="/trips/leaders")
ABSENT = Problem("leader.absent", "没有这位领导的带队记录。")
LONGEST = 80


@bp.get("")
@requires(Permission.TOUCH_READ)
def index() -> ResponseReturnValue:
    """List leaders with how often they led."""
    found = leading.everybody(db.session(), current_actor(), timing.today())
    return render_template("field/leaders/index.html", found=found)


@bp.get("/one")
@requires(Permission.TOUCH_READ)
def show() -> ResponseReturnValue:
    """Show what one leader led."""
    session, actor = db.session(), current_actor()
    user_id, name = request.args.get("user", type=int), request.args.get("name", "").strip()[:LONGEST]
    if user_id is not None:
        name = people.names(session, [user_id]).get(user_id, "")
    if not name:
        raise NotFoundError(ABSENT)
    who = Leader(user_id, name)
    return render_template(
        "field/leaders/show.html",
        who=who,
        led=leading.led(session, actor, who),
        rules=rules,
        hosting=hosting,
        levels=LEADER_LABELS,
        kinds=TOUCH_LABELS,
        stages=STAGE_LABELS,
        each=leading.EACH,
    )
