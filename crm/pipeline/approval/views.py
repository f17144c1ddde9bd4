"""Pages of the approval chain: the papers of a project, and where every running paper lies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.pipeline import papers, sections
from crm.pipeline import queries as projects
from crm.pipeline.admission.terms import departments
from crm.pipeline.approval import contents, queries, rules, services
from crm.pipeline.approval.forms import ClauseForm, ConsultForm, ReadinessForm, StartForm, StepForm, WithdrawForm
from crm.pipeline.attempts import attempt
from crm.pipeline.forms import member
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.approval.models import Approval
    from crm.pipeline.models import Project
    from crm.web.forms import Form

bp = Blueprint("approval", __name__)
P = Permission
BASE = "/projects/<int:project_id>/approvals"


@bp.get("/approvals")
@requires(P.PROJECT_READ)
def index() -> ResponseReturnValue:
    """List every running paper the person may see, by station, the longest lying first."""
    session, actor = db.session(), current_actor()
    station, category = member(rules.Station, request.args.get("station")), request.args.get("category")
    kind, cursor = member(rules.Category, category), request.args.get("cursor")
    return render_template(
        "pipeline/approval/index.html",
        page=queries.page(session, actor, station=station, category=kind, cursor=cursor),
        stations=queries.stations(session, actor),
        station=station,
        category=kind,
        rules=rules,
        today=timing.today(),
    )


@bp.get(BASE)
@requires(P.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show a paper of a project (the newest unless one is named) and where it lies."""
    return _show(projects.get(db.session(), current_actor(), project_id), request.args.get("paper", type=int))


def _show(project: Project, approval_id: int | None = None, form: Form | None = None) -> str:
    session, actor, today = db.session(), current_actor(), timing.today()
    listed = queries.papers_of(session, project.id)
    row = next((one for one in listed if approval_id in {None, one.id}), None)
    paper = queries.whole(session, row) if row else None
    running = row is not None and row.state is rules.PaperState.RUNNING
    may_write = actor.reaches(P.PROJECT_WRITE, project.unit_id) and project.exit_kind is None
    may_record = running and actor.reaches(P.APPROVAL_RECORD, project.unit_id)
    forms = {type(form): form} if form else {}
    return render_template(
        "pipeline/approval/paper.html",
        project=project,
        papers=listed,
        row=row,
        paper=paper,
        running=running,
        may_write=may_write,
        may_record=may_record,
        rules=rules,
        ready=queries.ready_items(paper) if paper else {},
        files=queries.files(session, [step.id for step, _by in paper.steps]) if paper else {},
        start_form=forms.get(StartForm) or (StartForm().offer() if may_write else None),
        step_form=forms.get(StepForm) or (_step_form(row) if may_record and row else None),
        clause_form=forms.get(ClauseForm) or ClauseForm(),
        consult_form=forms.get(ConsultForm)
        or (ConsultForm().offer(departments(session, today)) if may_record else None),
        readiness_form=forms.get(ReadinessForm) or (ReadinessForm().offer(row.checklist) if row else None),
        withdraw_form=forms.get(WithdrawForm) or WithdrawForm(),
        today=today,
        tabs=sections.tabs(actor, project, "approval.show"),
    )


def _step_form(row: Approval) -> StepForm:
    form = StepForm(decided_on=timing.today())
    chain = [rules.Station(key) for key in row.chain]
    return form.offer(chain[: chain.index(row.station) + 1] if row.station else chain)


