"""The funnel, and the rows behind any figure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from crm.assessment import queries
from crm.assessment.facts import READ, RowKind, Window
from crm.assessment.links import rows_href
from crm.assessment.measures import MEASURES
from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.auth.units import names_on
from crm.core.errors import ForbiddenError, NotFoundError, Problem
from crm.core.memo import remembered
from crm.core.money import percent
from crm.pipeline.rules import STAGE_LABELS
from crm.reports.charts import funnel_chart
from crm.web import db, timing
from crm.web.access import requires
from crm.web.inputs import day_or_none, instant_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from crm.assessment.queries import FactRow, Step

bp = Blueprint("reports", __name__)
NO_MEASURE = Problem("measure.missing", "没有这个指标。")
FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")


@dataclass(frozen=True, slots=True)
class FunnelLine:
    """One row of the funnel table."""

    label: str
    step: Step
    conversion: str
    kept: str
    dropped: int
    count_href: str
    amount_href: str


def _lines(steps: Sequence[Step], window: Window, unit_id: int | None) -> list[FunnelLine]:
    lines, before, top = [], None, steps[0].count
    for step in steps:
        previous = step.count if before is None else before
        lines.append(
            FunnelLine(
                STAGE_LABELS[step.stage],
                step,
                percent(step.count, previous) or "—" if before is not None else "—",
                percent(step.count, top) or "—",
                previous - step.count,
                rows_href(f"reached_{step.stage.value}", window, unit_id),
                rows_href(f"reached_amount_{step.stage.value}", window, unit_id),
            )
        )
        before = step.count
    return lines


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
    session, actor = db.session(), current_actor()
    unit_id = request.args.get("unit", type=int)
    scope = queries.visible_units(actor, MEASURES["reached_lead"], unit_id)
    window, steps = _counted(replace(_window(), units=scope))
    allowed = actor.scope(Permission.PROJECT_READ)
    units = [unit for unit in people.units(session, timing.today()) if allowed is None or unit.id in allowed]
    return render_template(
        "reports/funnel.html",
        lines=_lines(steps, window, unit_id),
        chart=funnel_chart(steps),
        window=window,
        units=units,
        unit_id=unit_id,
        total=steps[0].count,
    )


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
    window = replace(_window(), units=queries.visible_units(actor, measure, unit_id))
    page = queries.rows_page(session, measure, window, request.args.get("after"))
    asked = {key: value for key, value in request.args.items() if key != "after"}
    return render_template(
        "reports/rows.html",
        measure=measure,
        window=window,
        page=page,
        href=partial(_row_href, measure.kind),
        unit_name=names_on(session, window.end, [unit_id]).get(unit_id) if unit_id else None,
        total=queries.total(session, measure, window),
        size=queries.size(session, measure, window),
        has_notes=any(row.note for row in page.rows),
        money=measure.unit == "万元",
        counted=all(row.amount == Decimal(1) for row in page.rows),
        next=_page_href(asked, page.next),
        previous=_page_href(asked, page.previous),
    )


def _page_href(asked: dict[str, str], cursor: str | None) -> str | None:
    return f"{request.path}?{urlencode({**asked, 'after': cursor})}" if cursor else None


def _row_href(kind: RowKind, row: FactRow) -> str:
    return f"/visits/{row.id}" if kind is RowKind.TOUCH else f"/projects/{row.project_id}"
