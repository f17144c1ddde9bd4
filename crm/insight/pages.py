"""What each management view shows, made once for the page and for its workbook."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from flask import request

from crm.assessment import queries as assessment
from crm.assessment.measures import MEASURES
from crm.assessment.window import Window
from crm.auth.identity import current_actor
from crm.core.errors import NotFoundError, Problem
from crm.insight import (
    ahead,
    comparing,
    figures,
    figures_ahead,
    figures_compare,
    figures_groups,
    idle,
    queries,
    windows,
)
from crm.insight import by_group as groups_of
from crm.insight.keeping import kept
from crm.insight.rules import DIMENSION_LABELS, Dimension
from crm.pipeline.intake import setup
from crm.pipeline.outlook.queries import probabilities
from crm.pipeline.rules import STAGE_LABELS
from crm.web import db, timing
from crm.web.filters import day, when
from crm.web.grids import Sheaf
from crm.web.i18n import tr
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from crm.insight.rules import Group

NO_VIEW = Problem("insight.missing", "没有这个分析页。")
NO_ROWS = Problem("insight.no_rows", "这段时间没有可以导出的数字，请换一个时间段。")


def window() -> Window:
    """Read ?from and ?to; this year till now where they say nothing usable. Only units the person sees."""
    today = timing.today()
    start = day_or_none(request.args.get("from", "")) or date(today.year, 1, 1)
    end = day_or_none(request.args.get("to", "")) or today
    if end < start:
        start, end = end, start
    scope = assessment.visible_units(current_actor(), MEASURES["reached_lead"])
    return Window(start, end, timing.now(), scope)


def dimension() -> Dimension:
    """Read ?by; units where it says nothing usable."""
    asked = request.args.get("by", "")
    return Dimension(asked) if asked in set(Dimension) else Dimension.UNIT


def _by() -> tuple[Dimension, Sequence[Decimal]]:
    return dimension(), setup.load(db.session()).dimensions.bands


def _span(shown: Window) -> str:
    return f"{day(shown.start)} — {day(shown.end)}{tr('，')}{_as_of(shown.cutoff)}"


def _as_of(moment: datetime) -> str:
    return tr("截至 %(moment)s", moment=when(moment))


def groups() -> Sheaf:
    """Projects by group and stage, beside the days before and a year earlier."""
    session, by = db.session(), _by()

    def count(shown: Window) -> list[list[Group]]:
        three = (shown, windows.before(shown), windows.year_before(shown))
        return [queries.groups(session, one, *by) for one in three]

    shown, (found, *earlier) = kept("groups", window(), count, lambda three: sum(row.total for row in three[0]), by)
    before, last_year = ({row.key: row.total for row in rows} for rows in earlier)
    parts = [
        figures.groups(found, (before, last_year), by, shown),
        figures_groups.conversions(found, by, shown),
        figures_groups.amounts(found, by, shown),
    ]
    parts = parts if found else []
    return Sheaf(tr("分组对比"), parts, _span(shown), {"window": shown, "dimension": by[0], "labels": DIMENSION_LABELS})


def stays() -> Sheaf:
    """How long projects stay in each stage."""
    session, by = db.session(), _by()
    shown, (days, by_group) = kept(
        "stays",
        window(),
        lambda one: (queries.stays(session, one), groups_of.stays(session, one, by)),
        lambda found: sum(stay.left + stay.inside for stay in found[0]),
        by,
    )
    parts = [figures.stays(list(zip(map(str, queries.STAYS), days, strict=True)), shown)]
    if by_group:
        parts.append(figures_groups.stays(by_group, by, shown))
    more = {"window": shown, "dimension": by[0], "labels": DIMENSION_LABELS}
    return Sheaf(tr("停留时间"), parts, _span(shown), more)


def cohorts() -> Sheaf:
    """What became of projects by the month of their first talk."""
    session, by = db.session(), _by()
    shown, (found, by_group) = kept(
        "cohorts",
        window(),
        lambda one: (queries.cohorts(session, one), groups_of.cohorts(session, one, by)),
        lambda found: sum(one.counts[0] for one in found[0]),
        by,
    )
    parts = [figures.cohorts(found, shown), figures_groups.cohorts(by_group, by, shown)] if found else []
    more = {"window": shown, "dimension": by[0], "labels": DIMENSION_LABELS}
    return Sheaf(tr("按首谈月份看转化"), parts, _span(shown), more)


def forecast() -> Sheaf:
    """What is expected to be signed, by group and by month."""
    session, by, today = db.session(), _by(), timing.today()
    chances = probabilities(session)
    found = ahead.outlooks(session, current_actor(), by, chances, today)
    parts = [figures_ahead.calendar(found, today), figures_ahead.ahead(found, by, today)] if found else []
    more: dict[str, Any] = {"dimension": by[0], "labels": DIMENSION_LABELS, "sums": figures_ahead.summed(found)}
    more["chances"] = [(tr(STAGE_LABELS[stage]), value) for stage, value in chances.by_stage.items()]
    return Sheaf(tr("签约预测"), parts, _as_of(timing.now()), more)


def stalled() -> Sheaf:
    """What stands still, by group and age."""
    by, today = _by(), timing.today()
    found = idle.standings(db.session(), current_actor(), by, today)
    parts = [figures_ahead.idle(found, by)] if found else []
    more = {"dimension": by[0], "labels": DIMENSION_LABELS}
    return Sheaf(tr("停滞分析"), parts, _as_of(timing.now()), more)


def compare() -> Sheaf:
    """Every figure beside last period and last year."""
    session, actor = db.session(), current_actor()
    counts, amounts = comparing.COUNTS, comparing.AMOUNTS

    def count(one: Window) -> tuple[list[comparing.Sums], list[comparing.Rates], Any]:
        found, rates = comparing.chosen(session, actor, (*counts, *amounts), comparing.SHOWN_RATES, one)
        return found, rates, comparing.funnels(session, actor, one)

    shown, (found, rates, funnels) = kept("compare", window(), count, lambda three: comparing.size(three[0]))
    parts = [
        figures_compare.counted(found[: len(counts)]),
        figures_compare.sums_of_money(found[len(counts) :]),
        figures_compare.rates(rates),
        figures_compare.funnel(*funnels),
    ]
    more = {"window": shown, "before": windows.before(shown), "year_before": windows.year_before(shown)}
    return Sheaf(tr("同期比较"), parts, _span(shown), more)


PAGES: dict[str, Callable[[], Sheaf]] = {
    "groups": groups,
    "stays": stays,
    "cohorts": cohorts,
    "forecast": forecast,
    "stalled": stalled,
    "compare": compare,
}


def page(name: str) -> Sheaf:
    """Make the figures of a view by its name, or say that there is none."""
    if name not in PAGES:
        raise NotFoundError(NO_VIEW)
    return PAGES[name]()
