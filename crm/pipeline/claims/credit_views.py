"""Pages of credit splits and transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.pipeline import limits
from crm.pipeline import queries as projects
from crm.pipeline.claims import credit, kinds, pages, queries
from crm.pipeline.claims.forms import ROWS, NoteForm, SplitForm, TransferForm
from crm.pipeline.claims.kinds import TransferState
from crm.pipeline.claims.rules import tenths
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.models import Project

bp = Blueprint("credit", __name__)
P = Permission


@bp.route("/projects/<int:project_id>/split", methods=["GET", "POST"])
@requires(P.CLAIM_RULE)
def split(project_id: int) -> ResponseReturnValue:
    """Register a split both sides agreed on."""
    session, actor = db.session(), current_actor()
    project = projects.get(session, actor, project_id)
    form = SplitForm().offer(_units())
    page = {"project": project, "form": form, "rows": range(ROWS)}
    if request.method == "GET":
        form["unit0"].data = str(project.unit_id)
        return render_template("pipeline/claims/split.html", **page)
    if not form.validate():
        return render_template("pipeline/claims/split.html", **page), limits.REFUSED
    try:
        credit.agree(session, actor, project_id, form.parts(), text(form.reason), now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return render_template("pipeline/claims/split.html", **page), error.status
    flash(tr("分成已登记"), "ok")
    return _ownership(project_id)


@bp.route("/projects/<int:project_id>/transfer", methods=["GET", "POST"])
@requires(P.PROJECT_WRITE)
def transfer(project_id: int) -> ResponseReturnValue:
    """Ask to hand a project to another unit."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    form = TransferForm().offer([(key, name) for key, name in _units() if key != project.unit_id])
    if request.method == "GET":
        return _transfer_form(form, project)
    if not form.validate():
        return _transfer_form(form, project), limits.REFUSED
    share, now, today = tenths(form.from_share.data), timing.now(), timing.today()
    try:
        row = credit.propose(
            session, actor, project_id, form.to_unit_id.data, text(form.reason), share, now=now, today=today
        )
    except DomainError as error:
        form.refuse(error.problems)
        return _transfer_form(form, project), error.status
    flash(tr("流转已提出，待招商办核准"), "ok")
    return redirect(url_for("credit.show", transfer_id=row.id), 303)


@bp.get("/claims/transfers/<int:transfer_id>")
@requires(P.PROJECT_READ)
def show(transfer_id: int) -> ResponseReturnValue:
    """Show a transfer and its next step."""
    session, actor = db.session(), current_actor()
    row, project = queries.transfer(session, actor, transfer_id)
    own = queries.own_units(actor)
    under_way = row.state in {TransferState.PROPOSED, TransferState.APPROVED}
    involved = [one for one in (row.approved_by, row.accepted_by) if one]
    return render_template(
        "pipeline/claims/transfer.html",
        line=pages.transfer_line(session, row.id),
        row=row,
        project=project,
        visible=bool(queries.project_names(session, actor, [project.id])),
        names=people.names(session, involved),
        form=NoteForm(),
        kinds=kinds,
        may_approve=row.state is TransferState.PROPOSED and actor.may(P.CLAIM_RULE),
        barred=actor.user_id in {row.proposed_by, project.owner_id},
        may_accept=row.state is TransferState.APPROVED
        and row.to_unit_id in own
        and actor.user_id not in {row.proposed_by, row.approved_by},
        may_withdraw=under_way and row.from_unit_id in own,
    )


@bp.post("/claims/transfers/<int:transfer_id>/approve")
@requires(P.CLAIM_RULE)
def approve(transfer_id: int) -> ResponseReturnValue:
    """Approve or refuse a transfer."""
    agree, note = request.form.get("do") == "agree", request.form.get("note", "")[:20_000]
    credit.approve(db.session(), current_actor(), transfer_id, note, agree=agree, now=timing.now())
    flash(tr("已核准，等待接收") if agree else tr("未予核准"), "ok")
    return redirect(url_for("credit.show", transfer_id=transfer_id), 303)


@bp.post("/claims/transfers/<int:transfer_id>/accept")
@requires(P.PROJECT_WRITE)
def accept(transfer_id: int) -> ResponseReturnValue:
    """Take a project over."""
    row = credit.accept(db.session(), current_actor(), transfer_id, now=timing.now())
    flash(tr("已接收，您是新的负责人"), "ok")
    return _ownership(row.project_id)


@bp.post("/claims/transfers/<int:transfer_id>/withdraw")
@requires(P.PROJECT_WRITE)
def withdraw(transfer_id: int) -> ResponseReturnValue:
    """Take a transfer back before it is accepted."""
    credit.withdraw(db.session(), current_actor(), transfer_id, now=timing.now())
    flash(tr("流转已撤回"), "ok")
    return redirect(url_for("credit.show", transfer_id=transfer_id), 303)


def _transfer_form(form: TransferForm, project: Project) -> str:
    return render_template("pipeline/claims/transfer_form.html", form=form, project=project)


def _units() -> list[tuple[int, str]]:
    return [(unit.id, unit.name) for unit in people.units(db.session(), timing.today())]


def _ownership(project_id: int) -> ResponseReturnValue:
    return redirect(url_for("claims.ownership", project_id=project_id), 303)
