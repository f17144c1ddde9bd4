"""Findings of inspections: the list with what is overdue, one more finding, mended, a second look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.field import site_pages as pages
from crm.field import site_views, turning
from crm.field.site_forms import FindingForm, MendedForm, RecheckForm
from crm.fieldwork.supervision import queries, services
from crm.fieldwork.supervision.rules import FindingState
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.web.forms import Form

bp = Blueprint("findings", __name__, url_prefix="/inspections")
P = Permission
REFUSED = 422


@bp.get("/findings")
@requires(P.TOUCH_READ)
def index() -> ResponseReturnValue:
    """List findings by deadline; overdue ones first unless something else is asked."""
    session, actor, today = db.session(), current_actor(), timing.today()
    mine = request.args.get("mine") == "1"
    counts = queries.counts(session, actor, today, mine=mine)
    asked = request.args.get("state", "")
    state = FindingState(asked) if asked in set(FindingState) else None
    page = queries.findings(session, actor, state, today, mine=mine, cursor=request.args.get("cursor"))
    return render_template(
        "field/findings.html",
        page=page,
        counts=counts,
        state=state,
        mine=mine,
        states={row.id: pages.state(row, today) for row in page.rows},
        words=pages.WORDS,
    )


@bp.post("/<int:inspection_id>/findings")
@requires(P.SITE_INSPECT)
def add(inspection_id: int) -> ResponseReturnValue:
    """Put down one more finding."""
    session, today = db.session(), timing.today()
    form = FindingForm().offer(pages.colleagues(session, today))
    if form.validate():
        try:
            services.add_finding(session, current_actor(), inspection_id, form.draft(), now=timing.now(), today=today)
        except DomainError as error:
            if error.status != REFUSED:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已记下问题，责任人会在待办里看到。"), "ok")
            return redirect(url_for("inspections.show", inspection_id=inspection_id), 303)
    return site_views.page(inspection_id, finding=form), REFUSED


@bp.route("/findings/<int:finding_id>/mended", methods=["GET", "POST"])
@requires(P.TOUCH_READ)
def mended(finding_id: int) -> ResponseReturnValue:
    """Tell that a finding is mended."""
    if request.method == "GET":
        return _page(finding_id, MendedForm(formdata=None), "mended")
    form = MendedForm()
    if form.validate():
        try:
            row = services.mended(db.session(), current_actor(), finding_id, text(form.note), now=timing.now())
        except DomainError as error:
            if error.status != REFUSED:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已报整改完成，等督查人员复查。"), "ok")
            return redirect(url_for("inspections.show", inspection_id=row.inspection_id), 303)
    return _page(finding_id, form, "mended"), REFUSED


@bp.get("/findings/<int:finding_id>")
@requires(P.TOUCH_READ)
def show(finding_id: int) -> ResponseReturnValue:
    """Lead to the inspection of a finding."""
    row = queries.finding(db.session(), current_actor(), finding_id)
    return redirect(url_for("inspections.show", inspection_id=row.inspection_id))


@bp.post("/findings/<int:finding_id>/blocker")
@requires(P.SITE_INSPECT)
def to_blocker(finding_id: int) -> ResponseReturnValue:
    """Turn a finding into a blocker, with one tap."""
    session, actor = db.session(), current_actor()
    row = queries.finding(session, actor, finding_id)
    try:
        made = turning.to_blocker(session, actor, finding_id, now=timing.now(), today=timing.today())
    except DomainError as error:
        if error.status != REFUSED:
            raise
        session.rollback()
        flash(say(error.problems[0]), "bad")
        return redirect(url_for("inspections.show", inspection_id=row.inspection_id), 303)
    flash(tr("已转入问题台账，请核对类别；可以印出交办单。"), "ok")
    return redirect(url_for("blockers.show", blocker_id=made), 303)


@bp.route("/findings/<int:finding_id>/recheck", methods=["GET", "POST"])
@requires(P.SITE_INSPECT)
def recheck(finding_id: int) -> ResponseReturnValue:
    """Look again at a finding."""
    session, today = db.session(), timing.today()
    if request.method == "GET":
        return _page(finding_id, RecheckForm(formdata=None).offer(), "recheck")
    form = RecheckForm().offer()
    if form.validate():
        try:
            row = services.recheck(session, current_actor(), finding_id, form.draft(), now=timing.now(), today=today)
        except DomainError as error:
            if error.status != REFUSED:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已销号。") if row.closed_at else tr("已定新期限，责任人会在待办里看到。"), "ok")
            return redirect(url_for("inspections.show", inspection_id=row.inspection_id), 303)
    return _page(finding_id, form, "recheck"), REFUSED


def _page(finding_id: int, form: Form, kind: str) -> str:
    row = queries.finding(db.session(), current_actor(), finding_id)
    state = pages.state(row, timing.today())
    return render_template("field/finding_step.html", row=row, state=state, form=form, kind=kind, words=pages.WORDS)
