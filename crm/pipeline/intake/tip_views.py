"""The page of one tip: read it, register it as a lead, point it to a project that exists, send it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, NotFoundError
from crm.enterprises.models import Enterprise
from crm.enterprises.queries import enterprise, suggest
from crm.pipeline import limits, queries
from crm.pipeline.forms import ProjectForm
from crm.pipeline.intake import dimensions, referrers, tips
from crm.pipeline.intake.rules import SOURCE_LABELS, TIP_LABELS, TipSource, TipState
from crm.pipeline.intake.setup import load
from crm.pipeline.rules import Capital, Channel
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.intake.models import LeadTip

bp = Blueprint("lead_tips", __name__, url_prefix="/leads/tips")
P = Permission
NAME_LENGTH = 200
CHANNELS = {TipSource.REFERRER: Channel.AGENT, TipSource.SIGNAL: Channel.NEWS}


@bp.get("/<int:tip_id>")
@requires(P.LEAD_REPORT)
def show(tip_id: int) -> ResponseReturnValue:
    """Show a tip; to its triage with the form that makes a lead of it."""
    return _page(tips.get(db.session(), current_actor(), tip_id))


@bp.post("/<int:tip_id>/register")
@requires(P.LEAD_TRIAGE)
def register(tip_id: int) -> ResponseReturnValue:
    """Make a registered lead of a tip."""
    session, actor = db.session(), current_actor()
    tip = tips.get(session, actor, tip_id)
    firm = enterprise(session, request.form.get("enterprise", 0, type=int))
    form = ProjectForm().offer(referrers.choices(session))
    if not form.validate():
        return _page(tip, firm=firm, form=form), limits.REFUSED
    try:
        project = tips.register(session, actor, tip_id, firm.id, form.draft(), now=timing.now())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        session.rollback()
        form.refuse(error.problems)
        return _page(tips.get(session, actor, tip_id), firm=firm, form=form, twin=_twin(error)), limits.REFUSED
    flash(tr("已登记线索“%(name)s”，下一步研判分办", name=project.name), "ok")
    return redirect(url_for("project_intake.show", project_id=project.id), 303)


@bp.post("/<int:tip_id>/attach/<int:project_id>")
@requires(P.LEAD_TRIAGE)
def attach(tip_id: int, project_id: int) -> ResponseReturnValue:
    """Answer a tip with the project that exists already."""
    session, actor = db.session(), current_actor()
    project = queries.get(session, actor, project_id)
    tips.attach(session, actor, tip_id, project, now=timing.now())
    flash(tr("已并入项目“%(name)s”", name=project.name), "ok")
    return redirect(url_for("leads.index"), 303)


@bp.post("/<int:tip_id>/return")
@requires(P.LEAD_TRIAGE)
def send_back(tip_id: int) -> ResponseReturnValue:
    """Answer a tip that becomes no lead."""
    session, actor, reason = db.session(), current_actor(), request.form.get("reason", "")
    try:
        tips.send_back(session, actor, tip_id, reason, now=timing.now())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        problem = "；".join(say(one) for one in error.problems)
        return _page(tips.get(session, actor, tip_id), problem=problem, reason=reason), limits.REFUSED
    flash(tr("已答复报送人"), "ok")
    return redirect(url_for("leads.index"), 303)


def _page(tip: LeadTip, *, firm: Enterprise | None = None, form: ProjectForm | None = None, **extra: Any) -> str:  # noqa: ANN401 (what the template shows)
    session, actor = db.session(), current_actor()
    may_answer = tip.state is TipState.NEW and actor.reaches(P.LEAD_TRIAGE, tip.unit_id)
    wanted = request.args.get("enterprise", type=int) or tip.enterprise_id
    q = request.args.get("q", tip.enterprise_name or "").strip()[:80]
    if may_answer and firm is None and wanted and "q" not in request.args:
        firm = session.get(Enterprise, wanted)
    if may_answer and firm is not None and form is None:
        form = _form(tip, firm)
    proposal = dimensions.industry_of((tip.text, firm.industry if firm else None), load(session).dimensions)
    return render_template(
        "pipeline/intake/tip.html",
        tip=tip,
        may_answer=may_answer,
        firm=firm,
        form=form,
        q=q,
        found=suggest(session, q) if may_answer and firm is None and q else [],
        seen=_seen(tip),
        proposal=proposal,
        labels={"tip": TIP_LABELS, "source": SOURCE_LABELS, "role": dimensions.INDUSTRY_LABELS},
        **extra,
    )


def _form(tip: LeadTip, firm: Enterprise) -> ProjectForm:
    """Fill the form with what the tip says; the person corrects it."""
    name = f"{firm.name[: NAME_LENGTH - 10]}投资项目"
    channel = CHANNELS.get(tip.source, Channel.OTHER)
    return ProjectForm(
        formdata=None,
        name=name,
        content=tip.text,
        industry=firm.industry,
        channel=str(channel),
        capital=str(Capital.PRIVATE),
    ).offer(referrers.choices(db.session()))


def _seen(tip: LeadTip) -> int | None:
    """Return the project a tip became, if the person may open it."""
    if tip.project_id is None or not current_actor().may(P.PROJECT_READ):
        return None
    try:
        return queries.get(db.session(), current_actor(), tip.project_id).id
    except NotFoundError:
        return None


def _twin(error: DomainError) -> int | None:
    """Return the project the tip would double, if the person may see it."""
    ids = [problem.params["project_id"] for problem in error.problems if "project_id" in problem.params]
    try:
        return queries.get(db.session(), current_actor(), int(str(ids[0]))).id if ids else None
    except NotFoundError:
        return None
