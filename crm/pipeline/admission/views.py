"""Pages of a project's review: the case, scorecard, vote, decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError
from crm.pipeline import limits, sections
from crm.pipeline import queries as projects
from crm.pipeline.admission import queries, rules, scorecard, services, sittings
from crm.pipeline.admission import terms as office
from crm.pipeline.admission.facts import gather
from crm.pipeline.admission.forms import (
    DecisionForm,
    OpeningForm,
    RecusalForm,
    ScoreForm,
    VoteForm,
)
from crm.pipeline.attempts import attempt
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.admission.models import ReviewCase
    from crm.pipeline.models import Project

bp = Blueprint("admission", __name__, url_prefix="/projects/<int:project_id>/admission")
P = Permission


@bp.get("")
@requires(P.PROJECT_READ, P.OPINION_GIVE)
def show(project_id: int) -> ResponseReturnValue:
    """Show the newest case of a project, or how to open one."""
    return _show(queries.get_project(db.session(), current_actor(), project_id))


def _show(
    project: Project,
    opening: OpeningForm | None = None,
    vote: VoteForm | None = None,
    recusal: RecusalForm | None = None,
) -> str:
    session, actor, today = db.session(), current_actor(), timing.today()
    listed = queries.cases(session, project.id)
    case = listed[0] if listed else None
    running = case is not None and case.state is rules.CaseState.OPEN
    may_open = actor.reaches(P.PROJECT_REVIEW, project.unit_id) or project.owner_id == actor.user_id
    stage_fits = not limits.review_problems(project.stage, left=project.exit_kind is not None)
    if opening is None and may_open and stage_fits and not running:
        opening = _opening(OpeningForm(**office.current(session).departments))
    found = gather(session, project, case, today) if case else None
    return render_template(
        "pipeline/admission/case.html",
        project=project,
        cases=listed,
        case=case,
        running=running,
        found=found,
        decisions=queries.decisions(session, [one.id for one in listed]),
        rules=rules,
        scorecard=scorecard,
        say=say,
        opening=opening,
        vote_form=vote or VoteForm().offer(),
        recusal_form=recusal or RecusalForm(),
        seat=next((seat for seat in found.seats if seat.user_id == actor.user_id), None) if found else None,
        may_review=actor.reaches(P.PROJECT_REVIEW, project.unit_id),
        reads_project=actor.reaches(P.PROJECT_READ, project.unit_id),
        today=today,
        tabs=sections.tabs(actor, project, "admission.show"),
    )


def _opening(form: OpeningForm) -> OpeningForm:
    return form.offer(office.departments(db.session(), timing.today()))


@bp.post("/open")
@requires(P.PROJECT_READ)
def open_case(project_id: int) -> ResponseReturnValue:
    """Open a case: six departments are asked."""
    session, actor = db.session(), current_actor()
    project = projects.get(session, actor, project_id)
    form = _opening(OpeningForm())

    def act() -> object:
        tax, now, today = form.annual_tax.data, timing.now(), timing.today()
        return services.open_case(session, actor, project_id, form.departments(), annual_tax=tax, now=now, today=today)

    refused = attempt(form, act)
    if refused:
        return _show(project, opening=form), refused
    flash(tr("评审已开始，六个部门已收到征求意见"), "ok")
    return _back(project_id)


@bp.post("/vote")
@requires(P.PROJECT_READ, P.OPINION_GIVE)
def vote(project_id: int) -> ResponseReturnValue:
    """Vote as a member of the board."""
    session, actor = db.session(), current_actor()
    project = queries.get_project(session, actor, project_id)
    form = VoteForm().offer()

    def act() -> object:
        cast, reason = form.cast(), text(form.reason)
        return sittings.vote(session, actor, project_id, cast, reason, now=timing.now(), today=timing.today())

    refused = attempt(form, act)
    if refused:
        return _show(project, vote=form), refused
    flash(tr("已表决"), "ok")
    return _back(project_id)


@bp.post("/recuse")
@requires(P.PROJECT_READ, P.OPINION_GIVE)
def recuse(project_id: int) -> ResponseReturnValue:
    """Declare a conflict of interest."""
    session, actor = db.session(), current_actor()
    project = queries.get_project(session, actor, project_id)
    form = RecusalForm()
    if not form.validate():
        return _show(project, recusal=form), limits.REFUSED
    sittings.recuse(session, actor, project_id, text(form.recuse_reason), now=timing.now(), today=timing.today())
    flash(tr("已登记回避"), "ok")
    return _back(project_id)


@bp.route("/score", methods=["GET", "POST"])
@requires(P.PROJECT_REVIEW)
def score(project_id: int) -> ResponseReturnValue:
    """Fill in the scorecard."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.PROJECT_REVIEW)
    case = _running(project)
    known = {key: (line.points, line.reason) for key, (line, _n) in queries.score_lines(session, case.id).items()}
    weights = office.load(case.terms).weights
    form = ScoreForm()
    page = {"project": project, "form": form, "weights": weights, "criteria": scorecard.CRITERIA}
    if request.method == "GET":
        form.show(known)
        return render_template("pipeline/admission/score.html", **page)
    if not form.validate():
        return render_template("pipeline/admission/score.html", **page), limits.REFUSED
    try:
        services.score(session, actor, project_id, form.lines(), now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return render_template("pipeline/admission/score.html", **page), error.status
    flash(tr("评分表已保存"), "ok")
    return _back(project_id)


@bp.route("/decide", methods=["GET", "POST"])
@requires(P.PROJECT_REVIEW)
def decide(project_id: int) -> ResponseReturnValue:
    """Record what the board decided."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.PROJECT_REVIEW)
    found = gather(session, project, _running(project), timing.today())
    form = DecisionForm(minutes_on=timing.today()).offer()
    own = actor.user_id in {project.owner_id, project.created_by}
    page = {
        "project": project,
        "form": form,
        "found": found,
        "own": own,
        "rules": rules,
        "scorecard": scorecard,
        "say": say,
    }
    if request.method == "GET":
        return render_template("pipeline/admission/decide.html", **page)
    if not form.validate():
        return render_template("pipeline/admission/decide.html", **page), limits.REFUSED
    try:
        made = services.decide(session, actor, project_id, form.draft(), now=timing.now(), today=timing.today())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        form.refuse(error.problems)
        return render_template("pipeline/admission/decide.html", **page), error.status
    flash(tr("评审结论已登记：%(result)s", result=tr(rules.OUTCOME_LABELS[made.outcome])), "ok")
    return _back(project_id)


def _running(project: Project) -> ReviewCase:
    case = queries.open_case(db.session(), project.id)
    if case is None:
        raise ConflictError(services.NO_CASE)
    return case


def _back(project_id: int) -> ResponseReturnValue:
    return redirect(url_for("admission.show", project_id=project_id), 303)
