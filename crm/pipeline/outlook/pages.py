"""The calendar and the forecast as views of the board's query."""

from __future__ import annotations

from calendar import Calendar
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flask import render_template, request

from crm.auth.identity import current_actor
from crm.pipeline.outlook import queries
from crm.pipeline.outlook.rules import Gap
from crm.web import db
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
SIGNING = "sign"


def calendar(shared: dict[str, Any]) -> ResponseReturnValue:
    """Show a month by the day of the next step, or by the expected day of signing."""
    today = shared["clock"].today
    first = day_or_none(f"{request.args.get('month', '')}-01") or today.replace(day=1)
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    signing = request.args.get("by") == SIGNING
    span = weeks[0][0], weeks[-1][-1]
    found = queries.days(db.session(), current_actor(), shared["filters"], shared["clock"], span, signing=signing)
    return render_template(
        "pipeline/outlook/calendar.html",
        **shared,
        view="calendar",
        weeks=weeks,
        weekdays=WEEKDAYS,
        found=found,
        first=first,
        today=today,
        signing=signing,
        earlier=f"{first - timedelta(days=1):%Y-%m}",
        later=f"{_next_month(first):%Y-%m}",
        count=sum(day.count for on, day in found.items() if on.month == first.month),
    )


def forecast(shared: dict[str, Any]) -> ResponseReturnValue:
    """Show what is expected to be signed by month, raw and weighted."""
    session = db.session()
    chances = queries.probabilities(session)
    months = queries.forecast(session, current_actor(), shared["filters"], chances, shared["clock"])
    return render_template(
        "pipeline/outlook/forecast.html",
        **shared,
        view="forecast",
        months=months,
        gaps=Gap,
        chances=chances,
        most=max((month.amount for month in months), default=0),
        count=sum(month.count for month in months),
        amount=sum(month.amount for month in months),
        weighted=sum(month.weighted for month in months),
    )


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
