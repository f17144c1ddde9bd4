"""Windows to compare a period with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from crm.web.spans import year_back

if TYPE_CHECKING:
    from crm.assessment.window import Window


def before(window: Window) -> Window:
    """The days just before, as many as the window has."""
    span = window.end - window.start + timedelta(days=1)
    return replace(window, start=window.start - span, end=window.start - timedelta(days=1))


def year_before(window: Window) -> Window:
    """The same days a year earlier; 29 February becomes the 28th."""
    return replace(window, start=year_back(window.start), end=year_back(window.end))
