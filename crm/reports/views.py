"""The funnel, and the rows behind any figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for

from crm.assessment import queries
from crm.assessment.facts import READ, Window
from crm.assessment.links import ids_from, lens_from, row_href
from crm.assessment.measures import MEASURES
from crm.assessment.sections import ANALYSIS
from crm.assessment.words import narrowed_words
from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.auth.tabs import tabs_of
from crm.auth.workbooks import hand_out
from crm.core.errors import ForbiddenError, NotFoundError, Problem
from crm.core.memo import remembered
from crm.reports.funnel import sheaf
from crm.web import db, timing
from crm.web.access import requires
from crm.web.inputs import asked, day_or_none, instant_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.assessment.queries import Step
    from crm.assessment.window import Measure

bp = Blueprint("reports", __name__)
NO_MEASURE = Problem("measure.missing", "没有这个指标。")
FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")


def _day(name: str, default: date) -> date:
    return day_or_none(request.args.get(name, "")) or default


def _window() -> Window:
    """Read ?from, ?to and ?asof; this year and now where they say nothing usable."""
    today = timing.today()
    start, end = _day("from", date(today.year, 1, 1)), _day("to", today)
    if end < start:
        start, end = end, start
    cutoff = instant_or_none(request.args.get("asof", "")) or timing.now()
    return Window(start, end, cutoff if cutoff.tzinfo else cutoff.replace(tzinfo=timing.zone()))


@bp.get("/reports/funnel")
@requires(Permission.REPORT_READ)
def funnel() -> ResponseReturnValue:
    """Show the projects of a period by the stages they reached, by count and amount."""
    session, actor, unit_id = db.session(), current_actor(), request.args.get("unit", type=int)
    window, steps = _funnel(unit_id)
    allowed = actor.scope(Permission.PROJECT_READ)
    units = [unit for unit in people.units(session, timing.today()) if allowed is None or unit.id in allowed]
    address = f"{url_for('reports.funnel_export')}?{urlencode(asked())}"
    return render_template(
        "reports/funnel.html",
        sheaf=sheaf(steps, window, unit_id),
        export=address if actor.may(Permission.REGISTER_EXPORT) else "",
        window=window,
        units=units,
        unit_id=unit_id,
        total=steps[0].count,
        tabs=tabs_of(ANALYSIS, "reports.funnel", {key: one for key, one in asked().items() if key in {"from", "to"}}),
    )


@bp.get("/reports/funnel.xlsx")
@requires(Permission.REGISTER_EXPORT)
def funnel_export() -> ResponseReturnValue:
    """Give the funnel as a workbook; who took it is on record."""
    unit_id = request.args.get("unit", type=int)
    window, steps = _funnel(unit_id)
    period = {"from": window.start.isoformat(), "to": window.end.isoformat(), "unit": unit_id}
    return hand_out(sheaf(steps, window, unit_id), "insight.export", "insight", view="funnel", **period)


def _funnel(unit_id: int | None) -> tuple[Window, list[Step]]:
    scope = queries.visible_units(current_actor(), MEASURES["reached_lead"], unit_id)
    return _counted(replace(_window(), units=scope))


def _counted(window: Window) -> tuple[Window, list[Step]]:
    """Count a funnel as of now; a large office counts it once for all who see the same, with the cut-off of then."""
    session = db.session()
    if "asof" in request.args:
        return window, queries.funnel(session, window)
    key = ("funnel", window.start, window.end, window.units)

    def make() -> tuple[Window, list[Step]]:
        return window, queries.funnel(session, window)

    return remembered(session, key, make, rows=lambda found: found[1][0].count, now=timing.now())


@bp.get("/reports/rows")
@requires(Permission.REPORT_READ)
def rows() -> ResponseReturnValue:
    """List the rows behind a figure; their total is the figure."""
    session, actor = db.session(), current_actor()
    measure = MEASURES.get(request.args.get("measure", ""))
    if measure is None:
        raise NotFoundError(NO_MEASURE)
    if not actor.may(READ[measure.kind]):
        raise ForbiddenError(FORBIDDEN)
    unit_id = request.args.get("unit", type=int)
    units = queries.visible_units(actor, measure, unit_id, ids_from(request.args.get("units", "")))
    window = replace(_window(), units=units, lens=lens_from(request.args))
    window, (size, total) = _whole(measure, window)
    page = queries.rows_page(session, measure, window, request.args.get("after"))
    kept = {key: value for key, value in request.args.items() if key != "after"}
    return render_template(
        "reports/rows.html",
        measure=measure,
        window=window,
        page=page,
        href=partial(row_href, measure.kind),
        narrowed=narrowed_words(session, window),
        total=total,
        size=size,
        has_notes=any(row.note for row in page.rows),
        money=measure.unit == "万元",
        counted=all(row.amount == Decimal(1) for row in page.rows),
        next=_page_href(kept, page.next),
        previous=_page_href(kept, page.previous),
    )


def _whole(measure: Measure, window: Window) -> tuple[Window, tuple[int, Decimal]]:
    """Count the rows of a figure, many of them once for all its pages, with the cut-off of then."""
    session, asof = db.session(), request.args.get("asof")
    key = ("rows", measure.key, window.start, window.end, window.units, window.lens, asof)

    def make() -> tuple[Window, tuple[int, Decimal]]:
        return window, queries.whole(session, measure, window)

    return remembered(session, key, make, rows=lambda found: found[1][0], now=timing.now())


def _page_href(kept: dict[str, str], cursor: str | None) -> str | None:
    return f"{request.path}?{urlencode({**kept, 'after': cursor})}" if cursor else None
