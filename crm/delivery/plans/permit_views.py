"""How long departments take over permits: median and nine in ten by department, with the permits behind."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.workdays import FIRST_YEAR, LAST_YEAR, knows
from crm.delivery.plans import permits
from crm.pipeline.landing.nodes import NODE_LABELS, NODE_ORDER, STATUTORY
from crm.web import db, timing
from crm.web.access import requires
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("plan_permits", __name__)
YEAR = timedelta(days=365)
SHOWN = 200
KINDS = tuple(kind for kind in NODE_ORDER if kind in STATUTORY)


@bp.get("/plans/permits")
@requires(Permission.PROJECT_READ)
def index() -> ResponseReturnValue:
    """Show cycle times by department; ``unit`` opens the permits of one."""
    session, actor, today, asked = db.session(), current_actor(), timing.today(), request.args
    until = day_or_none(asked.get("to", "")) or today
    since = day_or_none(asked.get("from", "")) or until - YEAR
    kind = next((one for one in KINDS if one == asked.get("kind")), None)
    unit_id = asked.get("unit", type=int)
    found = permits.permits(session, actor, since, until, kind=kind)
    rows = [one for one in found if unit_id is None or one.unit_id == unit_id]
    return render_template(
        "delivery/plans/permits.html",
        shares=permits.shares(found),
        rows=rows[:SHOWN],
        more=max(0, len(rows) - SHOWN),
        full=len(found) == permits.MOST,
        since=since,
        until=until,
        kind=kind,
        kinds=[(one, NODE_LABELS[one]) for one in KINDS],
        labels=NODE_LABELS,
        unit_id=unit_id,
        unit=people.unit_names(session, [unit_id]).get(unit_id, "") if unit_id else "",
        known=knows(since) and knows(until),
        years=(FIRST_YEAR, LAST_YEAR),
    )
