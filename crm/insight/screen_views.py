"""The big screen (驾驶舱): the year's figures for a wall, renewed without a flicker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, render_template, request

from crm.assessment import queries as assessment
from crm.assessment.charts import funnel_chart
from crm.assessment.links import rows_href
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.auth.units import office_name
from crm.insight import ahead, comparing, figures_ahead, pages, queries
from crm.insight.ahead import Sum
from crm.insight.buckets import months
from crm.insight.changes import Trend, change
from crm.insight.drill import Of
from crm.insight.figures import rows_of
from crm.insight.keeping import kept
from crm.insight.rules import Dimension
from crm.insight.words import TONES, change_words, month_words, parts
from crm.pipeline.outlook.queries import probabilities
from crm.pipeline.rules import STAGE_LABELS, Stage
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from typing import Any

    from flask.typing import ResponseReturnValue

    from config import Settings
    from crm.assessment.queries import Step
    from crm.assessment.window import Window
    from crm.insight.rules import Group

TILES = (
    "leads", "visits", "inspections", "signings", "starts", "signed_amount", "recognized_amount", "capital_recognized",
)  # fmt: skip
RATES = ("new_faces", "answered", "signing", "start")
UNIT_STAGES = (Stage.LEAD, Stage.VISITING, Stage.INSPECTING, Stage.SIGNED, Stage.STARTED)
MOST_UNITS = 60
MONTHS_AHEAD = 6


@requires(Permission.REPORT_READ)
def screen() -> ResponseReturnValue:
    """Show the big screen, or only its content when it asks for itself anew."""
    window, found = kept("screen", pages.window(), _count, lambda one: comparing.size(one.sums))
    page = "insight/_screen.html" if request.headers.get("HX-Request") else "insight/screen.html"
    shown = {**_figures(found), **_funnel(window, found), **_ahead()}
    office = office_name(db.session(), cast("Settings", current_app.config["SETTINGS"]).office_name)
    return render_template(page, window=window, now=timing.now(), office=office, parts=parts, **shown)


@dataclass(frozen=True, slots=True)
class Counted:
    """What the screen shows of a year: sums beside last year, rates of this year, the funnel, units by stage."""

    sums: list[comparing.Sums]
    rates: list[comparing.Rates]
    steps: list[Step]
    units: list[Group]


def _count(window: Window) -> Counted:
    session, actor = db.session(), current_actor()
    now, last_year = (comparing.NOW,), (comparing.NOW, comparing.YEAR_AGO)
    found = comparing.chosen(session, actor, TILES, RATES, window, in_times=last_year, rates_in=now)
    steps, units = assessment.funnel(session, window), queries.groups(session, window, Dimension.UNIT, ())
    return Counted(*found, steps, units)


def _figures(found: Counted) -> dict[str, Any]:
    """Tiles and rates."""
    tiles = []
    for one in found.sums:
        against = change(one.values[0], one.values[2])
        words = tr("去年同期为零") if against.trend is Trend.NO_BASE else f"{tr('同比')} {change_words(against)}"
        href = rows_href(one.measure.key, one.windows[0])
        tiles.append((one.measure, one.values[0], href, words, TONES.get(against.trend, "")))
    shown = [(one.rate, one.pairs[0], rows_href(one.rate.of.key, one.windows[1])) for one in found.rates]
    return {"tiles": tiles, "rates": shown}


def _funnel(window: Window, found: Counted) -> dict[str, Any]:
    """Units by stage, and the funnel of them all."""
    steps = [step for step in found.steps if step.stage in queries.STEPS]
    links = [rows_href(f"reached_{step.stage.value}", window) for step in steps]
    places = [queries.STEPS.index(stage) for stage in UNIT_STAGES]
    units = sorted(found.units, key=_rank)
    rows = []
    for unit in units[:MOST_UNITS]:
        hrefs = [rows_of(Of.GROUPS, stage, unit.key, Dimension.UNIT, window) for stage in UNIT_STAGES]
        rows.append((unit.label, [(unit.counts[at], href) for at, href in zip(places, hrefs, strict=True)]))
    return {
        "units": rows,
        "unit_count": len(units),
        "stages": [STAGE_LABELS[stage] for stage in UNIT_STAGES],
        "chart": funnel_chart(steps, links),
        "total": steps[0].count,
    }


def _rank(unit: Group) -> tuple[int, int, int, str]:
    """Put the unit with most signings first, then by inspections and leads."""
    signed, inspected = (unit.counts[queries.STEPS.index(stage)] for stage in (Stage.SIGNED, Stage.INSPECTING))
    return -signed, -inspected, -unit.total, unit.label


def _ahead() -> dict[str, Any]:
    """What is expected to be signed in the coming months."""
    session, today = db.session(), timing.today()
    by = (Dimension.UNIT, ())
    found = figures_ahead.summed(ahead.outlooks(session, current_actor(), by, probabilities(session), today))
    near = months(today, MONTHS_AHEAD)
    return {"coming": [(month_words(one.key), found.get(one.key, Sum()), rows_of(Of.AHEAD, one.key)) for one in near]}
