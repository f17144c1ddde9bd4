"""Pages of mutual rating: what I am asked to rate, my sheet, how far it is, closing and taking back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.assessment.books import list_queries, lists, pages, queries, ratings
from crm.assessment.books.rules import RunState
from crm.assessment.engine.numbers import shown
from crm.assessment.tours import queries as tours
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("assess_ratings", __name__, url_prefix="/assessment/ratings")
P = Permission
MARK = "mark-"


@bp.get("")
@requires(P.LEAD_REPORT)
def mine() -> ResponseReturnValue:
    """List what I am asked to rate: mutual ratings and site tours."""
    session, actor = db.session(), current_actor()
    return render_template(
        "assessment/books/mine.html",
        rows=list_queries.asked(session, actor.user_id),
        tours=tours.judged_by(session, actor.user_id),
        tabs=pages.tabs("assess_ratings.mine"),
        today=timing.today(),
    )


@bp.route("/<int:rating_id>", methods=["GET", "POST"])
@requires(P.LEAD_REPORT)
def rate(rating_id: int) -> ResponseReturnValue:
    """Show my sheet and take it in."""
    session, actor = db.session(), current_actor()
    if request.method == "GET":
        return _sheet(rating_id, None, {})
    typed = {
        int(name[len(MARK) :]): value[:20]
        for name, value in request.form.items()
        if name.startswith(MARK) and name[len(MARK) :].isascii() and name[len(MARK) :].isdigit() and len(name) < 15  # noqa: PLR2004 (fits an integer column)
    }
    try:
        ratings.hand_in(session, actor, rating_id, typed, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        faults = {one.field or "": say(one) for one in error.problems}
        return _sheet(rating_id, typed, faults, error.status)
    flash(tr("评分已提交；截止前可以再改"), "ok")
    return redirect(url_for("assess_ratings.mine"), 303)


def _sheet(
    rating_id: int, typed: dict[int, str] | None, faults: dict[str, str], status: int = 200
) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    rating = list_queries.rating(session, rating_id)
    rater, allowed = ratings.mine(session, rating, actor)
    held = list_queries.own_marks(session, rater.id)
    marks = typed if typed is not None else {one: f"{row.mark.normalize():f}" for one, row in held.items()}
    sheet = lists.sheets_of(queries.run(session, rating.run_id))[rating.name]
    page = render_template(
        "assessment/books/rate.html",
        rating=rating,
        rater=rater,
        rated=[one for one in rating.rated if one.unit_id in allowed],
        own=[one for one in rating.rated if one.unit_id not in allowed],
        marks=marks,
        faults=faults,
        most=shown(sheet.scale),
        today=timing.today(),
    )
    return page, status


@bp.get("/<int:rating_id>/state")
@requires(P.TARGET_MANAGE)
def state(rating_id: int) -> ResponseReturnValue:
    """Show who has handed in; marks are not shown."""
    session = db.session()
    rating = list_queries.rating(session, rating_id)
    sheet = lists.sheets_of(queries.run(session, rating.run_id))[rating.name]
    return render_template(
        "assessment/books/rating.html",
        rating=rating,
        groups=sheet.groups or ("",),
        counts=list_queries.counts(session, rating.id),
        today=timing.today(),
        may_close=rating.closed_at is None and rating.run.state is RunState.OPEN,
    )


@bp.post("/<int:rating_id>/close")
@requires(P.TARGET_MANAGE)
def close(rating_id: int) -> ResponseReturnValue:
    """Close a rating; its marks count from now on."""
    try:
        ratings.close(db.session(), current_actor(), rating_id, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        flash(say(error.problems[0]), "error")
    else:
        flash(tr("互评已截止，正在重新计算"), "ok")
    return redirect(url_for("assess_ratings.state", rating_id=rating_id), 303)


@bp.post("/<int:rating_id>/withdraw")
@requires(P.TARGET_MANAGE)
def withdraw(rating_id: int) -> ResponseReturnValue:
    """Take an open rating back."""
    session = db.session()
    run_id = list_queries.rating(session, rating_id).run_id
    ratings.withdraw(session, current_actor(), rating_id, now=timing.now())
    flash(tr("互评已撤回，收到的评分已删除"), "ok")
    return redirect(url_for("assess_lists.index", run_id=run_id), 303)
