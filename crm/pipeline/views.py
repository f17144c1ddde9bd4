"""Pages of projects: board, list, registration, record, facts, owner, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.enterprises.queries import enterprise, suggest
from crm.fieldwork.rules import TOUCH_LABELS
from crm.pipeline import board, fromsignals, limits, queries, record, rules, sections, services
from crm.pipeline.cards import Clock
from crm.pipeline.counting.telling import bars_of
from crm.pipeline.deals import group_pages
from crm.pipeline.forms import ProjectForm, filter_labels, filters_from, order_from
from crm.pipeline.intake import dimensions, narrowing, referrers
from crm.pipeline.outlook import pages
from crm.scoring import asking, display
from crm.scoring.badge import trend
from crm.scoring.display import shown_reasons
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import asked

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.enterprises.models import Enterprise
    from crm.pipeline.models import Project

bp = Blueprint("pipeline", __name__, url_prefix="/projects")
bp.add_app_template_global(asked)
P = Permission


def clock() -> Clock:
    """Return this request's moment."""
    return Clock(timing.now(), timing.today(), timing.zone())


def is_fragment() -> bool:
    """Whether the answer is swapped into a page."""
    return "HX-Request" in request.headers


def address(**changes: object) -> str:
    """Return this list's address with some of its arguments changed; None takes one away."""
    args: dict[str, Any] = {**asked(), **changes}
    args.pop("after", None)
    return url_for("pipeline.index", **{key: value for key, value in args.items() if value not in (None, "")})


@bp.get("")
@requires(P.PROJECT_READ)
def index() -> ResponseReturnValue:
    """Show the board or another view named in the address, where the filters stand too."""
    filters = filters_from(request.args)
    session, actor = db.session(), current_actor()
    owners, units = board.choices(session, actor)
    shared: dict[str, Any] = {
        "filters": filters,
        "labels": filter_labels(),
        "scores": display.boxes("grade", *asking.PARTS, chosen=dict(filters.scored)),
        "score_words": display.asked,
        "units": units,
        "owners": owners,
        "address": address,
        "clock": clock(),
    }
    view = "list" if filters.left else request.args.get("view", "")
    if view == "list" or filters.tier is not None:
        shared["tiers"] = narrowing.tiers(session)
    if view in VIEWS:
        return VIEWS[view](shared)
    lanes = board.lanes(session, actor, filters, shared["clock"])
    keys = [lane.key for lane in lanes]
    lane = request.args.get("lane", "")
    return render_template(
        "pipeline/board.html", **shared, view="board", lanes=lanes, lane=lane if lane in keys else keys[0]
    )


def _list(shared: dict[str, Any]) -> ResponseReturnValue:
    session, actor, filters = db.session(), current_actor(), shared["filters"]
    order = order_from(request.args)
    page = board.listing(session, actor, filters, shared["clock"], order, request.args.get("cursor"))
    count, total = board.totals(session, actor, filters, shared["clock"])
    return render_template(
        "pipeline/list.html", **shared, order=order, view="list", page=page, count=count, total=total
    )


VIEWS = {"list": _list, "calendar": pages.calendar, "forecast": pages.forecast, "groups": group_pages.grouped}


@bp.get("/heads")
@requires(P.PROJECT_READ)
def heads() -> ResponseReturnValue:
    """Renew the column heads after a move; as a page, the board itself."""
    if not is_fragment():
        return redirect(address())
    filters = filters_from(request.args)
    lanes = board.lanes(db.session(), current_actor(), filters, clock(), cards=False)
    return render_template("pipeline/_heads.html", lanes=lanes, filters=filters, address=address)


@bp.get("/column/<lane>")
@requires(P.PROJECT_READ)
def column(lane: str) -> ResponseReturnValue:
    """Show the next cards of a column; as a page, the board itself."""
    if lane not in dict(board.LANES):
        raise NotFoundError(Problem("stage.unknown", "没有这个阶段。"))
    if not is_fragment():
        return redirect(address(lane=lane))
    filters, after = filters_from(request.args), request.args.get("after", "")
    rows, cursor = board.more(db.session(), current_actor(), filters, clock(), lane, after)
    return render_template("pipeline/_cards.html", rows=rows, more=cursor, lane=lane, labels=filter_labels())


@bp.get("/new")
@requires(P.PROJECT_WRITE)
def new() -> ResponseReturnValue:
    """Choose an enterprise, then register a lead on it."""
    enterprise_id = request.args.get("enterprise", type=int)
    if enterprise_id is None:
        q = request.args.get("q", "").strip()[:80]
        found = suggest(db.session(), q) if q else []
        return render_template("pipeline/choose.html", q=q, found=found)
    firm = enterprise(db.session(), enterprise_id)
    form = ProjectForm(industry=firm.industry, channel=str(rules.Channel.OTHER), capital=str(rules.Capital.PRIVATE))
    return _project_form(form.offer(referrers.choices(db.session())), firm)


