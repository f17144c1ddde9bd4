"""Pages of 一企一策: the list, one plan with its items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.aftercare import picking
from crm.aftercare.firmplans import services
from crm.aftercare.firmplans.services import ItemDraft
from crm.aftercare.picking import FirmForm
from crm.auth.identity import current_actor
from crm.auth.queries import seats
from crm.auth.rules import Permission
from crm.fieldwork.rules import due_state
from crm.pipeline.attempts import attempt
from crm.pipeline.forms import CHOOSE, LINE, LONG
from crm.web import db, timing
from crm.web.access import requires
from crm.web.fields import DayField
from crm.web.forms import Form, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.aftercare.firmplans.models import FirmPlan

bp = Blueprint("firm_plans", __name__, url_prefix="/firm-plans")
P = Permission
GOAL = InputRequired(_("请写明目标，至少四个字。"))


class FirmPlanForm(FirmForm):
    """Begin a plan."""

    goal = TextAreaField(_("目标"), [GOAL, LONG])


class GoalForm(Form):
    """Write the goal anew."""

    goal = TextAreaField(_("目标"), [GOAL, LONG])


class ItemForm(Form):
    """Something to do for the firm."""

    title = StringField(_("要做的事"), [InputRequired(_("请写明要做的事，至少四个字。")), LINE])
    owner_id = SelectField(_("负责人"), [CHOOSE], coerce=int)
    due_on = DayField(_("期限"), [InputRequired(_("请选择日期。"))])


class ResultForm(Form):
    """What came of it."""

    result = StringField(_("结果"), [InputRequired(_("请写明办成什么样。")), LINE])


@bp.get("")
@requires(P.CASE_READ)
def index() -> ResponseReturnValue:
    """List plans."""
    session, actor = db.session(), current_actor()
    page = services.listing(session, actor, timing.today(), cursor=request.args.get("cursor"))
    return render_template("aftercare/firmplans/index.html", page=page)


@bp.route("/new", methods=["GET", "POST"])
@requires(P.CASE_WRITE)
def new() -> ResponseReturnValue:
    """Begin a plan."""
    session, actor = db.session(), current_actor()
    form, status = FirmPlanForm(enterprise_id=request.args.get("enterprise", "")), None
    if not picking.looking():
        made: list[FirmPlan] = []

        def act() -> None:
            made.append(services.make(session, actor, form.firm_id, text(form.goal), now=timing.now()))

        status = attempt(form, act)
        if status is None:
            flash(tr("已建立，接着添加要做的事"), "ok")
            return redirect(url_for("firm_plans.show", plan_id=made[0].id), 303)
    return render_template("aftercare/firmplans/form.html", form=form, **picking.offered(actor, form)), status or 200


@bp.get("/<int:plan_id>")
@requires(P.CASE_READ)
def show(plan_id: int) -> ResponseReturnValue:
    """Show a plan with its items."""
    return _shown(plan_id)


def _shown(plan_id: int, **typed: Form) -> str:
    session, actor, today = db.session(), current_actor(), timing.today()
    row = services.get(session, actor, plan_id)
    forms: dict[str, Form] = {
        "item": ItemForm(formdata=None, owner_id=actor.user_id),
        "goal": GoalForm(formdata=None, goal=row.goal),
        "result": ResultForm(formdata=None),
        **typed,
    }
    _offer(forms["item"])
    return render_template(
        "aftercare/firmplans/show.html",
        row=row,
        forms=forms,
        typed=typed,
        may_write=services.may_write(row, actor),
        due_state=due_state,
        today=today,
    )


def _offer(form: Form) -> None:
    """Let every colleague be chosen, once each."""
    rows = seats(db.session(), None, timing.today())
    form["owner_id"].choices = list({user_id: (user_id, label) for _unit, user_id, label in rows}.values())


@bp.post("/<int:plan_id>/goal")
@requires(P.CASE_WRITE, P.CASE_RULE)
def goal(plan_id: int) -> ResponseReturnValue:
    """Write the goal anew."""
    form = GoalForm()

    def act() -> None:
        services.change(db.session(), current_actor(), plan_id, text(form.goal), now=timing.now())

    return _answer(plan_id, attempt(form, act), goal=form)


@bp.post("/<int:plan_id>/items")
@requires(P.CASE_WRITE, P.CASE_RULE)
def add(plan_id: int) -> ResponseReturnValue:
    """Add something to do."""
    form = ItemForm()
    _offer(form)

    def act() -> None:
        day = form.due_on.data
        assert day is not None  # noqa: S101 (the form demands it)
        draft = ItemDraft(text(form.title), form.owner_id.data, day)
        services.add_item(db.session(), current_actor(), plan_id, draft, now=timing.now(), today=timing.today())

    return _answer(plan_id, attempt(form, act), item=form)


@bp.post("/<int:plan_id>/items/<int:item_id>/done")
@requires(P.CASE_READ)
def finish(plan_id: int, item_id: int) -> ResponseReturnValue:
    """Say that something is done."""
    form = ResultForm()

    def act() -> None:
        typed = (plan_id, item_id, text(form.result))
        services.finish(db.session(), current_actor(), *typed, now=timing.now(), today=timing.today())

    return _answer(plan_id, attempt(form, act), result=form)


def _answer(plan_id: int, status: int | None, **typed: Form) -> ResponseReturnValue:
    if status is not None:
        return _shown(plan_id, **typed), status
    flash(tr("已保存"), "ok")
    return redirect(url_for("firm_plans.show", plan_id=plan_id), 303)
