"""Supply what a gate misses and go through it, in one form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError, ForbiddenError
from crm.pipeline import limits, queries, rules
from crm.pipeline import services as projects
from crm.pipeline.facts import facts_of
from crm.pipeline.mending import services
from crm.pipeline.mending.forms import MendForm
from crm.pipeline.road_views import moved, show_gate, target_of
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("mending", __name__, url_prefix="/projects")
P = Permission


@bp.post("/<int:project_id>/mend")
@requires(P.PROJECT_MOVE)
def mend(project_id: int) -> ResponseReturnValue:
    """Write what was supplied, then try the move again; what is still missing is shown in the same form."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.PROJECT_MOVE)
    target = target_of(project, request.form.get("stage"))
    facts = facts_of(session, project, now=timing.now())
    missing = {demand.key for demand, met in rules.checklist(facts, target) if not met}
    form = MendForm().keep(actor, project, missing)
    reason = text(form.reason) if "reason" in form else ""
    if not form.validate():
        return show_gate(project, target, (), reason, mend=form), limits.REFUSED
    if project.version != form.version.data:
        raise ConflictError(projects.STALE)
    supplied = form.mending()
    try:
        services.mend(session, actor, project, supplied, now=timing.now(), today=timing.today(), evidence=reason)
    except (ConflictError, ForbiddenError):
        raise
    except DomainError as error:
        session.rollback()
        form.refuse(error.problems)
        return show_gate(project, target, (), reason, mend=form), limits.REFUSED
    db.commit()  # what was supplied is true whether the project may move now or not
    try:
        projects.move(session, actor, project_id, target, reason=reason, version=project.version, now=timing.now())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        session.rollback()
        return show_gate(project, target, error.problems, reason), limits.REFUSED
    return moved(project_id, target)
