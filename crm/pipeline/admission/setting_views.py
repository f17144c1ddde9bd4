"""What the office sets for reviews, its board, and its approval chains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for

from crm.auth.identity import current_actor
from crm.auth.queries import colleagues
from crm.auth.rules import Permission
from crm.pipeline.admission import queries, rules, sittings
from crm.pipeline.admission import terms as office
from crm.pipeline.admission.scorecard import CRITERIA
from crm.pipeline.admission.setting_forms import INTERNAL, MemberForm, RoutesForm, TermsForm
from crm.pipeline.approval import routes
from crm.pipeline.approval.rules import CATEGORY_LABELS, MEETINGS, STATION_LABELS
from crm.pipeline.attempts import attempt
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.web.forms import Form

bp = Blueprint("admission_settings", __name__, url_prefix="/projects/settings/admission")
CONFIGURE = Permission.PIPELINE_CONFIGURE


@bp.get("")
@requires(CONFIGURE)
def show() -> ResponseReturnValue:
    """Show what is set."""
    return _show()


def _show(form: Form | None = None) -> str:
    session, today = db.session(), timing.today()
    given = {type(form): form} if form else {}
    people = [(who.id, who.name) for who in colleagues(session, None, today)]
    units = office.departments(session, today)
    return render_template(
        "pipeline/admission/settings.html",
        terms_form=given.get(TermsForm) or TermsForm().offer(units).show(office.current(session)),
        member_form=given.get(MemberForm) or MemberForm(valid_from=today).offer(people),
        routes_form=given.get(RoutesForm) or RoutesForm().show(routes.current(session)),
        board=queries.board(session),
        rules=rules,
        criteria=CRITERIA,
        internal=INTERNAL,
        categories=CATEGORY_LABELS,
        meetings=[STATION_LABELS[station] for station in STATION_LABELS if station in MEETINGS],
        today=today,
    )


@bp.post("/terms")
@requires(CONFIGURE)
def set_terms() -> ResponseReturnValue:
    """Set the terms of reviews."""
    session, actor, today = db.session(), current_actor(), timing.today()
    form = TermsForm().offer(office.departments(session, today))

    def act() -> None:
        office.set_terms(session, actor, form.terms(), now=timing.now(), today=today)

    refused = attempt(form, act)
    return (_show(form), refused) if refused else _done()


@bp.post("/members")
@requires(CONFIGURE)
def appoint() -> ResponseReturnValue:
    """Put somebody on the board."""
    session, actor, today = db.session(), current_actor(), timing.today()
    form = MemberForm().offer([(who.id, who.name) for who in colleagues(session, None, today)])

    def act() -> object:
        who, since = form.user_id.data, form.valid_from.data or today
        return sittings.appoint(session, actor, who, chair=form.chair.data, valid_from=since, now=timing.now())

    refused = attempt(form, act)
    return (_show(form), refused) if refused else _done()


@bp.post("/members/<int:member_id>/end")
@requires(CONFIGURE)
def dismiss(member_id: int) -> ResponseReturnValue:
    """End a membership today."""
    sittings.dismiss(db.session(), current_actor(), member_id, now=timing.now(), today=timing.today())
    return _done()


@bp.post("/routes")
@requires(CONFIGURE)
def set_routes() -> ResponseReturnValue:
    """Set the chains and the checklist."""
    form = RoutesForm()

    def act() -> None:
        routes.set_routes(db.session(), current_actor(), form.routes(), now=timing.now())

    refused = attempt(form, act)
    return (_show(form), refused) if refused else _done()


def _done() -> ResponseReturnValue:
    flash(tr("已保存"), "ok")
    return redirect(url_for("admission_settings.show"), 303)
