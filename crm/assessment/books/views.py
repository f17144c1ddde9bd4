"""Pages of assessments: the list, beginning one, its results, one unit line by line, what a change would do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.assessment import queries as assessment
from crm.assessment.books import lists, pages, queries, rules, services, slips
from crm.assessment.books.forms import AdjustForm, RunForm, SlipForm
from crm.assessment.books.services import RunDraft
from crm.auth.identity import current_actor
from crm.auth.rules import UNIT_LABELS, Permission
from crm.core.errors import DomainError
from crm.pipeline.attempts import attempt
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("assess", __name__, url_prefix="/assessment")
P = Permission
WHAT_IF = "v."


@bp.get("")
@requires(P.REPORT_READ)
def index() -> ResponseReturnValue:
    """List assessments, newest period first."""
    session, actor = db.session(), current_actor()
    return render_template(
        "assessment/books/index.html",
        page=queries.runs(session, request.args.get("cursor")),
        tabs=pages.tabs("assess.index"),
        may_manage=actor.may(P.TARGET_MANAGE),
        published=bool(queries.published(session)),
        rules=rules,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def new() -> ResponseReturnValue:
    """Begin an assessment."""
    session, actor, today = db.session(), current_actor(), timing.today()
    books = queries.published(session)
    form = RunForm().offer([(book.id, f"{book.name} · v{book.number}") for book in books])
    units = assessment.target_units(session, today.year, today)
    chosen = {unit.id for unit in units}
    if request.method == "POST":
        chosen &= {int(one) for one in request.form.getlist("units") if one.isascii() and one.isdigit()}
    groups = {unit.id: tr(UNIT_LABELS[unit.kind]) for unit in units if unit.id in chosen}
    page = {"form": form, "units": units, "chosen": chosen, "labels": UNIT_LABELS, "books": books}
    if request.method == "GET":
        return render_template("assessment/books/new.html", **page)

    def act() -> None:
        start_on, end_on = form.start_on.data, form.end_on.data
        assert start_on is not None and end_on is not None  # noqa: PT018, S101 (the form demands both)
        draft = RunDraft(text(form.name), start_on, end_on, groups)
        made.append(services.open_run(session, actor, form.book_id.data or 0, draft, now=timing.now()).id)

    made: list[int] = []
    status = attempt(form, act)
    if status is not None:
        return render_template("assessment/books/new.html", **page), status
    flash(tr("考核已开始，正在计算"), "ok")
    return redirect(url_for("assess.show", run_id=made[0]), 303)


@bp.get("/<int:run_id>")
@requires(P.REPORT_READ)
def show(run_id: int) -> ResponseReturnValue:
    """Show the results of an assessment."""
    return _results(run_id, SlipForm(formdata=None))


def _results(run_id: int, form: SlipForm, status: int = 200) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    run = queries.run(session, run_id)
    rows = queries.assessed(session, run.id)
    page = render_template(
        "assessment/books/show.html",
        run=run,
        rows=rows,
        slips=queries.slips_of_run(session, run.id),
        lacking=sum(bool((row.detail or {}).get("problems")) for row in rows),
        may_manage=actor.may(P.TARGET_MANAGE),
        may_confirm=actor.may(P.REPORT_FREEZE),
        own_hand=actor.user_id in queries.hands(session, run.id),
        own_result=run.confirmed_by == actor.user_id,
        lists=lists.sheets_of(run),
        sees_slip=partial(actor.reaches, P.REPORT_READ),
        form=form,
        rules=rules,
        tabs=pages.tabs("assess.index"),
    )
    return page, status


@bp.post("/<int:run_id>/recompute")
@requires(P.TARGET_MANAGE)
def recompute(run_id: int) -> ResponseReturnValue:
    """Have an assessment reckoned again."""
    services.recompute(db.session(), current_actor(), run_id, now=timing.now())
    flash(tr("正在重新计算，几秒后刷新页面"), "ok")
    return redirect(url_for("assess.show", run_id=run_id), 303)


@bp.post("/<int:run_id>/confirm")
@requires(P.REPORT_FREEZE)
def confirm(run_id: int) -> ResponseReturnValue:
    """Freeze the results."""
    services.confirm(db.session(), current_actor(), run_id, now=timing.now())
    flash(tr("考核结果已确认"), "ok")
    return redirect(url_for("assess.show", run_id=run_id), 303)


@bp.post("/<int:run_id>/slips")
@requires(P.TARGET_MANAGE)
def issue(run_id: int) -> ResponseReturnValue:
    """Issue slips to the units at the bottom."""
    session, actor, form = db.session(), current_actor(), SlipForm()

    def act() -> None:
        slips.issue(
            session,
            actor,
            run_id,
            demand=text(form.demand),
            due_on=form.due_on.data or timing.today(),
            now=timing.now(),
            today=timing.today(),
        )

    status = attempt(form, act)
    if status is not None:
        return _results(run_id, form, status)
    flash(tr("督办单已发出"), "ok")
    return redirect(url_for("assess_slips.index"), 303)


@bp.get("/<int:run_id>/units/<int:unit_id>")
@requires(P.REPORT_READ)
def unit(run_id: int, unit_id: int) -> ResponseReturnValue:
    """Show one unit line by line, its values with their rows, and what a change would do."""
    return _unit(run_id, unit_id, AdjustForm(formdata=None))


def _unit(run_id: int, unit_id: int, form: AdjustForm, status: int = 200, problem: str = "") -> ResponseReturnValue:
    session, actor, now = db.session(), current_actor(), timing.now()
    run = queries.run(session, run_id)
    row = queries.member(session, run.id, unit_id)
    asked = {name[len(WHAT_IF) :]: value for name, value in request.args.items() if name.startswith(WHAT_IF) and value}
    after = pages.what_if(session, run, unit_id, asked, now) if asked else None
    values = pages.values_of(session, actor, run, unit_id, now)
    page = render_template(
        "assessment/books/unit.html",
        run=run,
        row=row,
        values=values,
        behind=pages.behind(run, values),
        unfilled=lists.unfilled(session, run, unit_id) if run.state is rules.RunState.OPEN else [],
        asked=asked,
        after=after,
        changes=pages.difference(row.detail, after) if after else [],
        form=form,
        problem=problem,
        may_manage=actor.may(P.TARGET_MANAGE) and run.state is rules.RunState.OPEN,
        may_sign=actor.may(P.REPORT_FREEZE) and run.state is rules.RunState.OPEN,
        rules=rules,
        retold=pages.in_language,
        named=pages.named,
        prefix=WHAT_IF,
    )
    return page, status


@bp.post("/<int:run_id>/units/<int:unit_id>/values")
@requires(P.TARGET_MANAGE)
def values(run_id: int, unit_id: int) -> ResponseReturnValue:
    """Keep what was typed for a unit."""
    typed = {name[len(WHAT_IF) :]: value for name, value in request.form.items() if name.startswith(WHAT_IF)}
    note = request.form.get("note", "")[:200]
    try:
        services.put_values(db.session(), current_actor(), run_id, unit_id, typed, note=note, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        return _unit(run_id, unit_id, AdjustForm(formdata=None), error.status, say(error.problems[0]))
    flash(tr("已保存，正在重新计算"), "ok")
    return redirect(url_for("assess.unit", run_id=run_id, unit_id=unit_id), 303)


@bp.post("/<int:run_id>/units/<int:unit_id>/adjust")
@requires(P.REPORT_FREEZE)
def adjust(run_id: int, unit_id: int) -> ResponseReturnValue:
    """Sign an entry beside the rules."""
    session, actor, form = db.session(), current_actor(), AdjustForm()

    def act() -> None:
        services.adjust(
            session, actor, run_id, unit_id, points=form.points.data, reason=text(form.reason), now=timing.now()
        )

    status = attempt(form, act)
    if status is not None:
        return _unit(run_id, unit_id, form, status)
    flash(tr("调整已签批，正在重新计算"), "ok")
    return redirect(url_for("assess.unit", run_id=run_id, unit_id=unit_id), 303)
