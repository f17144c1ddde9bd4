"""What visits led to (走访成效): figures by the rank of who led, and the rows behind each number."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.field import conversion
from crm.field.conversion import YIELD_LABELS, Basket, Yield
from crm.fieldwork.rules import LEADER_LABELS, TOUCH_LABELS, LeaderLevel
from crm.fieldwork.trips import queries
from crm.pipeline.rules import STAGE_LABELS
from crm.web import db, timing
from crm.web.access import requires

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("trip_results", __name__, url_prefix="/trips/results")
P = Permission
OLDEST = 2000


@bp.get("")
@requires(P.TOUCH_READ)
def index() -> ResponseReturnValue:
    """Show visits, leads and signings of a year by leader level."""
    year = _year()
    return render_template(
        "field/trips/results.html",
        levels=LEADER_LABELS,
        found=conversion.by_level(db.session(), current_actor(), _of_year(year)),
        whole=conversion.overall(db.session(), current_actor(), _of_year(year)),
        year=year,
        years=range(timing.today().year, timing.today().year - 5, -1),
        labels=YIELD_LABELS,
    )


@bp.get("/<any('visits', 'firms', 'leads', 'signings'):what>")
@requires(P.TOUCH_READ)
def rows(what: str) -> ResponseReturnValue:
    """List the rows behind a number."""
    session, actor, args = db.session(), current_actor(), request.args
    trip_id, level = args.get("trip", type=int), args.get("level", "")
    trip = queries.trip(session, actor, trip_id) if trip_id is not None else None
    year = None if trip else _year()
    basket = Basket(
        trip_id=trip.id if trip else None,
        level=LeaderLevel(level) if level in LEADER_LABELS else None,
        since=date(year, 1, 1) if year else None,
        until=date(year + 1, 1, 1) if year else None,
    )
    page = conversion.page(session, actor, Yield(what), basket, cursor=args.get("cursor"))
    kept: dict[str, Any] = {"what": what, "trip": trip_id, "level": level or None, "year": year}
    return render_template(
        "field/trips/rows.html",
        page=page,
        what=what,
        trip=trip,
        level=basket.level,
        year=year,
        levels=LEADER_LABELS,
        labels=YIELD_LABELS,
        kinds=TOUCH_LABELS,
        stages=STAGE_LABELS,
        link=lambda cursor: url_for("trip_results.rows", cursor=cursor, **kept),
    )


def _year() -> int:
    today = timing.today()
    asked = request.args.get("year", 0, type=int)
    return asked if OLDEST < asked <= today.year else today.year


def _of_year(year: int) -> Basket:
    return Basket(since=date(year, 1, 1), until=date(year + 1, 1, 1))
