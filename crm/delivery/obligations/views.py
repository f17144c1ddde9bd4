"""Pages of obligations: what is due everywhere, the ledger of a project, a measured obligation, records, payouts."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.filestore import DOCX, clean_name
from crm.delivery.exits import queries as exits
from crm.delivery.exits import rules as exit_rules
from crm.delivery.letters import queries as letters
from crm.delivery.letters import rules as letter_rules
from crm.delivery.letters import services as sending
from crm.delivery.obligations import due, queries, reviewing, rules, services, telling
from crm.delivery.obligations.due import What
from crm.delivery.obligations.forms import DunForm, DutyForm, PayoutForm, RecordForm
from crm.pipeline import queries as projects
from crm.pipeline import sections
from crm.pipeline.attempts import attempt
from crm.pipeline.deals import duties, setting
from crm.pipeline.deals.rules import CURRENCY_LABELS, SIDE_LABELS, Side
from crm.pipeline.facts import facts_of
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

    from crm.delivery.obligations.queries import Ledger, Line
    from crm.pipeline.models import Project

bp = Blueprint("obligations", __name__)
P = Permission
LATE, SOON = "late", "soon"


@bp.get("/obligations")
@requires(P.PROJECT_READ)
def index() -> ResponseReturnValue:
    """List what is late or due soon, and how each unit's contracts are kept."""
    session, actor, today = db.session(), current_actor(), timing.today()
    what = next((one for one in What if one == request.args.get("what")), What.THEIRS)
    late = request.args.get("state") != SOON
    unit_id = request.args.get("unit", type=int)
    allowed = actor.scope(P.PROJECT_READ)
    units = {unit.id: unit.name for unit in people.units(session, today) if allowed is None or unit.id in allowed}
    return render_template(
        "delivery/obligations/index.html",
        page=due.listing(
            session, actor, what, late=late, unit_id=unit_id, today=today, cursor=request.args.get("cursor")
        ),
        what=what,
        late=late,
        unit_id=unit_id,
        units=units,
        rates=due.rates(session, actor, today),
        today=today,
        labels=due.WHAT_LABELS,
        duties=duties,
        sides=Side,
        rules=rules,
        currencies=CURRENCY_LABELS,
    )


