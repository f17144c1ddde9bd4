"""Pages of delivery plans: the list by light, the plan of a project, its agent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError
from crm.delivery.plans import checks, lights, pages, queries, rules, services, setting
from crm.delivery.plans.forms import AgentForm, QuestionForm
from crm.delivery.plans.halves import rhythm
from crm.delivery.plans.lights import Light
from crm.delivery.plans.queries import Wanted
from crm.delivery.plans.wording import said, unpack
from crm.pipeline import queries as projects
from crm.pipeline import sections
from crm.pipeline.admission import terms as office
from crm.pipeline.attempts import attempt
from crm.pipeline.landing.nodes import NODE_LABELS
from crm.pipeline.limits import is_signed
from crm.pipeline.rules import STAGE_LABELS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.filters import day
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.delivery.plans.lights import Cause
    from crm.delivery.plans.models import PlanCheck
    from crm.delivery.plans.wording import Said
    from crm.pipeline.landing.models import DeliveryPlan
    from crm.pipeline.models import Project

bp = Blueprint("plans", __name__)
P = Permission
RECENT = 12


def tell(sentence: Said | Cause) -> str:
    """Say a sentence of a plan in the person's language, days as people write them."""
    message, params = sentence if isinstance(sentence, tuple) else (sentence.text, dict(sentence.params))
    return tr(message, **{key: _shown(value) for key, value in params.items()})


def _shown(value: object) -> object:
    if isinstance(value, date):
        return day(value)
    return tr(value) if isinstance(value, str) and value else value


@bp.get("/plans")
@requires(P.PROJECT_READ)
def index() -> ResponseReturnValue:
    """List plans, worst light first."""
    session, actor, today = db.session(), current_actor(), timing.today()
    asked = request.args
    light = next((one for one in Light if one == asked.get("light")), None)
    wanted = Wanted(light, asked.get("unit", type=int), asked.get("agent", type=int), asked.get("check") == "due")
    found = queries.listed(session, actor, wanted, today=today, page=number_or_none(asked.get("page", "1")) or 1)
    return render_template(
        "delivery/plans/index.html",
        found=found,
        wanted=wanted,
        units=people.units(session, today),
        agents=queries.agents(session, actor),
        rhythms={row.plan.id: rhythm(row.checked_on, row.plan.opened_on, today) for row in found.rows},
        limits=setting.current(session).limits,
        lights=lights,
        stages=STAGE_LABELS,
        tell=tell,
        today=today,
        may_set=actor.may(P.PIPELINE_CONFIGURE),
    )


@bp.get("/projects/<int:project_id>/plan")
@requires(P.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show the plan of a project with its nodes, agent, checks and what happened."""
    session, actor = db.session(), current_actor()
    project = projects.get(session, actor, project_id)
    plan = queries.plan_of(session, project.id)
    if plan is None:
        return render_template(
            "delivery/plans/none.html",
            project=project,
            tabs=sections.tabs(actor, project, "plans.show"),
            signed=is_signed(project.stage),
            may_write=actor.reaches(P.PROJECT_WRITE, project.unit_id),
        )
    return shown(project, plan)


def shown(
    project: Project,
    plan: DeliveryPlan,
    *,
    agent: AgentForm | None = None,
    question: QuestionForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Render the page of a plan, with a form that was refused."""
    session, actor, today = db.session(), current_actor(), timing.today()
    nodes = queries.nodes(session, plan.id)
    names = {node.id: tr(NODE_LABELS[node.kind]) for node in nodes}
    standing, verdict = queries.verdict_of(session, plan.id, today)
    done = queries.checks(session, plan.id)
    may_write = actor.reaches(P.PROJECT_WRITE, project.unit_id) and project.exit_kind is None
    chosen = {"agent_id": str(plan.agent_id or "")}
    if may_write:
        agent = agent or AgentForm(formdata=None, data=chosen).offer(pages.staff(session, project, today))
        question = question or QuestionForm(formdata=None).offer(pages.units(session, today))
    page = render_template(
        "delivery/plans/show.html",
        project=project,
        plan=plan,
        tabs=sections.tabs(actor, project, "plans.show"),
        lines=pages.lines(session, nodes, today),
        labels=NODE_LABELS,
        standing=standing,
        verdict=verdict,
        limits=setting.current(session).limits,
        facts=[
            (row, name, tell(said(row, names.get(row.node_id or 0, ""))))
            for row, name in queries.facts(session, plan.id)[:RECENT]
        ],
        checks=[(row, name, _kept(row)) for row, name in done],
        rhythm=rhythm(done[0][0].checked_on if done else None, plan.opened_on, today),
        changes=len(checks.sheet(session, plan, today=today).changes),
        opinions=queries.opinions(session, plan.id),
        deemed_on=office.current(session).deemed,
        agent_form=agent,
        question=question,
        may_write=may_write,
        rules=rules,
        lights=lights,
        tell=tell,
        today=today,
    )
    return page, status


def _kept(row: PlanCheck) -> list[tuple[date, str]]:
    """What a check showed, in the person's language."""
    return [(date.fromisoformat(on), tell(unpack(kept))) for on, kept in row.changes]


@bp.post("/projects/<int:project_id>/plan/open")
@requires(P.PROJECT_WRITE)
def open_plan(project_id: int) -> ResponseReturnValue:
    """Make the plan by hand."""
    services.open_plan(db.session(), current_actor(), project_id, now=timing.now(), today=timing.today())
    flash(tr("推进计划已生成，请核对责任单位和期限"), "ok")
    return redirect(url_for("plans.show", project_id=project_id), 303)


@bp.post("/projects/<int:project_id>/plan/agent")
@requires(P.PROJECT_WRITE)
def agent(project_id: int) -> ResponseReturnValue:
    """Name who runs the errands."""
    session, actor, today = db.session(), current_actor(), timing.today()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    form = AgentForm().offer(pages.staff(session, project, today))

    def act() -> None:
        chosen = number_or_none(text(form.agent_id))
        services.set_agent(session, actor, project_id, chosen, now=timing.now(), today=today)

    plan = queries.plan_of(session, project.id)
    if plan is None:
        raise NotFoundError(queries.ABSENT)
    status = attempt(form, act)
    if status is not None:
        return shown(project, plan, agent=form, status=status)
    flash(tr("代办员已登记"), "ok")
    return redirect(url_for("plans.show", project_id=project_id), 303)
