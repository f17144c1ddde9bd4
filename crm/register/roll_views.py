"""Pages of dated lists: editions, members with rank changes, coverage, tasks for the never-contacted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.fieldwork import followups
from crm.register import coverage
from crm.web import db, timing
from crm.web.access import requires
from crm.web.fields import DayField
from crm.web.forms import Form, choices
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("rolls", __name__)
STATES = {
    "": "全部",
    coverage.CONTACTED: "接触过",
    coverage.STALE: "90天没有联系",
    coverage.OTHERS: "其他单位接触过",
    coverage.NEVER: "从未接触",
}
DEFAULT_DAYS = timedelta(days=14)


class TasksForm(Form):
    """Who calls on the never-contacted, until when, and how many of them."""

    owner = SelectField(_("交给谁"), [InputRequired(_("请选择交给谁。"))])
    due_on = DayField(_("完成期限"))
    count = IntegerField(_("家数"), [NumberRange(1, coverage.MOST_TASKS, _("一次最多 200 家。"))], default=20)


@bp.get("/lists")
@requires(Permission.ENTERPRISE_READ)
def index() -> ResponseReturnValue:
    """Show every list with its editions."""
    return render_template("register/rolls.html", found=coverage.editions(db.session()))


@bp.get("/lists/<int:list_id>")
@requires(Permission.ENTERPRISE_READ)
def show(list_id: int) -> ResponseReturnValue:
    """Show one year of a list: ranks and their changes, and how far we came with its members."""
    form = _form()
    form.due_on.data = timing.today() + DEFAULT_DAYS
    return _page(list_id, form, 200)


@bp.post("/lists/<int:list_id>/tasks")
@requires(Permission.TOUCH_WRITE)
def tasks(list_id: int) -> ResponseReturnValue:
    """Make one task for each of the best ranked members nobody has met yet."""
    form = _form()
    if form.validate():
        which = coverage.edition(db.session(), list_id, request.args.get("year", type=int))
        firms = coverage.untouched(db.session(), which.row.id, form.count.data or 1)
        owner_id, unit_id = (int(part) for part in form.owner.data.split("-"))
        due_on = form.due_on.data or timing.today() + DEFAULT_DAYS
        try:
            made = followups.assign_first_calls(
                db.session(),
                current_actor(),
                firms,
                (owner_id, unit_id),
                due_on,
                now=timing.now(),
                today=timing.today(),
            )
        except DomainError as error:
            form.refuse(error.problems)
        else:
            flash(_said(made), "ok" if made else "info")
            return redirect(url_for("rolls.show", list_id=list_id, year=which.row.year), 303)
    return _page(list_id, form, 422)


def _said(made: int) -> str:
    if made:
        return tr("已建 %(count)s 条“首次联系”任务，负责人在工作台能看到。", count=made)
    return tr("没有可派的企业：都接触过，或者已有待办。")


def _form() -> TasksForm:
    form = TasksForm()
    scope = current_actor().scope(Permission.TOUCH_WRITE)
    found = people.seats(db.session(), scope, timing.today())
    pairs = [(f"{user_id}-{unit_id}", label) for unit_id, user_id, label in found]
    form.owner.choices = choices([("", "请选择"), *pairs])
    return form


def _page(list_id: int, form: TasksForm, status: int) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    which = coverage.edition(session, list_id, request.args.get("year", type=int))
    asked = request.args.get("state", "")
    state = asked if asked in STATES else ""
    found, rows = coverage.lines(session, actor, which, state, cursor=request.args.get("cursor"), now=timing.now())
    page = render_template(
        "register/roll.html",
        which=which,
        form=form,
        tally=coverage.tally(session, actor, which.row.id, now=timing.now()),
        units=coverage.by_unit(session, actor, which.row.id),
        dropped=coverage.dropped(session, which),
        page=found,
        rows=rows,
        state=state,
        states=STATES,
        may_assign=actor.may(Permission.TOUCH_WRITE),
    )
    return page, status
