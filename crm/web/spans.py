"""Periods one asks for often, so that nobody has to type days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from crm.web import timing
from crm.web.inputs import asked

if TYPE_CHECKING:
    from flask import Flask

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A period by its name (a message id), first and last day."""

    label: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Chip:
    """A button that leads to the same page for another period."""

    label: str
    href: str
    current: bool


def spans(today: date) -> list[Span]:
    """Running periods till today, finished ones whole."""
    month = today.replace(day=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    year = today.replace(month=1, day=1)
    return [
        Span("本周", today - timedelta(days=today.weekday()), today),
        Span("本月", month, today),
        Span("上月", (month - ONE_DAY).replace(day=1), month - ONE_DAY),
        Span("本季度", quarter, today),
        Span("今年", year, today),
        Span("上一年", year.replace(year=year.year - 1), year - ONE_DAY),
        Span("近12个月", year_back(today) + ONE_DAY, today),
    ]


def year_back(day: date) -> date:
    """The same day a year earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def chips(start: date, end: date) -> list[Chip]:
    """Buttons for this page: what else it asks stays as it is; days of now, not of a moment kept in the address."""
    kept = asked("from", "to", "asof", "cursor", "before", "after")
    return [
        Chip(
            one.label,
            f"?{urlencode({**kept, 'from': one.start.isoformat(), 'to': one.end.isoformat()})}",
            (one.start, one.end) == (start, end),
        )
        for one in spans(timing.today())
    ]


def init_app(app: Flask) -> None:
    """Lend the buttons to every template."""
    app.jinja_env.globals["period_chips"] = chips
