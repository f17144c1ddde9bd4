"""The request's one idea of now and today."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from flask import current_app, g

if TYPE_CHECKING:
    from datetime import date, datetime


def now() -> datetime:
    """Return the instant at which this request began (aware, UTC)."""
    if "now" not in g:
        g.now = current_app.config["CLOCK"]()
    return cast("datetime", g.now)


def zone() -> ZoneInfo:
    """Return the office's time zone."""
    return ZoneInfo(current_app.config["TIME_ZONE"])


def today() -> date:
    """Return the office's calendar day."""
    if "today" not in g:
        g.today = now().astimezone(zone()).date()
    return cast("date", g.today)
