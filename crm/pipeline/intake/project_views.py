"""The tab 线索与归口 of a project: where its lead stands, who took it when, its size, leaders and flags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import workdays
from crm.core.errors import DomainError, NotFoundError
from crm.pipeline import queries as projects
from crm.pipeline import sections
from crm.pipeline.intake import dimensions, handovers, leaders, opening, queries, services
from crm.pipeline.intake.forms import ReceiverForm
from crm.pipeline.intake.rules import ACT_LABELS, ANSWER_LABELS, LEAD_LABELS, Act, act_problems
from crm.pipeline.intake.setup import load
from crm.pipeline.views import clock
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.intake.setup import Setup
    from crm.pipeline.models import Project

bp = Blueprint("project_intake", __name__, url_prefix="/projects/<int:project_id>/intake")
P = Permission
ACTS = (Act.BEGIN, Act.RETURN, Act.RESUBMIT, Act.POOL, Act.RECALL)


@bp.get("")
@requires(P.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show where the lead stands and what may be done now."""
    return _page(project_id)


@bp.post("/assign")
@requires(P.LEAD_TRIAGE)
def assign(project_id: int) -> ResponseReturnValue:
    """Pass the triage and name who takes the lead."""
    session, actor, today = db.session(), current_actor(), timing.today()
    project = projects.get(session, actor, project_id)
    seats = queries.receivers(session, actor.scope(P.LEAD_TRIAGE), today)
    form = ReceiverForm().offer(seats)
    if not form.validate():
        return _page(project_id, form=form), DomainError.status
    to, reason = form.receiver(seats, project.unit_id), text(form.reason)
    try:
        row = handovers.assign(session, actor, project_id, to, reason, now=timing.now(), today=today)
    except DomainError as error:
        return _refused(error, project_id, form)
    words = tr("研判通过，等待对方接收") if row.state == "assigned" else tr("研判通过，由负责人继续跟进")
    flash(words, "ok")
    return _back(project_id)


@bp.post("/withdraw")
@requires(P.PROJECT_WRITE)
def withdraw(project_id: int) -> ResponseReturnValue:
    """Take back a hand-over that was not answered yet."""
    try:
        handovers.withdraw(db.session(), current_actor(), project_id, now=timing.now())
    except DomainError as error:
        return _refused(error, project_id)
    flash(tr("已撤回移交"), "ok")
    return _back(project_id)


@bp.post("/key")
@requires(P.PROJECT_KEY)
def key(project_id: int) -> ResponseReturnValue:
    """Put the project on the list of key projects, or take it off."""
    on, reason = request.form.get("on") == "1", request.form.get("reason", "")[:200]
    try:
        services.set_key(db.session(), current_actor(), project_id, on=on, reason=reason, now=timing.now())
    except DomainError as error:
        return _refused(error, project_id)
    flash(tr("已列为重点项目") if on else tr("已移出重点项目"), "ok")
    return _back(project_id)


@bp.post("/<act>")
@requires(P.PROJECT_WRITE)
def step(project_id: int, act: str) -> ResponseReturnValue:
    """Make one step of the lead that needs no second person."""
    if act not in ACTS:
        raise NotFoundError(opening.ABSENT)
    session, actor, now = db.session(), current_actor(), timing.now()
    reason = request.form.get("reason", "")[:2000]
    try:
        match Act(act):
            case Act.BEGIN:
                services.begin(session, actor, project_id, now=now)
            case Act.RETURN:
                services.return_lead(session, actor, project_id, reason, now=now)
            case Act.RESUBMIT:
                services.resubmit(session, actor, project_id, now=now)
            case Act.POOL:
                services.to_pool(session, actor, project_id, reason, now=now)
            case _:
                services.recall(session, actor, project_id, reason, now=now)
    except DomainError as error:
        return _refused(error, project_id, reasons={act: reason})
    flash(tr("已办理：%(act)s", act=tr(ACT_LABELS[Act(act)])), "ok")
    return _back(project_id)


def _back(project_id: int) -> ResponseReturnValue:
    return redirect(url_for("project_intake.show", project_id=project_id), 303)


def _refused(
    error: DomainError, project_id: int, form: ReceiverForm | None = None, reasons: dict[str, str] | None = None
) -> ResponseReturnValue:
    if error.status not in {DomainError.status, 409}:
        raise error
    db.session().rollback()
    problem = "；".join(say(one) for one in error.problems)
    return _page(project_id, form=form, problem=problem, reasons=reasons), error.status


def _page(
    project_id: int, form: ReceiverForm | None = None, problem: str = "", reasons: dict[str, str] | None = None
) -> str:
    session, actor = db.session(), current_actor()
    project = projects.get(session, actor, project_id)
    setup = load(session)
    lead = queries.lead_of(session, project, setup, clock())
    if lead is None:
        raise NotFoundError(opening.ABSENT)
    asked = queries.handovers(session, project.id)
    waiting = next((one for one in asked if one.answered_at is None), None)
    facts = services.facts_from(project, lead.state, waiting=waiting is not None)
    allowed = {
        act
        for act in (*ACTS, Act.ASSIGN)
        if not act_problems(act, facts, services.party_for(actor, project, act), reason="-")
    }
    size = _size(project, setup)
    if Act.ASSIGN in allowed and form is None:
        form = _receiver_form(project, size["industry"])
    return render_template(
        "pipeline/intake/project.html",
        project=project,
        tabs=sections.tabs(actor, project, "project_intake.show"),
        lead=lead,
        history=queries.history(session, project.id),
        handovers=asked,
        waiting=waiting,
        mine_to_answer=waiting is not None and handovers.addressed_to(actor, waiting),
        may_withdraw=waiting is not None
        and (waiting.asked_by == actor.user_id or actor.reaches(P.LEAD_TRIAGE, project.unit_id)),
        allowed=allowed,
        act_labels=ACT_LABELS,
        labels={"lead": LEAD_LABELS, "answer": ANSWER_LABELS, "role": dimensions.INDUSTRY_LABELS},
        kinds=dimensions,
        size=size,
        leaders=leaders.of_project(session, project, timing.today()),
        referrer=queries.referrer_name(session, project.referrer_id),
        may_key=actor.reaches(P.PROJECT_KEY, project.unit_id),
        form=form,
        problem=problem,
        reasons=reasons or {},
        setup=setup,
        today=timing.today(),
        known_year=workdays.knows(timing.today()),
    )


def _size(project: Project, setup: Setup) -> dict[str, Any]:
    """What the office's rules say of the project: tier, band, and its place in the industries."""
    texts = (project.industry, project.product_line, project.name)
    return {
        "tier": dimensions.tier_of(project.total_investment, setup.dimensions),
        "band": dimensions.band_of(project.total_investment, setup.dimensions),
        "industry": dimensions.industry_of(texts, setup.dimensions),
    }


def _receiver_form(project: Project, industry: dimensions.Industry | None) -> ReceiverForm:
    """Offer who can take the lead: the team of its industry first, else whoever has it now."""
    actor = current_actor()
    seats = queries.receivers(db.session(), actor.scope(P.LEAD_TRIAGE), timing.today())
    team = industry.unit_id if industry else None
    proposed = f"unit-{team}" if team in {seat[0] for seat in seats} else str(project.owner_id or "")
    return ReceiverForm(formdata=None, owner_id=proposed).offer(seats)
