"""Pages of leads: report a tip on the phone, see what waits for one's answer, answer it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import workdays
from crm.core.errors import DomainError
from crm.enterprises.queries import contacts_of, suggest
from crm.pipeline.intake import handovers, pool, queries, tips
from crm.pipeline.intake.forms import TipForm
from crm.pipeline.intake.rules import LEAD_LABELS, SOURCE_LABELS, TIP_LABELS, TipSource
from crm.pipeline.intake.setup import load
from crm.pipeline.rules import STAGE_LABELS
from crm.pipeline.views import clock, is_fragment
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("leads", __name__, url_prefix="/leads")
P = Permission
REFUSED = DomainError.status
WORDS = {"lead": LEAD_LABELS, "tip": TIP_LABELS, "source": SOURCE_LABELS, "stage": STAGE_LABELS}


@bp.get("")
@requires(P.LEAD_REPORT)
def index() -> ResponseReturnValue:
    """Show what waits for this person: to accept, to answer, to triage, to mend."""
    return _index()


def _index(problem: str = "", kept: dict[str, str] | None = None) -> str:
    session, actor, now = db.session(), current_actor(), clock()
    setup = load(session)
    triages = actor.may(P.LEAD_TRIAGE)
    return render_template(
        "pipeline/intake/index.html",
        words=WORDS,
        handovers=queries.to_accept(session, actor),
        tips=queries.tips_to_answer(session, actor) if triages else [],
        triage=queries.to_triage(session, actor, setup, now) if triages else [],
        mend=queries.to_mend(session, actor, setup, now) if actor.may(P.PROJECT_READ) else [],
        counts=queries.counts(session, actor),
        triages=triages,
        reads=actor.may(P.PROJECT_READ),
        setup=setup,
        respond=respond_due,
        today=timing.today(),
        known_year=workdays.knows(timing.today()),
        problem=problem,
        kept=kept or {},
    )


def respond_due(moment: Any) -> Any:  # noqa: ANN401 (an instant of a row, a day for the page)
    """Return the day by which a tip or a hand-over asked at a moment has to be answered."""
    days = load(db.session()).clocks.respond_days
    return workdays.add_workdays(moment.astimezone(timing.zone()).date(), days) if days else None


@bp.get("/mine")
@requires(P.LEAD_REPORT)
def mine() -> ResponseReturnValue:
    """Show what this person reported and what became of it."""
    page = queries.my_tips(db.session(), current_actor(), cursor=request.args.get("cursor"))
    return render_template("pipeline/intake/mine.html", page=page, words=WORDS)


@bp.get("/silent")
@requires(P.PROJECT_READ)
def silent() -> ResponseReturnValue:
    """Show the projects before review on which nobody has done anything for long."""
    session, actor = db.session(), current_actor()
    setup, own = load(session), request.args.get("whose") == "mine"
    page = queries.silent(session, actor, setup, clock(), mine=own, cursor=request.args.get("cursor"))
    return render_template("pipeline/intake/silent.html", page=page, own=own, setup=setup, words=WORDS)


@bp.get("/new")
@requires(P.LEAD_REPORT)
def new() -> ResponseReturnValue:
    """Show the one-field form."""
    source, firm_id = request.args.get("source", ""), request.args.get("enterprise", type=int)
    form = TipForm(
        formdata=None,
        client_id=secrets.token_hex(16),
        text=request.args.get("text", "")[:500] or _teller(firm_id),
        enterprise_name=request.args.get("firm", "")[:200],
        enterprise_id=firm_id,
        source=source if source in list(TipSource) else TipSource.STAFF.value,
    )
    return render_template("pipeline/intake/new.html", form=form.offer())


def _teller(firm_id: int | None) -> str:
    """Begin the text with the contact the person came from; a name never stands in an address."""
    contact_id, actor = request.args.get("contact", type=int), current_actor()
    if firm_id is None or contact_id is None or not actor.may(P.CONTACT_READ):
        return ""
    known = contacts_of(db.session(), actor, firm_id)
    return next((tr("%(name)s告知：", name=one.name) for one in known if one.id == contact_id), "")


@bp.post("/new")
@requires(P.LEAD_REPORT)
def report() -> ResponseReturnValue:
    """Keep the tip once, however often the button is tapped; a refusal keeps every word."""
    form = TipForm().offer()
    if not form.validate():
        return render_template("pipeline/intake/new.html", form=form), REFUSED
    try:
        tips.report(db.session(), current_actor(), form.draft(), client_id=text(form.client_id), now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return render_template("pipeline/intake/new.html", form=form), error.status
    flash(tr("已报上去了，谁接、结果如何都会写在这里"), "ok")
    return redirect(url_for("leads.mine"), 303)


@bp.get("/firms")
@requires(P.ENTERPRISE_READ)
def firms() -> ResponseReturnValue:
    """Offer known enterprises while somebody types; as a page, the form itself."""
    q = request.args.get("enterprise_name", "").strip()[:80]
    if not is_fragment():
        return redirect(url_for("leads.new", firm=q))
    return render_template("pipeline/intake/_firms.html", found=suggest(db.session(), q) if q else [], q=q)


@bp.post("/handovers/<int:handover_id>/accept")
@requires(P.PROJECT_WRITE)
def accept(handover_id: int) -> ResponseReturnValue:
    """Take over what was handed to this person."""
    session, actor = db.session(), current_actor()
    person = request.form.get("owner_id", type=int)
    try:
        project = handovers.accept(session, actor, handover_id, now=timing.now(), today=timing.today(), user_id=person)
    except DomainError as error:
        return _refused(error)
    flash(tr("已接收“%(name)s”", name=project.name), "ok")
    return redirect(url_for("project_intake.show", project_id=project.id), 303)


@bp.post("/handovers/<int:handover_id>/refuse")
@requires(P.PROJECT_WRITE)
def decline(handover_id: int) -> ResponseReturnValue:
    """Refuse what was handed to this person, with the reason."""
    reason = request.form.get("reason", "")
    try:
        handovers.decline(db.session(), current_actor(), handover_id, reason, now=timing.now())
    except DomainError as error:
        return _refused(error, {f"h{handover_id}": reason})
    flash(tr("已答复：不接收"), "ok")
    return redirect(url_for("leads.index"), 303)


@bp.get("/pool")
@requires(P.PROJECT_READ)
def pool_page() -> ResponseReturnValue:
    """Show the pool and how many one may still claim."""
    return _pool()


def _pool(problem: str = "") -> str:
    session, actor = db.session(), current_actor()
    setup = load(session)
    page = pool.page(session, actor, setup, cursor=request.args.get("cursor"))
    return render_template(
        "pipeline/intake/pool.html",
        page=page,
        setup=setup,
        held=pool.held(session, actor),
        may_claim=actor.may(P.PROJECT_WRITE),
        me=actor.user_id,
        words=WORDS,
        problem=problem,
    )


@bp.post("/pool/<int:project_id>/claim")
@requires(P.PROJECT_WRITE)
def claim(project_id: int) -> ResponseReturnValue:
    """Claim a lead of the pool."""
    try:
        project = pool.claim(db.session(), current_actor(), project_id, now=timing.now())
    except DomainError as error:
        if error.status not in {REFUSED, 409}:
            raise
        db.session().rollback()
        return _pool("；".join(say(problem) for problem in error.problems)), error.status
    flash(tr("已认领“%(name)s”，由您负责", name=project.name), "ok")
    return redirect(url_for("project_intake.show", project_id=project.id), 303)


def _refused(error: DomainError, kept: dict[str, str] | None = None) -> ResponseReturnValue:
    if error.status not in {REFUSED, 409}:
        raise error
    db.session().rollback()
    return _index("；".join(say(problem) for problem in error.problems), kept), error.status
