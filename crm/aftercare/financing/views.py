"""Pages of financing needs (政银企): the list with its sums, registering one, one with what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.aftercare import picking
from crm.aftercare.financing import queries, rules, services
from crm.aftercare.financing.rules import NeedDraft, NeedState, NeedStepKind
from crm.aftercare.financing.services import NeedStep
from crm.aftercare.picking import FirmForm
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError
from crm.pipeline.attempts import attempt
from crm.pipeline.forms import LINE, LONG, member
from crm.web import db, timing
from crm.web.access import requires
from crm.web.fields import WanField, WholeField
from crm.web.forms import Form, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.aftercare.financing.models import FinancingNeed

bp = Blueprint("financing", __name__, url_prefix="/financing")
P = Permission


class NeedForm(FirmForm):
    """Register what a firm wants to borrow."""

    amount = WanField(_("需求金额（万元）"), [InputRequired(_("请填写金额，单位是万元。"))])
    term = WholeField(_("期限（月）"), [InputRequired(_("期限请填1到360个月。"))])
    purpose = StringField(_("用途"), [InputRequired(_("请写明用途，例如 购买设备、流动资金。")), LINE])
    pledge = StringField(_("抵押或担保"), [LINE])


class NeedStepForm(Form):
    """One step about a need."""

    bank = StringField(_("银行或机构"), [LINE])
    granted = WanField(_("放款金额（万元）"))
    text = TextAreaField(_("说明"), [LONG])


@bp.get("")
@requires(P.CASE_READ)
def index() -> ResponseReturnValue:
    """List needs."""
    session, actor = db.session(), current_actor()
    asked = request.args.get("state")
    state = member(NeedState, asked)
    going = asked == "going"
    states = queries.GOING if going else (state,) if state else ()
    return render_template(
        "aftercare/financing/index.html",
        page=queries.listing(session, actor, states=states, cursor=request.args.get("cursor")),
        sums=queries.sums(session, actor),
        state="going" if going else state,
        rules=rules,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.CASE_WRITE)
def new() -> ResponseReturnValue:
    """Register a need."""
    session, actor = db.session(), current_actor()
    form, status = NeedForm(enterprise_id=request.args.get("enterprise", "")), None
    if not picking.looking():
        made: list[FinancingNeed] = []

        def act() -> None:
            typed = (form.firm_id, form.amount.data, form.term.data, text(form.purpose), text(form.pledge))
            made.append(services.register(session, actor, NeedDraft(*typed), now=timing.now()))

        status = attempt(form, act)
        if status is None:
            flash(tr("已登记，接着对接银行"), "ok")
            return redirect(url_for("financing.show", need_id=made[0].id), 303)
    return render_template("aftercare/financing/form.html", form=form, **picking.offered(actor, form)), status or 200


@bp.get("/<int:need_id>")
@requires(P.CASE_READ)
def show(need_id: int) -> ResponseReturnValue:
    """Show a need with what was done."""
    return _shown(queries.get(db.session(), current_actor(), need_id))


def _shown(row: FinancingNeed, typed: NeedStepForm | None = None, kind: NeedStepKind | None = None) -> str:
    actor = current_actor()
    return render_template(
        "aftercare/financing/show.html",
        row=row,
        steps=queries.steps(db.session(), row.id),
        kinds=rules.NEXT[row.state] if services.may_write(row, actor) else (),
        fresh=NeedStepForm(formdata=None),
        typed=typed,
        bad=kind,
        rules=rules,
    )


@bp.post("/<int:need_id>/<kind>")
@requires(P.CASE_WRITE, P.CASE_RULE)
def step(need_id: int, kind: str) -> ResponseReturnValue:
    """Go a step on."""
    session, actor, form = db.session(), current_actor(), NeedStepForm()
    known = member(NeedStepKind, kind)
    if known is None:
        raise NotFoundError(queries.ABSENT)

    def act() -> None:
        typed = NeedStep(known, text(form.bank), form.granted.data, text(form.text))
        services.go_on(session, actor, need_id, typed, now=timing.now())

    status = attempt(form, act)
    if status is not None:
        return _shown(queries.get(session, actor, need_id), form, known), status
    flash(tr("已登记"), "ok")
    return redirect(url_for("financing.show", need_id=need_id), 303)
