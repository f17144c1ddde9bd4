"""Windows to compare a period with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from crm.assessment.window import Window


def before(window: Window) -> Window:
    """The days just before, as many as the window has."""
    span = window.end - window.start + timedelta(days=1)
    return replace(window, start=window.start - span, end=window.start - timedelta(days=1))


def year_before(window: Window) -> Window:
    """The same days a year earlier; 29 February becomes the 28th."""
    return replace(window, start=_year_back(window.start), end=_year_back(window.end))


def presets(today: date) -> list[tuple[str, date]]:
    """Periods one asks for often, each till today: its name and its first day."""
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return [
        ("本周", today - timedelta(days=today.weekday())),
        ("本月", today.replace(day=1)),
        ("本季度", quarter),
        ("今年", today.replace(month=1, day=1)),
        ("近12个月", _year_back(today) + timedelta(days=1)),
    ]


def _year_back(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
