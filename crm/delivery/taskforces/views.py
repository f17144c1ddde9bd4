"""The list of task forces (专班) that work now: for what, who heads each, what is in the way of its projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.delivery.taskforces import queries
from crm.pipeline.team.rules import FORCE_LABELS
from crm.web import db, timing
from crm.web.access import requires

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("task_forces", __name__)


@bp.get("/task-forces")
@requires(Permission.PROJECT_READ)
def index() -> ResponseReturnValue:
    """List the task forces that work, the newest first."""
    own = request.args.get("mine") == "1"
    session, actor, today = db.session(), current_actor(), timing.today()
    return render_template(
        "delivery/taskforces/index.html",
        page=queries.page(session, actor, today, own=own, cursor=request.args.get("cursor")),
        own=own,
        duties=FORCE_LABELS,
        today=today,
    )
