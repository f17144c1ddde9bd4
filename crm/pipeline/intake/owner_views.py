"""Change the owner of a project: ask the other side, or decide at once where one has the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError
from crm.pipeline import queries as projects
from crm.pipeline.intake import handovers, queries
from crm.pipeline.intake.forms import ReceiverForm
from crm.pipeline.intake.services import open_handover
from crm.pipeline.services import STALE
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.intake.queries import Seat
    from crm.pipeline.models import Project

bp = Blueprint("project_owner", __name__, url_prefix="/projects/<int:project_id>/owner")
P = Permission


@bp.route("", methods=["GET", "POST"])
@requires(P.PROJECT_WRITE)
def change(project_id: int) -> ResponseReturnValue:
    """Ask another person or unit to take the project over."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    seats = queries.receivers(session, None, timing.today())
    form = ReceiverForm(owner_id=str(project.owner_id or ""), version=str(project.version)).offer(seats)
    status = 200
    if request.method == "POST":
        status = DomainError.status
        if form.validate():
            try:
                return _asked(project, form, seats)
            except DomainError as error:
                status = error.status
                session.rollback()
                form.refuse(error.problems)
                project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    may_decide = actor.reaches(P.LEAD_TRIAGE, project.unit_id)
    waiting = open_handover(session, project.id)
    return render_template(
        "pipeline/owner.html", project=project, form=form, waiting=waiting, may_decide=may_decide
    ), status


def _asked(project: Project, form: ReceiverForm, seats: list[Seat]) -> ResponseReturnValue:
    session, actor, now, today = db.session(), current_actor(), timing.now(), timing.today()
    if text(form.version) != str(project.version):
        raise ConflictError(STALE)
    to, reason = form.receiver(seats, project.unit_id), text(form.reason)
    if form.decide.data:
        handovers.decide(session, actor, project.id, to, reason, now=now, today=today)
        flash(tr("负责人已改为%(name)s", name=handovers.name_of(session, project.owner_id or 0)), "ok")
    else:
        handovers.ask(session, actor, project.id, to, reason, now=now, today=today)
        flash(tr("已提出移交，等对方接收；在那之前仍由现在的负责人负责"), "ok")
    return redirect(url_for("pipeline.show", project_id=project.id), 303)
