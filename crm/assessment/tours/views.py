"""Pages of site tours: the list, planning one, its stops, opening and closing, result and papers."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for

from crm.assessment.books import queries as books
from crm.assessment.books.pages import tabs
from crm.assessment.tours import paper, queries, rules, services
from crm.assessment.tours.forms import StopForm, TourForm
from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.fieldwork.secrecy import UNSEEN
from crm.pipeline.attempts import attempt
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from flask.typing import ResponseReturnValue

    from crm.assessment.tours.models import SiteTour

bp = Blueprint("tours", __name__, url_prefix="/assessment/tours")
P = Permission
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.get("")
@requires(P.REPORT_READ)
def index() -> ResponseReturnValue:
    """List tours, the latest first."""
    return render_template(
        "assessment/tours/index.html",
        page=queries.page(db.session(), request.args.get("cursor")),
        tabs=tabs("tours.index"),
        may_manage=current_actor().may(P.TARGET_MANAGE),
        rules=rules,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def new() -> ResponseReturnValue:
    """Plan a tour."""
    return _edit(None)


@bp.route("/<int:tour_id>/edit", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def edit(tour_id: int) -> ResponseReturnValue:
    """Change a tour that is being planned."""
    return _edit(queries.tour(db.session(), tour_id))


def _edit(row: SiteTour | None) -> ResponseReturnValue:
    session, today = db.session(), timing.today()
    seats = people.seats(session, None, today)
    names = {user_id: label for _unit, user_id, label in reversed(seats)}
    form = TourForm(obj=row if request.method == "GET" else None).offer(sorted(names.items(), key=lambda one: one[1]))
    page = {"form": form, "row": row}
    if request.method == "GET":
        held = rules.STANDARD if row is None else rules.read_criteria(row.criteria)
        form.criteria.data = "\n".join(
            f"{one.label if row else tr(one.label)} {one.full.normalize():f} {one.weight.normalize():f}" for one in held
        )
        form.judges.data = [] if row is None else [str(one.user_id) for one in row.judges]
        return render_template("assessment/tours/edit.html", **page)

    def act() -> None:
        wanted = None if row is None else row.id
        made.append(services.save(session, current_actor(), form.draft(), now=timing.now(), tour_id=wanted).id)

    made: list[int] = []
    status = attempt(form, act)
    if status is not None:
        return render_template("assessment/tours/edit.html", **page), status
    flash(tr("已保存；加好观摩点就可以开始评分"), "ok")
    return redirect(url_for("tours.show", tour_id=made[0]), 303)


@bp.get("/<int:tour_id>")
@requires(P.REPORT_READ)
def show(tour_id: int) -> ResponseReturnValue:
    """Show a tour: its stops, who handed in, and once closed its result with every sheet."""
    unit = request.args.get("unit", type=int)
    return _shown(tour_id, StopForm(formdata=None, data={"unit_id": unit}), unit)


def _shown(tour_id: int, form: StopForm, unit_id: int | None, status: int = 200) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    row = queries.tour(session, tour_id)
    closed, manages = row.state is rules.TourState.CLOSED, actor.may(P.TARGET_MANAGE)
    planning = manages and row.state is rules.TourState.DRAFT
    units = [(one.id, one.name) for one in people.units(session, row.held_on)] if planning else []
    chosen = unit_id or (units[0][0] if units else 0)
    projects = queries.projects_of(session, actor, [chosen]) if planning else []
    sheets = queries.sheets(session, row.id) if closed else []
    page = render_template(
        "assessment/tours/show.html",
        row=row,
        criteria=rules.read_criteria(row.criteria),
        form=form.offer(units, projects, tr("不是在册项目")),
        chosen=chosen,
        may_manage=manages,
        judges=any(one.user_id == actor.user_id for one in row.judges) and row.state is not rules.TourState.DRAFT,
        barred=queries.conflicts(session, row),
        handed=queries.handed(session, row.id),
        results=queries.results(session, row.id),
        sheets={(one.judge_id, one.stop_id): one for one in sheets},
        points=services.stop_points(row, sheets),
        projects=queries.seen_projects(session, actor, row),
        titles=queries.titles(session, row, actor, tr(UNSEEN)),
        rules=rules,
    )
    return page, status


@bp.post("/<int:tour_id>/stops")
@requires(P.TARGET_MANAGE)
def add_stop(tour_id: int) -> ResponseReturnValue:
    """Add a stop."""
    session, form = db.session(), StopForm()
    unit_id = form.unit_id.data
    form.offer([], [], "")
    status = attempt(form, lambda: services.add_stop(session, current_actor(), tour_id, form.draft(), now=timing.now()))
    if status is not None:
        return _shown(tour_id, form, unit_id, status)
    flash(tr("已加观摩点"), "ok")
    return redirect(url_for("tours.show", tour_id=tour_id, unit=unit_id), 303)


@bp.post("/<int:tour_id>/stops/<int:stop_id>/remove")
@requires(P.TARGET_MANAGE)
def remove_stop(tour_id: int, stop_id: int) -> ResponseReturnValue:
    """Take a stop off."""
    services.remove_stop(db.session(), current_actor(), tour_id, stop_id, now=timing.now())
    flash(tr("已去掉观摩点"), "ok")
    return redirect(url_for("tours.show", tour_id=tour_id), 303)


@bp.post("/<int:tour_id>/open")
@requires(P.TARGET_MANAGE)
def open_tour(tour_id: int) -> ResponseReturnValue:
    """Open the sheets to the judges."""
    return _moved(tour_id, services.open_tour, tr("评分已开始，已通知评委"))


@bp.post("/<int:tour_id>/close")
@requires(P.TARGET_MANAGE)
def close(tour_id: int) -> ResponseReturnValue:
    """Close the tour and fix the result."""
    return _moved(tour_id, services.close, tr("已汇总，名次已定"))


def _moved(tour_id: int, move: Callable[..., object], done: str) -> ResponseReturnValue:
    try:
        move(db.session(), current_actor(), tour_id, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        for problem in error.problems[:3]:
            flash(say(problem), "error")
    else:
        flash(done, "ok")
    return redirect(url_for("tours.show", tour_id=tour_id), 303)


@bp.get("/<int:tour_id>/paper.docx")
@requires(P.REPORT_READ)
def paper_file(tour_id: int) -> Response:
    """Give the result as a Word file once closed, before that a blank score sheet."""
    session = db.session()
    row = queries.tour(session, tour_id)
    issuer, titles = books.issuer(session), queries.titles(session, row, None)
    if row.state is rules.TourState.CLOSED:
        points = services.stop_points(row, queries.sheets(session, row.id))
        data, name = paper.result(row, queries.results(session, row.id), points, titles, issuer), "观摩成绩"
    else:
        data, name = paper.blank(row, titles, issuer), "观摩评分表"
    return send_file(BytesIO(data), WORD, as_attachment=True, download_name=f"{name}-{row.year}-{row.quarter}.docx")
