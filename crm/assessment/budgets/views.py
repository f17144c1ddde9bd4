"""Pages of money: budget and cost by unit, the ledger behind a figure, entering and taking back, budgets, export."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for

from crm.assessment import queries as assessment
from crm.assessment.books.pages import tabs
from crm.assessment.budgets import queries, rules, services
from crm.assessment.budgets.forms import SpendForm
from crm.assessment.budgets.queries import Span
from crm.assessment.budgets.workbook import render
from crm.assessment.links import rows_href
from crm.assessment.measures import MEASURES
from crm.assessment.rules import Metric, TargetLevel, elapsed
from crm.assessment.window import READ, Window
from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.models import User
from crm.auth.rules import Permission
from crm.auth.units import names_on, office_name
from crm.core import audit
from crm.core.errors import DomainError, NotFoundError
from crm.core.scheduling import local_day
from crm.core.sheets import watermark
from crm.fieldwork.rules import TOUCH_LABELS
from crm.fieldwork.secrecy import UNSEEN
from crm.pipeline.attempts import attempt
from crm.web import db, timing
from crm.web.access import requires
from crm.web.fields import LONGEST, PLAIN
from crm.web.i18n import say, tr
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from config import Settings
    from crm.fieldwork.models import Touch

bp = Blueprint("budgets", __name__, url_prefix="/assessment/budgets")
P = Permission
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AMOUNT = "b-"


def _year() -> int:
    asked, today = request.args.get("year", type=int), timing.today()
    return asked if asked is not None and rules.EARLIEST <= asked <= rules.LATEST else today.year


def _span(year: int) -> Span:
    """The year up to today, of the units the reader sees."""
    end = max(min(date(year, 12, 31), timing.today()), date(year, 1, 1))
    return Span(date(year, 1, 1), end, current_actor().scope(P.REPORT_READ))


def _measured(key: str, span: Span, unit_id: int | None) -> str:
    """Link to the rows of a measure where the reader may see all of them."""
    scope = current_actor().scope(READ[MEASURES[key].kind])
    wanted = span.units if unit_id is None else frozenset({unit_id})
    inside = scope is None or (wanted is not None and wanted <= scope)
    return rows_href(key, Window(span.start, span.end, timing.now(), span.units), unit_id) if inside else ""


@bp.get("")
@requires(P.REPORT_READ)
def index() -> ResponseReturnValue:
    """Show budget and cost by unit beside what was brought."""
    session, year, actor = db.session(), _year(), current_actor()
    span = _span(year)
    lines = queries.lines(session, year, span, timing.now())
    asked = assessment.targets(session, year, TargetLevel.ENSURE)
    return render_template(
        "assessment/budgets/index.html",
        lines=lines,
        whole=rules.whole(lines),
        names=names_on(session, span.end, [one.unit_id for one in lines if one.unit_id is not None]),
        tasks={unit_id: value for (unit_id, metric), value in asked.items() if metric is Metric.SIGNINGS},
        share=elapsed(date(year, 1, 1), date(year, 12, 31), timing.today()),
        year=year,
        span=span,
        href=_measured,
        tabs=tabs("budgets.index"),
        may_manage=actor.may(P.TARGET_MANAGE),
        may_spend=actor.may(P.TOUCH_WRITE),
        may_export=actor.may(P.REGISTER_EXPORT) and bool(lines),
    )


@bp.get("/rows")
@requires(P.REPORT_READ)
def rows() -> ResponseReturnValue:
    """List the sums behind a figure; their counted parts add up to it."""
    session, actor, today = db.session(), current_actor(), timing.today()
    scope, unit = actor.scope(P.REPORT_READ), request.args.get("unit", type=int)
    start = day_or_none(request.args.get("from", "")) or date(today.year, 1, 1)
    end = day_or_none(request.args.get("to", "")) or today
    chosen = unit if unit is not None and (scope is None or unit in scope) else None
    units = scope if chosen is None else frozenset({chosen})
    project = request.args.get("project", type=int)
    if project is not None and not queries.project_names(session, actor, [project]):
        raise NotFoundError(queries.ABSENT)
    span = Span(min(start, end), max(start, end), units, project)
    page = queries.page(session, span, request.args.get("after"))
    projects = queries.project_names(session, actor, [one.project_id for one in page.rows])
    total = sum(queries.spent(session, span).values(), Decimal(0))
    period = {"from": span.start.isoformat(), "to": span.end.isoformat(), "unit": chosen, "project": span.project_id}
    return render_template(
        "assessment/budgets/rows.html",
        page=page,
        told=queries.told(page.rows, projects, tr(UNSEEN)),
        total=total,
        span=span,
        period=period,
        chosen=chosen,
        units=names_on(session, span.end, None if scope is None else sorted(scope)),
        people=people.names(session, [one.entered_by for one in page.rows if one.entered_by]),
        projects=projects,
        touches=queries.seen_touches(session, actor, [one.touch_id for one in page.rows]),
        may_void=lambda row: row.entered_by == actor.user_id or actor.may(P.TARGET_MANAGE),
        rules=rules,
    )


@bp.route("/spend", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def spend() -> ResponseReturnValue:
    """Enter what was spent."""
    session, actor, today = db.session(), current_actor(), timing.today()
    scope = actor.scope(P.TOUCH_WRITE)
    units = [(one.id, one.name) for one in people.units(session, today) if scope is None or one.id in scope]
    form = SpendForm().offer(
        units,
        trip_id=[(one.id, f"{one.starts_on:%m-%d} {one.title}") for one in queries.trip_choices(session, actor, today)],
        event_id=[(one.id, f"{one.start_on:%m-%d} {one.name}") for one in queries.event_choices(session, today)],
        touch_id=[(one.id, _touched(one)) for one in queries.touch_choices(session, actor, today)],
        project_id=queries.project_choices(session, actor),
    )
    if request.method == "GET":
        form.spent_on.data = today
        form.unit_id.data = next((one for one in actor.unit_ids if one in dict(units)), None)
        return render_template("assessment/budgets/spend.html", form=form)
    status = attempt(form, lambda: services.spend(session, actor, form.draft(), now=timing.now(), today=today))
    if status is not None:
        return render_template("assessment/budgets/spend.html", form=form), status
    flash(tr("已登记支出"), "ok")
    return redirect(url_for("budgets.rows", unit=form.unit_id.data), 303)


def _touched(row: Touch) -> str:
    return f"{local_day(row.occurred_at):%m-%d} {tr(TOUCH_LABELS[row.kind])} {row.enterprise.name}"


@bp.post("/spend/<int:spending_id>/void")
@requires(P.REPORT_READ)
def void(spending_id: int) -> ResponseReturnValue:
    """Take an entry back."""
    session, actor = db.session(), current_actor()
    unit_id = queries.spending(session, actor, spending_id).unit_id
    try:
        services.void(session, actor, spending_id, reason=request.form.get("reason", ""), now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        flash(say(error.problems[0]), "error")
    else:
        flash(tr("已作废，不再计入"), "ok")
    return redirect(url_for("budgets.rows", unit=unit_id), 303)


@bp.route("/edit", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def edit() -> ResponseReturnValue:
    """Set the budgets of a year."""
    session, year = db.session(), _year()
    units = people.units(session, timing.today())
    held = queries.budgets(session, year, None)
    typed = {one.id: f"{held[one.id].amount.normalize():f}" if one.id in held else "" for one in units}
    basis = next((one.basis for one in held.values() if one.basis), "")
    faults: dict[str, str] = {}
    if request.method == "POST":
        typed = {one.id: request.form.get(f"{AMOUNT}{one.id}", "").strip()[:40] for one in units}
        basis = request.form.get("basis", "")[:200]
        faults = _set(year, typed, basis)
        if not faults:
            flash(tr("已保存预算"), "ok")
            return redirect(url_for("budgets.index", year=year), 303)
    page = render_template(
        "assessment/budgets/edit.html", typed=typed, year=year, units=units, faults=faults, basis=basis
    )
    return page, DomainError.status if faults else 200


def _set(year: int, typed: dict[int, str], basis: str) -> dict[str, str]:
    """Set what was typed for each unit; return what is wrong by field."""
    plain = {key: text.replace(",", "").replace("，", "") for key, text in typed.items()}
    faults = {
        f"{AMOUNT}{key}": tr("请填数字，单位是万元，例如 12000。")
        for key, text in plain.items()
        if text and (len(text) > LONGEST or not PLAIN.fullmatch(text))
    }
    if faults:
        return faults
    amounts = {key: Decimal(text) if text else None for key, text in plain.items()}
    try:
        services.set_budgets(db.session(), current_actor(), year, amounts, basis=basis, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        return {one.field or "": say(one) for one in error.problems}
    return {}


@bp.get("/<int:year>/budgets.xlsx")
@requires(P.REGISTER_EXPORT)
def export(year: int) -> ResponseReturnValue:
    """Give the year as a workbook; who took it is on record."""
    session, actor, now = db.session(), current_actor(), timing.now()
    span = _span(min(max(year, rules.EARLIEST), rules.LATEST))
    lines = queries.lines(session, span.start.year, span, now)
    found, cut = queries.rows(session, span)
    units = names_on(session, span.end, None if span.units is None else sorted(span.units))
    named = people.names(session, sorted({one.entered_by for one in found if one.entered_by}))
    projects = queries.project_names(session, actor, sorted({one.project_id for one in found if one.project_id}))
    user = session.get_one(User, actor.user_id)
    told = cast("Settings", current_app.config["SETTINGS"]).office_name
    office = office_name(session, told)
    mark = watermark(user.name, user.username, office, now.astimezone(timing.zone()))
    made = render(mark, lines, (queries.told(found, projects, tr(UNSEEN)), cut), (units, named, projects))
    with db.writing() as writing:
        detail = {"year": span.start.year, "lines": len(lines), "rows": len(found)}
        audit.record(writing, actor.user_id, "budget.export", ("budget", None), now=now, **detail)
    name = f"{tr('经费')}-{span.start:%Y}.xlsx"
    return send_file(BytesIO(made), mimetype=XLSX, as_attachment=True, download_name=name)