@bp.post(BASE)
@requires(P.PROJECT_WRITE)
def start(project_id: int) -> ResponseReturnValue:
    """Send a paper on its way."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    form = StartForm().offer()

    def act() -> object:
        title, moment = text(form.title), {"now": timing.now(), "today": timing.today()}
        return services.start(session, actor, project_id, form.kind(), title, **moment)  # type: ignore[arg-type]  # a moment is two values

    refused = attempt(form, act)
    return (_show(project, form=form), refused) if refused else _done(project_id, tr("已送审"))


@bp.post(f"{BASE}/<int:approval_id>/step")
@requires(P.APPROVAL_RECORD)
def step(project_id: int, approval_id: int) -> ResponseReturnValue:
    """Record what the station did where the paper lies."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.APPROVAL_RECORD)
    row = queries.get(session, project.id, approval_id)
    services.still(row)
    form, paper = _step_form(row), papers.upload(request.files.get("file"))
    station = member(rules.Station, request.form.get("station")) or row.station

    def act() -> object:
        draft = form.draft(station or rules.Station.LEGALITY, has_file=paper is not None)
        return services.take(
            session,
            actor,
            project_id,
            approval_id,
            draft,
            now=timing.now(),
            today=timing.today(),
            paper=paper,
            folder=papers.folder(),
        )

    refused = attempt(form, act)
    return (_show(project, approval_id, form), refused) if refused else _done(project_id, tr("已登记办理结果"))


@bp.post(f"{BASE}/<int:approval_id>/withdraw")
@requires(P.PROJECT_WRITE)
def withdraw(project_id: int, approval_id: int) -> ResponseReturnValue:
    """Take a paper back."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    form = WithdrawForm()
    act = partial(services.withdraw, session, actor, project_id, approval_id, text(form.reason), now=timing.now())
    refused = attempt(form, act)
    return (_show(project, approval_id, form), refused) if refused else _done(project_id, tr("已撤回"))


@bp.post(f"{BASE}/<int:approval_id>/clauses")
@requires(P.PROJECT_WRITE)
def add_clause(project_id: int, approval_id: int) -> ResponseReturnValue:
    """List an incentive clause."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    form = ClauseForm()
    act = partial(contents.add_clause, session, actor, project_id, approval_id, text(form.body), now=timing.now())
    refused = attempt(form, act)
    return (_show(project, approval_id, form), refused) if refused else _done(project_id, tr("已列入条款"))


@bp.post(f"{BASE}/<int:approval_id>/consult")
@requires(P.APPROVAL_RECORD)
def consult(project_id: int, approval_id: int) -> ResponseReturnValue:
    """Ask a department."""
    session, actor, today = db.session(), current_actor(), timing.today()
    project = projects.get_for(session, actor, project_id, P.APPROVAL_RECORD)
    form = ConsultForm().offer(departments(session, today))
    moment = {"now": timing.now(), "today": today}

    def act() -> object:
        return contents.consult(session, actor, project_id, approval_id, form.department_id.data, **moment)  # type: ignore[arg-type]  # a moment is two values

    refused = attempt(form, act)
    return (_show(project, approval_id, form), refused) if refused else _done(project_id, tr("已征求意见"))


@bp.post(f"{BASE}/<int:approval_id>/readiness")
@requires(P.PROJECT_WRITE)
def readiness(project_id: int, approval_id: int) -> ResponseReturnValue:
    """Say how a landing condition stands."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    form = ReadinessForm().offer(queries.get(session, project.id, approval_id).checklist)

    def act() -> object:
        return contents.check(session, actor, project_id, approval_id, form.checked(), now=timing.now())

    refused = attempt(form, act)
    return (_show(project, approval_id, form), refused) if refused else _done(project_id, tr("已保存"))


@bp.get(f"{BASE}/<int:approval_id>/files/<int:file_id>")
@requires(P.PROJECT_READ)
def download(project_id: int, approval_id: int, file_id: int) -> Response:
    """Send a paper filed with a step."""
    session = db.session()
    project = projects.get(session, current_actor(), project_id)
    row = queries.get(session, project.id, approval_id)
    return papers.send(queries.file_of(session, row.id, file_id))


def _done(project_id: int, words: str) -> ResponseReturnValue:
    flash(words, "ok")
    return redirect(url_for("approval.show", project_id=project_id), 303)