@bp.post("/new")
@requires(P.PROJECT_WRITE)
def register() -> ResponseReturnValue:
    """Register a lead; a duplicate is refused with a link to the first registration."""
    firm = enterprise(db.session(), request.form.get("enterprise", 0, type=int))
    form = ProjectForm().offer(referrers.choices(db.session()))
    if not form.validate():
        return _project_form(form, firm), 422
    try:
        project = services.register_lead(db.session(), current_actor(), firm.id, form.draft(), now=timing.now())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        form.refuse(error.problems)
        return _project_form(form, firm, twin=_twin(error)), 422
    flash(tr("已登记线索“%(name)s”", name=project.name), "ok")
    return redirect(url_for("pipeline.show", project_id=project.id), 303)


@bp.post("/from-signal/<int:signal_id>")
@requires(P.PROJECT_WRITE)
def from_signal(signal_id: int) -> ResponseReturnValue:
    """Turn a signal into a lead (转线索); the second click opens the project made by the first."""
    project, new_one = fromsignals.register_from_signal(db.session(), current_actor(), signal_id, now=timing.now())
    words = tr("已转为线索，请补充项目信息") if new_one else tr("这条动态已经转为线索")
    flash(words, "ok" if new_one else "info")
    target = url_for("pipeline.show", project_id=project.id)
    if is_fragment():
        return "", 200, {"HX-Redirect": target}
    return redirect(target, 303)


@bp.get("/<int:project_id>")
@requires(P.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show a project: next gate, facts, stream and what stands beside it."""
    return show_record(project_id)


def show_record(project_id: int, note: str = "", problem: str = "") -> str:
    """Render a project's page, with a refused note kept in its field."""
    whole = request.args.get("stream") == "all"
    found = record.load(db.session(), current_actor(), project_id, whole=whole, now=timing.now())
    target = rules.next_stage(found.facts.stage)
    actor, unit_id = current_actor(), found.project.unit_id
    may = {permission: actor.reaches(permission, unit_id) for permission in Permission}
    problems = rules.move_problems(found.facts, target) if target else []
    return render_template(
        "pipeline/record.html",
        rec=found,
        bars=bars_of(db.session(), found.project),
        reasons=shown_reasons(found.score.reasons) if found.score else [],
        trend=trend(found.score) if found.score else None,
        project=found.project,
        target=target,
        checks=rules.checklist(found.facts, target) if target else (),
        problems=[problem for problem in problems if problem.key != "gate.evidence"],
        may=may,
        may_return=queries.may_return(actor, unit_id),
        rules=rules,
        kinds=dimensions,
        tabs=sections.tabs(actor, found.project, "pipeline.show"),
        touch_labels=TOUCH_LABELS,
        review_labels=limits.REVIEW_LABELS,
        note=note,
        problem=problem,
        today=timing.today(),
    )


@bp.post("/<int:project_id>/notes")
@requires(P.PROJECT_WRITE)
def add_note(project_id: int) -> ResponseReturnValue:
    """Add a remark to the stream."""
    body = request.form.get("body", "")
    try:
        services.add_note(db.session(), current_actor(), project_id, body, now=timing.now())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        return show_record(project_id, note=body, problem=tr(error.problems[0].message)), 422
    return redirect(url_for("pipeline.show", project_id=project_id), 303)


@bp.get("/<int:project_id>/edit")
@requires(P.PROJECT_WRITE)
def edit(project_id: int) -> ResponseReturnValue:
    """Show the form of a project's facts."""
    project = queries.get_for(db.session(), current_actor(), project_id, P.PROJECT_WRITE)
    return _project_form(ProjectForm(obj=project).offer(referrers.choices(db.session())), project.enterprise, project)


@bp.post("/<int:project_id>/edit")
@requires(P.PROJECT_WRITE)
def update(project_id: int) -> ResponseReturnValue:
    """Change a project's facts; a conflict keeps what was typed beside what is stored."""
    project = queries.get_for(db.session(), current_actor(), project_id, P.PROJECT_WRITE)
    form = ProjectForm().offer(referrers.choices(db.session()))
    if not form.validate():
        return _project_form(form, project.enterprise, project), 422
    version = form.version.data or 0
    try:
        services.update_project(
            db.session(), current_actor(), project_id, form.draft(), version=version, now=timing.now()
        )
    except ConflictError as error:
        form.refuse(error.problems)
        form.version.raw_data = [str(project.version)]
        return _project_form(form, project.enterprise, project, stored=project), 409
    except DomainError as error:
        form.refuse(error.problems)
        return _project_form(form, project.enterprise, project, twin=_twin(error)), 422
    flash(tr("已保存"), "ok")
    return redirect(url_for("pipeline.show", project_id=project_id), 303)


def _project_form(form: ProjectForm, firm: Enterprise, project: Project | None = None, **extra: object) -> str:
    return render_template("pipeline/project_form.html", form=form, firm=firm, project=project, text=text, **extra)


def _twin(error: DomainError) -> int | None:
    """Return the project a duplicate would double, if the person may see it."""
    ids = [problem.params["project_id"] for problem in error.problems if "project_id" in problem.params]
    if not ids:
        return None
    try:
        return queries.get(db.session(), current_actor(), int(str(ids[0]))).id
    except NotFoundError:
        return None
