"""Pages of exit cases: the list, opening one, one case with its letters."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.delivery.exits import queries, rules, services
from crm.delivery.exits.forms import StartForm, StepForm
from crm.delivery.exits.rules import BY_LEAD, BY_SECOND, NEXT, Cause, StepKind
from crm.delivery.letters import rules as letter_rules
from crm.delivery.letters import services as sending
from crm.delivery.obligations import queries as obligations
from crm.pipeline import queries as projects
from crm.pipeline.attempts import attempt
from crm.pipeline.deals import duties
from crm.pipeline.deals.rules import CURRENCY_LABELS
from crm.resources.carriers import queries as carriers
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.auth.rules import Actor
    from crm.delivery.exits.queries import Row

bp = Blueprint("exit_cases", __name__)
P = Permission


@bp.get("/exit-cases")
@requires(P.PROJECT_READ)
def index() -> ResponseReturnValue:
    """List open cases, or those that ended."""
    session, actor, today = db.session(), current_actor(), timing.today()
    closed = request.args.get("state") == "closed"
    page = queries.listing(session, actor, closed=closed, cursor=request.args.get("cursor"))
    return render_template(
        "delivery/exits/index.html",
        page=page,
        closed=closed,
        units=people.unit_names(session, [row.project.unit_id for row in page.rows]),
        today=today,
        rules=rules,
    )


@bp.route("/projects/<int:project_id>/exit-case", methods=["GET", "POST"])
@requires(P.PROJECT_WRITE)
def start(project_id: int) -> ResponseReturnValue:
    """Open a case: the reminder goes out with it."""
    session, actor, today = db.session(), current_actor(), timing.today()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    known = obligations.ledger(session, project, today)
    form = StartForm(cause=str(Cause.DEPOSIT if known.late_deposits else Cause.MILESTONE)).offer()
    page = {
        "project": project,
        "form": form,
        "known": known,
        "duties": duties,
        "currencies": CURRENCY_LABELS,
        "today": today,
    }
    if request.method == "GET":
        return render_template("delivery/exits/start.html", **page)
    kept: list[int] = []

    def act() -> None:
        cause = Cause(form.cause.data)
        case = services.start(session, actor, project_id, cause, form.draft(), now=timing.now(), today=today)
        kept.append(case.id)

    status = attempt(form, act)
    if status is not None:
        return render_template("delivery/exits/start.html", **page), status
    flash(tr("提醒函已编号存档，请下载送达"), "ok")
    return redirect(url_for("exit_cases.show", case_id=kept[0]), 303)


@bp.route("/exit-cases/<int:case_id>", methods=["GET", "POST"])
@requires(P.PROJECT_READ)
def show(case_id: int) -> ResponseReturnValue:
    """Show a case with its letters; a POST goes a step on."""
    session, actor, today = db.session(), current_actor(), timing.today()
    row = queries.get(session, actor, case_id)
    kinds = _open_to(actor, row)
    form = StepForm().offer(kinds)
    status = None
    if request.method == "POST":
        form.offer(NEXT[row.case.last])  # who may not do a step is told so, not that it does not exist

        def act() -> None:
            services.go_on(session, actor, case_id, form.draft(), now=timing.now(), today=today)

        status = attempt(form, act)
        if status is None:
            flash(tr("已办理"), "ok")
            return redirect(url_for("exit_cases.show", case_id=case_id), 303)
    held = carriers.holds_of(session, [row.project.id])
    page = render_template(
        "delivery/exits/show.html",
        row=row,
        grounds=[(what, date.fromisoformat(due) if due else None, *rest) for what, due, *rest in row.case.grounds],
        steps=queries.steps(session, case_id),
        reversals=queries.reversals(session, case_id),
        held=held,
        carriers=carriers.named(session, [hold.carrier_id for hold in held]),
        word=sending.word(session),
        form=form,
        kinds=kinds,
        early=row.case.due_on is not None and today <= row.case.due_on,
        today=today,
        rules=rules,
        letter_rules=letter_rules,
    )
    return page, status or 200


def _open_to(actor: Actor, row: Row) -> tuple[StepKind, ...]:
    """Give the steps a person may do next."""
    unit_id, case = row.project.unit_id, row.case
    needs = {
        kind: P.EXIT_SIGN if kind in BY_SECOND else P.LEAD_TRIAGE if kind in BY_LEAD else P.PROJECT_WRITE
        for kind in NEXT[case.last]
    }
    own = {case.proposed_by, row.project.owner_id, row.project.created_by}
    return tuple(
        kind
        for kind, need in needs.items()
        if actor.reaches(need, unit_id) and not (kind is StepKind.TERMINATE and actor.user_id in own)
    )
