"""The search page: one box, four kinds of records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.fieldwork.rules import TOUCH_LABELS
from crm.pipeline.rules import STAGE_LABELS
from crm.search import queries
from crm.web import db
from crm.web.access import requires

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("search", __name__)
LONGEST_QUERY = 100


@bp.get("/search")
@requires(Permission.ENTERPRISE_READ)
def index() -> ResponseReturnValue:
    """Show what was found, by kind."""
    query = request.args.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    found = queries.search(db.session(), current_actor(), query)
    return render_template("search/index.html", q=query, found=found, stages=STAGE_LABELS, kinds=TOUCH_LABELS)
