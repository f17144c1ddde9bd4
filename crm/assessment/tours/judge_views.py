"""Pages of a judge on a phone: the stops of a tour, and the sheet of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.assessment.tours import queries, rules, services
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, NotFoundError
from crm.fieldwork.secrecy import UNSEEN
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

bp = Blueprint("tour_judge", __name__, url_prefix="/assessment/tours/<int:tour_id>/judge")
P = Permission
MARK = "mark-"


@bp.get("")
@requires(P.LEAD_REPORT)
def stops(tour_id: int) -> ResponseReturnValue:
    """List the stops with what I gave."""
    session, actor = db.session(), current_actor()
    row = queries.tour(session, tour_id)
    judge = queries.judge_of(row, actor.user_id)
    barred = queries.conflicts(session, row)
    return render_template(
        "assessment/tours/judge.html",
        row=row,
        sheets=queries.own_sheets(session, judge.id),
        barred={stop_id for judge_id, stop_id in barred if judge_id == judge.id},
        titles=queries.titles(session, row, actor, tr(UNSEEN)),
        may_read=actor.may(P.REPORT_READ),
        rules=rules,
    )


@bp.route("/<int:stop_id>", methods=["GET", "POST"])
@requires(P.LEAD_REPORT)
def sheet(tour_id: int, stop_id: int) -> ResponseReturnValue:
    """Show my sheet of a stop and take it in."""
    session, actor = db.session(), current_actor()
    if request.method == "GET":
        return _sheet(tour_id, stop_id, None, {})
    typed = {name[len(MARK) :]: value[:20] for name, value in request.form.items() if name.startswith(MARK)}
    remark = request.form.get("remark", "")
    try:
        services.hand_in(session, actor, (tour_id, stop_id), typed, remark=remark, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        faults = {one.field or "": say(one) for one in error.problems}
        return _sheet(tour_id, stop_id, {**typed, "remark": remark}, faults, error.status)
    flash(tr("评分已提交；汇总前可以再改"), "ok")
    return redirect(url_for("tour_judge.stops", tour_id=tour_id), 303)


def _sheet(
    tour_id: int, stop_id: int, typed: Mapping[str, str] | None, faults: Mapping[str, str], status: int = 200
) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    row = queries.tour(session, tour_id)
    judge = queries.judge_of(row, actor.user_id)
    stop = next((one for one in row.stops if one.id == stop_id), None)
    if stop is None:
        raise NotFoundError(queries.NO_TOUR)
    held = queries.own_sheets(session, judge.id).get(stop.id)
    title = queries.titles(session, row, actor, tr(UNSEEN))[stop.id]
    said = held.remark or "" if held and title == stop.title else ""
    page = render_template(
        "assessment/tours/sheet.html",
        row=row,
        stop=stop,
        title=title,
        criteria=rules.read_criteria(row.criteria),
        held=held,
        marks=typed if typed is not None else (held.marks if held else {}),
        remark=typed.get("remark", "") if typed is not None else said,
        faults=faults,
        project=queries.seen_projects(session, actor, row).get(stop.project_id or 0),
        barred=(judge.id, stop.id) in queries.conflicts(session, row),
        open=row.state is rules.TourState.OPEN,
    )
    return page, status
