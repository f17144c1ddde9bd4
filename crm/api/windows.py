"""Which facts a program asks for: a period, an instant, units and a lens, read strictly."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from crm.api.fields import Asked, Day, Moment, Short
from crm.assessment.links import LARGEST, ids_from
from crm.assessment.queries import NO_UNIT
from crm.assessment.window import EVERYTHING, Lens, Size, Window
from crm.auth.identity import current_actor
from crm.core.errors import DomainError, Problem
from crm.pipeline.rules import Capital, Channel
from crm.reports import queries as reports
from crm.reports.models import ReportState
from crm.reports.period import week_of
from crm.reports.weeks import parse_week
from crm.web import db, timing

if TYPE_CHECKING:
    from crm.auth.rules import Permission

IDS = r"^[0-9]{1,9}(\.[0-9]{1,9}){0,399}$"
WORDS = ("currency", "capital", "channel", "industry", "sector", "region", "site")
Bound = Annotated[Decimal, Field(ge=0, le=LARGEST, decimal_places=6)]
TURNED = Problem("period.turned", "结束日期不能早于开始日期。", "end")
BOTH = Problem("period.both", "请只用 week，或者只用 start、end 和 as_of。", "week")
NO_WEEK = Problem("period.week", "周次应写作 2026-W46。", "week")


class FigureAsked(Asked):
    """When and whose: this year up to now where nothing is said."""

    start: Annotated[Day | None, Field(description="First day; New Year unless told")] = None
    end: Annotated[Day | None, Field(description="Last day; today unless told")] = None
    as_of: Annotated[Moment | None, Field(description="What was known at this instant; now unless told")] = None
    week: Annotated[
        str, Field(max_length=8, description="`2026-W46`: the days and the cut-off of that weekly report")
    ] = ""
    units: Annotated[str, Field(pattern=IDS, description="Ids of units, dots between")] | None = None
    people: Annotated[str, Field(pattern=IDS, description="Ids of people, dots between")] | None = None
    low: Annotated[Bound | None, Field(description="Investment from, in CNY 10,000")] = None
    high: Annotated[Bound | None, Field(description="Investment below, in CNY 10,000")] = None
    size: Annotated[Size, Field(description="Which investment `low` and `high` mean")] = Size.TOTAL
    currency: Annotated[str, Field(max_length=3)] = ""
    capital: Capital | None = None
    channel: Channel | None = None
    industry: Short = ""
    sector: Annotated[str, Field(max_length=20, description="Letters of GB/T 4754")] = ""
    region: Annotated[str, Field(max_length=6, description="Beginning of a code of GB/T 2260")] = ""
    site: Short = ""


def window(asked: FigureAsked, permission: Permission) -> Window:
    """Return the window, of the units that the permission covers; a unit out of reach is told like one that is not."""
    scope = current_actor().scope(permission)
    units = scope if asked.units is None else ids_from(asked.units)
    if scope is not None and units is not None and not units <= scope:
        raise DomainError(Problem(NO_UNIT.key, NO_UNIT.message, "units"))
    if asked.week:
        return _week(asked, units)
    today, now = timing.today(), timing.now()
    start, end = asked.start or date(today.year, 1, 1), asked.end or today
    if end < start:
        raise DomainError(TURNED)
    return Window(start, end, min(asked.as_of or now, now), units, _lens(asked))


def fixed(asked: FigureAsked) -> bool:
    """Whether the instant is told, so that the figure must not be one counted a little earlier."""
    return bool(asked.as_of or asked.week)


def told(window: Window) -> dict[str, Any]:
    """Say which facts were counted."""
    units = None if window.units is None else sorted(window.units)
    return {"start": window.start, "end": window.end, "as_of": window.cutoff.astimezone(UTC), "unit_ids": units}


def _week(asked: FigureAsked, units: frozenset[int] | None) -> Window:
    """Return the week of a report: by the cut-off of its issue, if one is published."""
    if asked.start or asked.end or asked.as_of:
        raise DomainError(BOTH)
    try:
        week = parse_week(asked.week)
    except ValueError as error:
        raise DomainError(NO_WEEK) from error
    issue = reports.report_by_week(db.session(), *week)
    frozen = issue is not None and issue.state is ReportState.FROZEN
    found = week_of(*week, cutoff=issue.cutoff_at if issue is not None and frozen else None).window
    return Window(found.start, found.end, min(found.cutoff, timing.now()), units, _lens(asked))


def _lens(asked: FigureAsked) -> Lens:
    words = {name: str(getattr(asked, name) or "") for name in WORDS}
    people = None if asked.people is None else ids_from(asked.people)
    lens = Lens(people=people, low=asked.low, high=asked.high, size=asked.size, **words)
    return EVERYTHING if lens == EVERYTHING else lens
