"""Pages of capital: the queue, one voucher, the ledger of a project, reporting a voucher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.delivery.capital import queries, rules, services
from crm.delivery.capital.forms import RecognitionForm, RefusalForm, VoucherForm
from crm.delivery.capital.rules import VoucherState
from crm.delivery.capital.services import Paper
from crm.pipeline import papers, sections
from crm.pipeline import queries as projects
from crm.pipeline.attempts import attempt
from crm.pipeline.counting import telling
from crm.pipeline.deals import setting
from crm.pipeline.deals.rules import CURRENCY_LABELS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

    from crm.delivery.capital.models import CapitalVoucher

bp = Blueprint("capital", __name__)
P = Permission
ALL = "all"


@bp.get("/capital")
@requires(P.PROJECT_READ)
def index() -> ResponseReturnValue:
    """List vouchers by how far they are; what waits comes first."""
    session, actor = db.session(), current_actor()
    asked = request.args.get("state", str(VoucherState.WAITING))
    state = next((one for one in VoucherState if one == asked), None)
    unit_id = request.args.get("unit", type=int)
    page = queries.queue(session, actor, state=state, unit_id=unit_id, cursor=request.args.get("cursor"))
    allowed = actor.scope(P.PROJECT_READ)
    units = [unit for unit in people.units(session, timing.today()) if allowed is None or unit.id in allowed]
    names = {unit.id: unit.name for unit in people.units(session, timing.today())}
    return render_template(
        "delivery/capital/index.html",
        page=page,
        state=ALL if state is None else str(state),
        unit_id=unit_id,
        units=units,
        names=names,
        waiting=queries.waiting(session, actor),
        barred=telling.in_short(session, {entry.voucher.project_id for entry in page.rows}),
        rules=rules,
    )


@bp.get("/capital/<int:voucher_id>")
@requires(P.PROJECT_READ)
def show(voucher_id: int) -> ResponseReturnValue:
    """Show a voucher with its paper and what was decided."""
    voucher = queries.get(db.session(), current_actor(), voucher_id)
    left = voucher.amount - voucher.recognized_amount
    return _shown(
        voucher, RecognitionForm(formdata=None, amount=left, seen=voucher.recognized_amount), RefusalForm(formdata=None)
    )


def _shown(
    voucher: CapitalVoucher, form: RecognitionForm, refusal: RefusalForm, status: int | None = None
) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    own, involved = voucher.reported_by == actor.user_id, services.involved(voucher.project, actor)
    page = render_template(
        "delivery/capital/show.html",
        voucher=voucher,
        project=voucher.project,
        paper=queries.paper(session, voucher.id),
        decisions=queries.decisions(session, voucher.id),
        bars=telling.of_contract(session, voucher.project_id, 0),
        reporter=queries.names(session, [voucher.reported_by]).get(voucher.reported_by, ""),
        own=own,
        involved=involved and actor.reaches(P.AGREEMENT_RECOGNIZE, voucher.unit_id),
        left=voucher.amount - voucher.recognized_amount,
        may_decide=not own and not involved and actor.reaches(P.AGREEMENT_RECOGNIZE, voucher.unit_id),
        form=form,
        refusal=refusal,
        rules=rules,
        currencies=CURRENCY_LABELS,
    )
    return page, status or 200


@bp.post("/capital/<int:voucher_id>/recognise")
@requires(P.AGREEMENT_RECOGNIZE)
def recognise(voucher_id: int) -> ResponseReturnValue:
    """Recognise so much of a voucher."""
    session, actor, form = db.session(), current_actor(), RecognitionForm()

    def act() -> None:
        services.recognise(
            session,
            actor,
            voucher_id,
            amount=form.amount.data,
            reason=text(form.reason),
            now=timing.now(),
            seen=form.looked_at,
        )

    status = attempt(form, act)
    if status is not None:
        return _shown(queries.get(session, actor, voucher_id), form, RefusalForm(formdata=None), status)
    flash(tr("已认定"), "ok")
    return redirect(url_for("capital.show", voucher_id=voucher_id), 303)


@bp.post("/capital/<int:voucher_id>/refuse")
@requires(P.AGREEMENT_RECOGNIZE)
def refuse(voucher_id: int) -> ResponseReturnValue:
    """Send a voucher back."""
    session, actor, form = db.session(), current_actor(), RefusalForm()

    def act() -> None:
        services.refuse(session, actor, voucher_id, reason=text(form.reason), now=timing.now())

    status = attempt(form, act)
    if status is not None:
        voucher = queries.get(session, actor, voucher_id)
        left = voucher.amount - voucher.recognized_amount
        fresh = RecognitionForm(formdata=None, amount=left, seen=voucher.recognized_amount)
        return _shown(voucher, fresh, form, status)
    flash(tr("已退回，上报人会看到原因"), "ok")
    return redirect(url_for("capital.show", voucher_id=voucher_id), 303)


@bp.post("/capital/<int:voucher_id>/withdraw")
@requires(P.PROJECT_WRITE)
def withdraw(voucher_id: int) -> ResponseReturnValue:
    """Take back one's own voucher."""
    voucher = services.withdraw(db.session(), current_actor(), voucher_id, now=timing.now())
    flash(tr("已撤回"), "ok")
    return redirect(url_for("capital.ledger", project_id=voucher.project_id), 303)


@bp.get("/capital/<int:voucher_id>/file")
@requires(P.PROJECT_READ)
def file(voucher_id: int) -> Response:
    """Send the paper of a voucher."""
    session = db.session()
    voucher = queries.get(session, current_actor(), voucher_id)
    return papers.send(queries.paper(session, voucher.id))


@bp.get("/projects/<int:project_id>/capital")
@requires(P.PROJECT_READ)
def ledger(project_id: int) -> ResponseReturnValue:
    """Show the capital ledger of a project."""
    session, actor = db.session(), current_actor()
    project = projects.get(session, actor, project_id)
    return render_template(
        "delivery/capital/ledger.html",
        project=project,
        tabs=sections.tabs(actor, project, "capital.ledger"),
        entries=queries.ledger(session, project.id),
        sums=queries.sums(session, project.id),
        signed=projects.first_contract(session, project.id) is not None,
        may_write=actor.reaches(P.PROJECT_WRITE, project.unit_id),
        rules=rules,
    )


@bp.route("/projects/<int:project_id>/capital/new", methods=["GET", "POST"])
@requires(P.PROJECT_WRITE)
def new(project_id: int) -> ResponseReturnValue:
    """Report a voucher."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    form = VoucherForm().offer(setting.current(session).currencies)
    page = {"project": project, "form": form}
    if request.method == "GET":
        return render_template("delivery/capital/new.html", **page)

    def act() -> None:
        paper = Paper(papers.upload(form.scan.data), papers.folder())
        services.report(session, actor, project_id, form.draft(), paper, now=timing.now(), today=timing.today())

    status = attempt(form, act)
    if status is not None:
        return render_template("delivery/capital/new.html", **page), status
    flash(tr("已上报，等待认定"), "ok")
    return redirect(url_for("capital.ledger", project_id=project_id), 303)
