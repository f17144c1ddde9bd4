"""The page of a project's confidentiality: its code name and who is named on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.pipeline import limits, queries, sections
from crm.pipeline.confidential import queries as secrets
from crm.pipeline.confidential import services
from crm.pipeline.confidential.forms import ClassifyForm, InsiderForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.models import Project

bp = Blueprint("confidential", __name__, url_prefix="/projects")
P = Permission


@bp.get("/<int:project_id>/confidential")
@requires(P.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show whether the project is confidential, and who is named on it."""
    project = queries.get(db.session(), current_actor(), project_id)
    return _page(project)


@bp.post("/<int:project_id>/confidential")
@requires(P.PROJECT_WRITE)
def classify(project_id: int) -> ResponseReturnValue:
    """Put the project under a code name."""
    project = queries.get_for(db.session(), current_actor(), project_id, P.PROJECT_WRITE)
    form = ClassifyForm()
    if not form.validate():
        return _page(project, form=form), limits.REFUSED
    version = form.version.data or 0
    try:
        services.classify(
            db.session(), current_actor(), project_id, text(form.code_name), version=version, now=timing.now()
        )
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        form.refuse(error.problems)
        return _page(project, form=form), error.status
    flash(tr("已设密，只有知情人看得到这个项目"), "ok")
    return _back(project_id)


@bp.post("/<int:project_id>/confidential/lift")
@requires(P.PROJECT_WRITE)
def declassify(project_id: int) -> ResponseReturnValue:
    """Open the project to everybody who reads its unit."""
    version = request.form.get("version", 0, type=int)
    services.declassify(db.session(), current_actor(), project_id, version=version, now=timing.now())
    flash(tr("已解除保密"), "ok")
    return _back(project_id)


@bp.post("/<int:project_id>/confidential/people")
@requires(P.PROJECT_READ)
def name_person(project_id: int) -> ResponseReturnValue:
    """Name a person on the project."""
    project = queries.get(db.session(), current_actor(), project_id)
    form = InsiderForm()
    user_id = form.user_id.data or 0
    try:
        services.name_person(db.session(), current_actor(), project_id, user_id, now=timing.now(), today=timing.today())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        return _page(project, problem=tr(error.problems[0].message)), error.status
    flash(tr("已添加知情人"), "ok")
    return _back(project_id)


@bp.post("/<int:project_id>/confidential/people/<int:user_id>/remove")
@requires(P.PROJECT_WRITE)
def strike_person(project_id: int, user_id: int) -> ResponseReturnValue:
    """Take a person off the project."""
    services.strike_person(db.session(), current_actor(), project_id, user_id, now=timing.now())
    flash(tr("已移出知情人"), "ok")
    return _back(project_id)


def _page(project: Project, *, form: ClassifyForm | None = None, problem: str = "") -> str:
    session, actor = db.session(), current_actor()
    may_name = project.confidential and services.may_name(actor, project)
    people = secrets.candidates(session, project, timing.today()) if may_name else []
    return render_template(
        "pipeline/confidential/show.html",
        project=project,
        tabs=sections.tabs(actor, project, "confidential.show"),
        form=form or ClassifyForm(code_name=project.code_name, version=project.version),
        insiders=secrets.insiders(session, project.id),
        choose=InsiderForm().offer([(person.id, person.name) for person in people]),
        may_classify=services.may_classify(actor, project) and actor.reaches(P.PROJECT_WRITE, project.unit_id),
        may_name=may_name,
        problem=problem,
        actor_id=actor.user_id,
    )


def _back(project_id: int) -> ResponseReturnValue:
    return redirect(url_for("confidential.show", project_id=project_id), 303)
