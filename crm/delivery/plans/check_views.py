"""The half-monthly check (每半月跟踪): a form with what changed, on the screen and as .docx."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, send_file, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError
from crm.core.filestore import DOCX
from crm.delivery.plans import checks, lights, queries
from crm.delivery.plans.check_paper import form_paper
from crm.delivery.plans.forms import CheckForm
from crm.delivery.plans.halves import half_of
from crm.delivery.plans.views import tell
from crm.pipeline import queries as projects
from crm.pipeline.attempts import attempt
from crm.pipeline.landing.nodes import NODE_LABELS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

    from crm.pipeline.landing.models import DeliveryPlan
    from crm.pipeline.models import Project

bp = Blueprint("plan_checks", __name__, url_prefix="/projects/<int:project_id>/plan")
P = Permission


def _plan(project_id: int, permission: Permission) -> tuple[Project, DeliveryPlan]:
    session = db.session()
    project = projects.get_for(session, current_actor(), project_id, permission)
    plan = queries.plan_of(session, project.id)
    if plan is None:
        raise NotFoundError(queries.ABSENT)
    return project, plan


@bp.route("/check", methods=["GET", "POST"])
@requires(P.PROJECT_WRITE)
def fill(project_id: int) -> ResponseReturnValue:
    """Show what changed since the last check, and keep what is filled in."""
    project, plan = _plan(project_id, P.PROJECT_WRITE)
    session, actor, now, today, form = db.session(), current_actor(), timing.now(), timing.today(), CheckForm()

    def write() -> None:
        checks.fill(session, actor, project_id, form.draft(), after=form.followed, now=now, today=today)

    status = attempt(form, write) if form.is_submitted() else 200
    if status is None:
        flash(tr("本期跟踪已记下"), "ok")
        return redirect(url_for("plans.show", project_id=project_id), 303)
    sheet = checks.sheet(session, plan, today=today)
    page = render_template(
        "delivery/plans/check.html",
        project=project,
        plan=plan,
        sheet=sheet,
        form=form,
        half=half_of(today),
        labels=NODE_LABELS,
        lights=lights,
        tell=tell,
        today=today,
    )
    return page, status


@bp.get("/check.docx")
@requires(P.PROJECT_READ)
def paper(project_id: int) -> Response:
    """Send the form as .docx, to be filled in by hand on the site."""
    project, plan = _plan(project_id, P.PROJECT_READ)
    today = timing.today()
    sheet = checks.sheet(db.session(), plan, today=today)
    content = form_paper(project, plan, sheet, today)
    name = f"{tr('项目跟踪表')}-{project.name}-{today.isoformat()}.docx"
    return send_file(BytesIO(content), mimetype=DOCX, as_attachment=True, download_name=name)
