"""The outlook of one project, and the probabilities the office reckons with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.pipeline import limits, sections
from crm.pipeline import queries as projects
from crm.pipeline.outlook import queries, services
from crm.pipeline.outlook.forms import ChancesForm, OutlookForm
from crm.pipeline.outlook.rules import UNSIGNED
from crm.pipeline.rules import STAGE_LABELS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.models import Project

bp = Blueprint("outlook", __name__, url_prefix="/projects")
P = Permission


@bp.get("/<int:project_id>/outlook")
@requires(P.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show when signing is expected."""
    project = projects.get(db.session(), current_actor(), project_id)
    form = OutlookForm(
        version=project.version,
        expected_on=project.expected_sign_on,
        probability=project.probability,
        reason=project.probability_reason,
    )
    return _page(project, form)


@bp.post("/<int:project_id>/outlook")
@requires(P.PROJECT_WRITE)
def save(project_id: int) -> ResponseReturnValue:
    """Say when signing is expected, and how likely it is."""
    project = projects.get_for(db.session(), current_actor(), project_id, P.PROJECT_WRITE)
    form = OutlookForm()
    if not form.validate():
        return _page(project, form), limits.REFUSED
    actor, version = current_actor(), form.version.data or 0
    now, today = timing.now(), timing.today()
    try:
        services.set_outlook(db.session(), actor, project_id, form.outlook(), version=version, now=now, today=today)
    except DomainError as error:
        form.refuse(error.problems)
        return _page(project, form), error.status
    flash(tr("已保存"), "ok")
    return redirect(url_for("outlook.show", project_id=project_id), 303)


@bp.route("/settings/outlook", methods=["GET", "POST"])
@requires(P.PIPELINE_CONFIGURE)
def chances() -> ResponseReturnValue:
    """Show and set the probability of signing by stage."""
    session = db.session()
    known = queries.probabilities(session)
    form = ChancesForm(data={str(stage): known.of(stage) for stage in UNSIGNED})
    status = 200
    if request.method == "POST":
        status = limits.REFUSED
        if form.validate():
            try:
                services.set_probabilities(session, current_actor(), form.by_stage(), now=timing.now())
            except DomainError as error:
                form.refuse(error.problems)
            else:
                flash(tr("已保存"), "ok")
                return redirect(url_for("outlook.chances"), 303)
    return render_template("pipeline/outlook/chances.html", form=form, stages=UNSIGNED), status


def _page(project: Project, form: OutlookForm) -> str:
    session, actor = db.session(), current_actor()
    chance = queries.probabilities(session).of(project.stage)
    return render_template(
        "pipeline/outlook/show.html",
        project=project,
        form=form,
        tabs=sections.tabs(actor, project, "outlook.show"),
        chance=chance,
        stage=STAGE_LABELS[project.stage],
        open=project.stage in UNSIGNED,
        may_write=actor.reaches(P.PROJECT_WRITE, project.unit_id),
        today=timing.today(),
    )
