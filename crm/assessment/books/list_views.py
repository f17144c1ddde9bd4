"""Pages of lists of an assessment: what is filled in, one list of a unit typed or pasted, asking people to rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.assessment.books import list_queries, list_rules, lists, queries, ratings
from crm.assessment.books.forms import RatingForm
from crm.assessment.books.ratings import RatingDraft
from crm.assessment.books.rules import RunState
from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.pipeline.attempts import attempt
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.assessment.books.list_rules import Row, Sheet

bp = Blueprint("assess_lists", __name__, url_prefix="/assessment/<int:run_id>/lists")
P = Permission
SPARE = 3


@bp.get("")
@requires(P.REPORT_READ)
def index(run_id: int) -> ResponseReturnValue:
    """Show how far each list of each unit is filled in, and how mutual ratings stand."""
    session, actor = db.session(), current_actor()
    run = queries.run(session, run_id)
    return render_template(
        "assessment/books/lists.html",
        run=run,
        sheets=lists.sheets_of(run),
        rows=queries.assessed(session, run.id),
        held=list_queries.typed_lists(session, run.id),
        ratings=list_queries.ratings_of(session, run.id),
        may_manage=actor.may(P.TARGET_MANAGE) and run.state is RunState.OPEN,
    )


@bp.route("/<int:place>/units/<int:unit_id>", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def edit(run_id: int, place: int, unit_id: int) -> ResponseReturnValue:
    """Type or paste a list of a unit."""
    session = db.session()
    run = queries.run(session, run_id)
    sheet = lists.sheet_at(run, place)
    held = list_queries.typed_lists(session, run.id).get((unit_id, sheet.name))
    note = (held.note or "") if held else ""
    if request.method == "GET":
        return _page(run_id, sheet, unit_id, Shown(list(held.rows) if held else [], note))
    rows, note = _typed(sheet), request.form.get("note", "")[: lists.NOTE_LENGTH]
    if "paste" in request.form:
        added = list_rules.pasted(sheet, request.form.get("pasted", ""))
        if not added:
            return _page(run_id, sheet, unit_id, Shown(rows, note, (lists.NOTHING_PASTED,)), DomainError.status)
        return _page(run_id, sheet, unit_id, Shown([*list_rules.tidy(sheet, rows), *added], note, pasted=len(added)))
    try:
        lists.put_list(session, current_actor(), (run.id, unit_id, sheet.name), rows, note=note, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        rows = list(list_rules.tidy(sheet, rows))
        return _page(run_id, sheet, unit_id, Shown(rows, note, error.problems), error.status)
    flash(tr("已保存，正在重新计算"), "ok")
    return redirect(url_for("assess_lists.index", run_id=run_id), 303)


def _typed(sheet: Sheet) -> list[Row]:
    """Read the cells: each column sends its rows in order."""
    columns = {
        one.key: request.form.getlist(f"c{at}")[: list_rules.MOST_ROWS + SPARE]
        for at, one in enumerate(sheet.columns, start=1)
    }
    longest = max(map(len, columns.values()), default=0)
    return [{key: cells[at] for key, cells in columns.items() if at < len(cells)} for at in range(longest)]


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in the form: rows and note as typed, what is wrong, how many rows were just pasted."""

    rows: list[Row]
    note: str
    problems: tuple[Problem, ...] = ()
    pasted: int = 0


def _page(run_id: int, sheet: Sheet, unit_id: int, shown: Shown, status: int = 200) -> ResponseReturnValue:
    session = db.session()
    run = queries.run(session, run_id)
    faults = {one.field: say(one) for one in shown.problems if one.field}
    page = render_template(
        "assessment/books/list.html",
        run=run,
        unit=queries.member(session, run.id, unit_id).unit,
        sheet=sheet,
        place=list(lists.sheets_of(run)).index(sheet.name) + 1,
        rows=[*shown.rows, *({} for _spare in range(SPARE))],
        note=shown.note,
        faults=faults,
        general=[say(one) for one in shown.problems if not one.field],
        pasted=shown.pasted,
        closed=run.state is not RunState.OPEN or sheet.name in list_queries.ratings_of(session, run.id),
        most=list_rules.MOST_ROWS,
    )
    return page, status


@bp.route("/<int:place>/rating", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def invite(run_id: int, place: int) -> ResponseReturnValue:
    """Ask people to rate the units of an assessment."""
    session, actor = db.session(), current_actor()
    run = queries.run(session, run_id)
    sheet = lists.sheet_at(run, place)
    groups = sheet.groups or ("",)
    units = [(row.unit_id, row.unit.name) for row in queries.assessed(session, run.id)]
    seats = people.seats(session, None, timing.today())
    names = dict((user_id, name) for _unit, user_id, name in reversed(seats))  # noqa: C402 (the main seat, first in order, stays)
    form = RatingForm.of(groups)().offer(units, sorted(names.items(), key=lambda pair: pair[1]))
    page = {"run": run, "sheet": sheet, "place": place, "form": form, "groups": groups}
    if request.method == "GET":
        form.units.data = [str(unit_id) for unit_id, _name in units]
        return render_template("assessment/books/invite.html", **page)

    def act() -> None:
        raters = form.raters(groups)
        draft = RatingDraft(form.due_on.data, frozenset(map(int, form.units.data or ())), raters)
        made.append(
            ratings.invite(session, actor, run.id, sheet.name, draft, now=timing.now(), today=timing.today()).id
        )

    made: list[int] = []
    status = attempt(form, act)
    if status is not None:
        return render_template("assessment/books/invite.html", **page), status
    flash(tr("已请各位评分"), "ok")
    return redirect(url_for("assess_ratings.state", rating_id=made[0]), 303)
