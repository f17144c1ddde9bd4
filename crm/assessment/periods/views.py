"""Pages of periods: the list, opening one, what units handed in, frozen figures, their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from crm.assessment import queries as assessment
from crm.assessment.books.pages import tabs
from crm.assessment.measures import MEASURES
from crm.assessment.periods import queries, rules, services
from crm.assessment.periods.rules import KIND_LABELS, PeriodDraft, PeriodKind, PeriodState
from crm.assessment.window import READ
from crm.auth.identity import current_actor
from crm.auth.rules import UNIT_LABELS, Permission
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.pipeline.attempts import attempt
from crm.web import db, timing
from crm.web.access import requires
from crm.web.fields import DayField
from crm.web.forms import Form, choices, text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("periods", __name__, url_prefix="/periods")
P = Permission
NO_MEASURE = Problem("measure.missing", "没有这个指标。")
FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")


class PeriodForm(Form):
    """Which days, and what they are called."""

    kind = SelectField(_("账期"), [InputRequired(_("请选择一项。"))])
    name = StringField(_("名称"), [InputRequired(_("请填写名称，最多80字，例如 2026年11月。")), Length(max=80)])
    start_on = DayField(_("开始日期"), [InputRequired(_("请选择日期。"))])
    end_on = DayField(_("结束日期"), [InputRequired(_("请选择日期。"))])

    def offer(self) -> PeriodForm:
        """Fill in what can be chosen."""
        self.kind.choices = choices(KIND_LABELS.items())
        return self


@bp.get("")
@requires(P.REPORT_READ)
def index() -> ResponseReturnValue:
    """List periods, the latest first."""
    return render_template(
        "assessment/periods/index.html",
        page=queries.periods(db.session(), request.args.get("cursor")),
        may_manage=current_actor().may(P.TARGET_MANAGE),
        tabs=tabs("periods.index"),
        rules=rules,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def new() -> ResponseReturnValue:
    """Open a period."""
    session, actor, today = db.session(), current_actor(), timing.today()
    form = PeriodForm().offer()
    units = assessment.target_units(session, today.year, today)
    chosen = {unit.id for unit in units}
    if request.method == "POST":
        chosen &= {int(one) for one in request.form.getlist("units") if one.isascii() and one.isdigit()}
    page = {"form": form, "units": units, "chosen": chosen, "labels": UNIT_LABELS}
    if request.method == "GET":
        return render_template("assessment/periods/new.html", **page)
    made: list[int] = []

    def act() -> None:
        start_on, end_on = form.start_on.data or today, form.end_on.data or today
        draft = PeriodDraft(PeriodKind(form.kind.data), text(form.name), start_on, end_on, tuple(sorted(chosen)))
        made.append(services.create(session, actor, draft, now=timing.now()).id)

    status = attempt(form, act)
    if status is not None:
        return render_template("assessment/periods/new.html", **page), status
    flash(tr("账期已建立，各单位可以提交了"), "ok")
    return redirect(url_for("periods.show", period_id=made[0]), 303)


@bp.get("/<int:period_id>")
@requires(P.REPORT_READ)
def show(period_id: int) -> ResponseReturnValue:
    """Show a period."""
    return _shown(period_id)


def _shown(period_id: int, problem: str = "", status: int = 200) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    period = queries.get(session, period_id)
    closed = period.state is PeriodState.CLOSED
    whole = actor.scope(P.PROJECT_READ) is None
    page = render_template(
        "assessment/periods/show.html",
        period=period,
        returns=queries.returns(session, period.id),
        lines=queries.lines(session, period.id) if closed else [],
        corrections=queries.corrections(session, period.id) if closed else [],
        measures=MEASURES,
        may_manage=actor.may(P.TARGET_MANAGE),
        may_close=actor.may(P.REPORT_FREEZE),
        may_see_rows=whole,
        reaches=lambda unit_id: actor.reaches(P.TOUCH_WRITE, unit_id),
        problem=problem,
        rules=rules,
    )
    return page, status


@bp.post("/<int:period_id>/units/<int:unit_id>/submit")
@requires(P.TOUCH_WRITE)
def submit(period_id: int, unit_id: int) -> ResponseReturnValue:
    """Hand in for one's unit."""
    note = request.form.get("note", "")
    services.submit(db.session(), current_actor(), period_id, unit_id, note=note, now=timing.now())
    flash(tr("已提交"), "ok")
    return redirect(url_for("periods.show", period_id=period_id), 303)


@bp.post("/<int:period_id>/units/<int:unit_id>/back")
@requires(P.TARGET_MANAGE)
def send_back(period_id: int, unit_id: int) -> ResponseReturnValue:
    """Give a return back."""
    services.send_back(db.session(), current_actor(), period_id, unit_id, now=timing.now())
    flash(tr("已退回"), "ok")
    return redirect(url_for("periods.show", period_id=period_id), 303)


@bp.post("/<int:period_id>/check")
@requires(P.TARGET_MANAGE)
def check(period_id: int) -> ResponseReturnValue:
    """Say that a period was looked at."""
    reason = request.form.get("reason", "")[:2000]
    try:
        services.check(db.session(), current_actor(), period_id, reason=reason, now=timing.now(), today=timing.today())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        return _shown(period_id, " ".join(say(problem) for problem in error.problems), error.status)
    flash(tr("已核对，可以封账"), "ok")
    return redirect(url_for("periods.show", period_id=period_id), 303)


@bp.post("/<int:period_id>/reopen")
@requires(P.TARGET_MANAGE)
def reopen(period_id: int) -> ResponseReturnValue:
    """Put a checked period back."""
    services.reopen(db.session(), current_actor(), period_id, now=timing.now())
    flash(tr("已退回到填报"), "ok")
    return redirect(url_for("periods.show", period_id=period_id), 303)


@bp.post("/<int:period_id>/close")
@requires(P.REPORT_FREEZE)
def close(period_id: int) -> ResponseReturnValue:
    """Close a period."""
    try:
        services.close(db.session(), current_actor(), period_id, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        return _shown(period_id, " ".join(say(problem) for problem in error.problems), error.status)
    flash(tr("正在封账，数字马上冻结"), "ok")
    return redirect(url_for("periods.show", period_id=period_id), 303)


@bp.get("/<int:period_id>/figures/<measure>")
@requires(P.REPORT_READ)
def figure(period_id: int, measure: str) -> ResponseReturnValue:
    """List the rows behind a frozen figure as they read at closing, for those who see all units."""
    session, actor = db.session(), current_actor()
    period = queries.get(session, period_id)
    found = MEASURES.get(measure)
    if found is None:
        raise NotFoundError(NO_MEASURE)
    if actor.scope(READ[found.kind]) is not None:
        raise ForbiddenError(FORBIDDEN)
    piece = max(request.args.get("piece", 1, type=int), 1)
    rows, pieces = queries.frozen_rows(session, period.id, measure, piece - 1)
    return render_template(
        "assessment/periods/figure.html",
        period=period,
        measure=found,
        rows=rows,
        hidden=queries.hidden_projects(session, actor, rows),
        piece=piece,
        pieces=pieces,
        total=queries.frozen_total(session, period.id, measure),
    )