@bp.get("/projects/<int:project_id>/obligations")
@requires(P.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show both sides' obligations of a project, deposit, letters and the road out."""
    session, actor, today = db.session(), current_actor(), timing.today()
    project = projects.get(session, actor, project_id)
    known = queries.ledger(session, project, today)
    locks = {line.row.id: _locks(project, known, line) for line in known.ours if line.kind is duties.Duty.PAYOUT}
    cases = exits.of_project(session, project.id)
    return render_template(
        "delivery/obligations/show.html",
        project=project,
        tabs=sections.tabs(actor, project, "obligations.show"),
        known=known,
        locks=locks,
        late={"deposit": bool(known.late_deposits), "capital": bool(telling.late_capital(known, today))},
        letters=letters.of_project(session, project.id),
        word=sending.word(session),
        cases=cases,
        contract=bool(queries.contracts(session, project.id)),
        may_write=actor.reaches(P.PROJECT_WRITE, project.unit_id) and project.exit_kind is None,
        may_exit=bool(known.late or known.late_deposits)
        and all(case.closed_on is not None for case in cases)
        and facts_of(session, project).bound.signed,
        today=today,
        sides=SIDE_LABELS,
        duties=duties,
        currencies=CURRENCY_LABELS,
        rules=rules,
        letter_rules=letter_rules,
        exit_rules=exit_rules,
    )


def _locks(project: Project, known: Ledger, line: Line) -> list[str]:
    """Say why a payout is locked; empty where it may be paid."""
    session = db.session()
    review = reviewing.basis(session, project.id, line.term)
    signed_on = projects.get_agreement(session, project.id, line.row.agreement_id).signed_on
    lapsed = reviewing.lapsed(session, line.term, signed_on)
    problems = rules.lock_problems(known.lock(line, review, left=project.exit_kind is not None, lapsed=lapsed))
    if not problems and current_actor().user_id in queries.confirmers(session, project.id, known.asked(line)):
        problems = [services.CONFIRMED]
    return [say(problem) for problem in problems]


@bp.route("/projects/<int:project_id>/obligations/new", methods=["GET", "POST"])
@requires(P.PROJECT_WRITE)
def new(project_id: int) -> ResponseReturnValue:
    """Add a measured obligation, or make one in words measurable."""
    session, actor, today = db.session(), current_actor(), timing.today()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    known = queries.ledger(session, project, today)
    written = number_or_none(request.args.get("of", ""))
    before = known.line(written).row if written is not None else None
    start = {"text": before.body[:200], "due_on": before.due_on, "agreement": before.agreement_id} if before else {}
    form = DutyForm(data=start).offer(
        [(row.id, f"{row.number or tr('合同')} {row.signed_on}") for row in queries.contracts(session, project.id)],
        [(line.row.id, line.row.body) for line in known.theirs],
        reviewing.clauses(session),
        setting.current(session).currencies,
    )
    page = {"project": project, "form": form, "before": before, "duties": duties}
    if request.method == "GET":
        return render_template("delivery/obligations/new.html", **page)

    def act() -> None:
        services.add(
            session,
            actor,
            project_id,
            number_or_none(text(form.agreement)) or 0,
            form.draft(),
            now=timing.now(),
            today=today,
            written=written,
        )

    status = attempt(form, act)
    if status is not None:
        return render_template("delivery/obligations/new.html", **page), status
    flash(tr("已登记义务"), "ok")
    return redirect(url_for("obligations.show", project_id=project_id), 303)


@bp.route("/projects/<int:project_id>/obligations/<int:obligation_id>/record", methods=["GET", "POST"])
@requires(P.PROJECT_WRITE)
def record(project_id: int, obligation_id: int) -> ResponseReturnValue:
    """Write down how far an obligation is."""
    session, actor, today = db.session(), current_actor(), timing.today()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    line = queries.ledger(session, project, today).line(obligation_id)
    form = RecordForm(on=today)
    page = {
        "project": project,
        "line": line,
        "form": form,
        "records": queries.records(session, line.row.id),
        "duties": duties,
    }
    if request.method == "GET":
        return render_template("delivery/obligations/record.html", **page)

    def act() -> None:
        services.record(session, actor, project_id, obligation_id, form.draft(), now=timing.now(), today=today)

    status = attempt(form, act)
    if status is not None:
        return render_template("delivery/obligations/record.html", **page), status
    flash(tr("已登记履约记录"), "ok")
    return redirect(url_for("obligations.show", project_id=project_id), 303)


@bp.route("/projects/<int:project_id>/obligations/<int:obligation_id>/payout", methods=["GET", "POST"])
@requires(P.PROJECT_WRITE)
def payout(project_id: int, obligation_id: int) -> ResponseReturnValue:
    """Pay what was promised, once its condition is met and its review passed."""
    session, actor, today = db.session(), current_actor(), timing.today()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    known = queries.ledger(session, project, today)
    line = known.line(obligation_id)
    form = PayoutForm(paid_on=today, amount=known.unpaid(line))
    page = {"project": project, "line": line, "form": form, "known": known, "locks": _locks(project, known, line)}
    if request.method == "GET":
        return render_template("delivery/obligations/payout.html", **page)

    def act() -> None:
        services.pay(session, actor, project_id, obligation_id, form.draft(), now=timing.now(), today=today)

    status = attempt(form, act)
    if status is not None:
        return render_template("delivery/obligations/payout.html", **page), status
    flash(tr("已登记兑现"), "ok")
    return redirect(url_for("obligations.show", project_id=project_id), 303)


@bp.route("/projects/<int:project_id>/obligations/dun/<any(deposit, capital):kind>", methods=["GET", "POST"])
@requires(P.PROJECT_WRITE)
def dun(project_id: int, kind: str) -> ResponseReturnValue:
    """Send a dunning letter for the deposit or the capital."""
    session, actor, today = db.session(), current_actor(), timing.today()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    known = queries.ledger(session, project, today)
    asked, form = letter_rules.LetterKind(kind), DunForm()
    page = {
        "project": project,
        "kind": asked,
        "form": form,
        "deposits": known.late_deposits if kind == "deposit" else (),
        "lines": [] if kind == "deposit" else [one for one in known.late if one.kind is duties.Duty.CAPITAL],
        "duties": duties,
        "currencies": CURRENCY_LABELS,
        "today": today,
        "letter_rules": letter_rules,
    }
    if request.method == "GET":
        return render_template("delivery/obligations/dun.html", **page)

    def act() -> None:
        services.dun(
            session, actor, project_id, asked, text(form.detail), days=form.days.data, now=timing.now(), today=today
        )

    status = attempt(form, act)
    if status is not None:
        return render_template("delivery/obligations/dun.html", **page), status
    flash(tr("催缴函已编号存档，可以下载"), "ok")
    return redirect(url_for("obligations.show", project_id=project_id), 303)


@bp.get("/letters/<int:letter_id>.docx")
@requires(P.PROJECT_READ)
def letter(letter_id: int) -> Response:
    """Send a letter as it was filed."""
    session = db.session()
    row = letters.whole(session, current_actor(), letter_id)
    number = letter_rules.number_of(sending.word(session), row.year, row.seq)
    name = clean_name(f"{tr(letter_rules.KIND_LABELS[row.kind])}-{number}".replace("/", "-") + ".docx")
    return send_file(BytesIO(row.document), mimetype=DOCX, as_attachment=True, download_name=name)
