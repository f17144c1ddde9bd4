"""Pages of exceptions: those of one project, and those that wait or are in force anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.pipeline import limits, queries, rules, sections
from crm.pipeline.deals import setting
from crm.pipeline.exceptions import queries as exceptions
from crm.pipeline.exceptions import services
from crm.pipeline.exceptions.forms import DecisionForm, RequestForm
from crm.pipeline.exceptions.rules import FAIR_LABELS, KIND_LABELS, STATE_LABELS, Decision, FairReview, waivable
from crm.pipeline.forms import member
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.models import Project

bp = Blueprint("exceptions", __name__, url_prefix="/projects")
P = Permission
LABELS = {"kind": KIND_LABELS, "state": STATE_LABELS, "fair": FAIR_LABELS}


def demand_labels() -> dict[str, str]:
    """Names of the demands that may be waived."""
    return {key: demand.label for key, demand in waivable().items()}


@bp.get("/exceptions")
@requires(P.PROJECT_READ)
def index() -> ResponseReturnValue:
    """List what waits for a leader and what is in force."""
    found = exceptions.standing(db.session(), current_actor(), timing.now())
    return render_template("pipeline/exceptions/index.html", found=found, labels=LABELS, demands=demand_labels())


@bp.get("/<int:project_id>/exceptions")
@requires(P.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show the exceptions of a project."""
    return _page(queries.get(db.session(), current_actor(), project_id))


@bp.post("/<int:project_id>/exceptions")
@requires(P.PROJECT_WRITE)
def ask(project_id: int) -> ResponseReturnValue:
    """Ask for an exception."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.PROJECT_WRITE)
    form = _request_form()
    if not form.validate():
        return _page(project, form=form), limits.REFUSED
    try:
        services.ask(
            session,
            actor,
            project_id,
            form.request(),
            now=timing.now(),
            today=timing.today(),
            zone=timing.zone(),
        )
    except DomainError as error:
        form.refuse(error.problems)
        return _page(project, form=form), error.status
    flash(tr("已提交，等领导决定"), "ok")
    return _back(project_id)


@bp.post("/<int:project_id>/exceptions/<int:exception_id>/decide")
@requires(P.EXCEPTION_DECIDE)
def decide(project_id: int, exception_id: int) -> ResponseReturnValue:
    """Grant or refuse a request."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.EXCEPTION_DECIDE)
    form = DecisionForm()
    if not form.validate():
        return _page(project, decision=(exception_id, form)), limits.REFUSED
    try:
        decision = Decision(request.form.get("answer") == "grant", text(form.decision_no), text(form.note))
        services.decide(session, actor, project_id, exception_id, decision, now=timing.now())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        form.refuse(error.problems)
        return _page(project, decision=(exception_id, form)), error.status
    flash(tr("已记下决定"), "ok")
    return _back(project_id)


@bp.post("/<int:project_id>/exceptions/<int:exception_id>/revoke")
@requires(P.EXCEPTION_DECIDE)
def revoke(project_id: int, exception_id: int) -> ResponseReturnValue:
    """Take a granted exception back."""
    services.revoke(db.session(), current_actor(), project_id, exception_id, now=timing.now())
    flash(tr("已撤回，例外不再有效"), "ok")
    return _back(project_id)


@bp.post("/<int:project_id>/exceptions/<int:exception_id>/fair-review")
@requires(P.PROJECT_WRITE)
def fair_review(project_id: int, exception_id: int) -> ResponseReturnValue:
    """Write down where the fair-competition review stands."""
    state = member(FairReview, request.form.get("fair_review")) or FairReview.PENDING
    services.set_fair_review(db.session(), current_actor(), project_id, exception_id, state, now=timing.now())
    flash(tr("已保存"), "ok")
    return _back(project_id)


def _request_form() -> RequestForm:
    return RequestForm(kind="special", fair_review="pending").offer(demand_labels().items())


def _page(
    project: Project, *, form: RequestForm | None = None, decision: tuple[int, DecisionForm] | None = None
) -> str:
    session, actor = db.session(), current_actor()
    return render_template(
        "pipeline/exceptions/show.html",
        project=project,
        tabs=sections.tabs(actor, project, "exceptions.show"),
        found=exceptions.of_project(session, project.id, timing.now()),
        form=form or _request_form(),
        decision=decision,
        blank=DecisionForm(formdata=None),
        labels=LABELS,
        demands=demand_labels(),
        rules=rules,
        days=setting.current(session).exception_days,
        may_ask=actor.reaches(P.PROJECT_WRITE, project.unit_id) and project.exit_kind is None,
        may_decide=actor.reaches(P.EXCEPTION_DECIDE, project.unit_id) and project.owner_id != actor.user_id,
        actor_id=actor.user_id,
    )


def _back(project_id: int) -> ResponseReturnValue:
    return redirect(url_for("exceptions.show", project_id=project_id), 303)
