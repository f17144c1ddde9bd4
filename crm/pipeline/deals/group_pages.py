"""The board's query by the groups of a local view (五个一批、八步规程): a view, never a second state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, request

from crm.auth.identity import current_actor
from crm.pipeline.deals import groups, setting
from crm.web import db

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def grouped(shared: dict[str, Any]) -> ResponseReturnValue:
    """Sum the projects up by a local mapping of the stages."""
    session = db.session()
    terms = setting.current(session)
    chosen = terms.view(request.args.get("by")) or terms.views[0]
    rows = groups.totals(session, current_actor(), shared["filters"], chosen, shared["clock"])
    return render_template(
        "pipeline/deals/groups.html",
        **shared,
        view="groups",
        chosen=chosen,
        views=terms.views,
        rows=rows,
        count=sum(row.count for row in rows),
        total=sum(row.total for row in rows),
    )
