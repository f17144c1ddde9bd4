"""Pages of idle land: what is suspected, the cases under way, one case with its letters."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ForbiddenError, NotFoundError
from crm.core.filestore import DOCX, clean_name
from crm.land import holders, suspects
from crm.land.carrier_forms import FoundForm, StepForm
from crm.land.idle_paper import letter
from crm.pipeline.attempts import attempt
from crm.resources.carriers import queries as carriers
from crm.resources.carriers import services as keeping
from crm.resources.idle import queries, rules, services
from crm.resources.idle.rules import LETTERS, NEXT, IdleKind, IdleStepKind, StepDraft
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

bp = Blueprint("idle_land", __name__)
P = Permission


@bp.get("/carriers/idle")
@requires(P.RESOURCE_READ)
def index() -> ResponseReturnValue:
    """List land suspected to lie idle and the cases under way, or those that ended."""
    session, actor, today = db.session(), current_actor(), timing.today()
    closed = request.args.get("state") == "closed"
    page = queries.listing(session, closed=closed, cursor=request.args.get("cursor"))
    found = [] if closed else suspects.suspects(session, today)
    held = [row.hold for row in page.rows] + [one.hold for one in found]
    return render_template(
        "land/idle/index.html",
        page=page,
        closed=closed,
        found=found,
        names=holders.names(session, actor, held),
        clocks=suspects.clocks_of(session, [row.hold for row in page.rows], today),
        today=today,
        managed={one.carrier.unit_id: carriers.may_manage(actor, one.carrier.unit_id) for one in found},
        rules=rules,
    )


@bp.route("/carriers/holds/<int:hold_id>/idle", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def start(hold_id: int) -> ResponseReturnValue:
    """Find land idle: a case begins."""
    session, actor = db.session(), current_actor()
    held = carriers.hold(session, hold_id)
    row = carriers.get(session, held.carrier_id)
    if not carriers.may_manage(actor, row.unit_id):
        raise ForbiddenError(keeping.FORBIDDEN)
    form = FoundForm(on=timing.today()).offer()
    clock = suspects.clocks_of(session, [held], timing.today()).get(held.id)
    holder = holders.names(session, actor, [held])[held.id]
    page = {"form": form, "row": row, "held": held, "holder": holder, "clock": clock, "rules": rules}
    if request.method == "GET":
        return render_template("land/idle/start.html", **page)
    kept: list[int] = []

    def act() -> None:
        day = form.on.data
        assert day is not None  # noqa: S101 (the form demands it)
        found = StepDraft(IdleStepKind.FOUND, day, text(form.detail))
        kind = IdleKind(form.kind.data)
        started = bool(suspects.begun(session, [held.project_id]))
        now, today = timing.now(), timing.today()
        case = services.start(session, actor, hold_id, kind, found, now=now, today=today, begun=started)
        kept.append(case.id)

    status = attempt(form, act)
    if status is not None:
        return render_template("land/idle/start.html", **page), status
    flash(tr("已认定闲置，请按期限办理下一步"), "ok")
    return redirect(url_for("idle_land.show", case_id=kept[0]), 303)


@bp.route("/carriers/idle/<int:case_id>", methods=["GET", "POST"])
@requires(P.RESOURCE_READ)
def show(case_id: int) -> ResponseReturnValue:
    """Show a case with its steps; a POST goes a step on."""
    session, actor, today = db.session(), current_actor(), timing.today()
    row = queries.get(session, case_id)
    form = StepForm(on=today).offer(NEXT[row.case.last])
    status = None
    if request.method == "POST":

        def act() -> None:
            started = bool(suspects.begun(session, [row.hold.project_id]))
            services.go_on(session, actor, case_id, form.draft(), now=timing.now(), today=today, begun=started)

        status = attempt(form, act)
        if status is None:
            flash(tr("已登记"), "ok")
            return redirect(url_for("idle_land.show", case_id=case_id), 303)
    page = render_template(
        "land/idle/show.html",
        row=row,
        steps=queries.steps(session, case_id),
        holder=holders.names(session, actor, [row.hold])[row.hold.id],
        form=form,
        may=row.case.closed_on is None and carriers.may_manage(actor, row.carrier.unit_id),
        fee=rules.fee(row.carrier.price, row.hold.area),
        clock=suspects.clocks_of(session, [row.hold], today).get(row.hold.id),
        today=today,
        rules=rules,
    )
    return page, status or 200


@bp.get("/carriers/idle/<int:case_id>/letters/<int:step_id>.docx")
@requires(P.RESOURCE_READ)
def paper(case_id: int, step_id: int) -> Response:
    """Send the letter of a step as .docx."""
    session, actor = db.session(), current_actor()
    row = queries.get(session, case_id)
    step = next((one.step for one in queries.steps(session, case_id) if one.step.id == step_id), None)
    holder = holders.names(session, actor, [row.hold])[row.hold.id]
    if step is None or step.kind not in LETTERS or holder.hidden:
        raise NotFoundError(queries.MISSING)
    content = letter(row, step, holder.name)
    name = clean_name(f"{tr(rules.STEP_LABELS[step.kind])}-{step.document_no}".replace("/", "-") + ".docx")
    return send_file(BytesIO(content), mimetype=DOCX, as_attachment=True, download_name=name)
