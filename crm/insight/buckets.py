"""When a signing is expected and how long nothing has happened, as a handful of parts. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

SLIPPED, LATER, BEYOND, UNDATED = "slipped", "later", "beyond", "none"
SHOWN_MONTHS, MONTHS = 3, 12
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
AGES = (30, 60, 90, 180)
AGE_LABELS = ("不满30天", "30–59天", "60–89天", "90–179天", "180天以上")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the calendar: its key in an address, and its days (both included) where it is a month."""

    key: str
    first: date | None = None
    last: date | None = None


def is_month(key: str) -> bool:
    """Whether a text of an address is a month: 2026-11."""
    return MONTH.fullmatch(key) is not None


def next_month(day: date) -> date:
    """Return the first day of the month after."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def months(today: date, count: int = MONTHS) -> list[Span]:
    """Return the coming months, this one first."""
    found, first = [], today.replace(day=1)
    for _number in range(count):
        after = next_month(first)
        found.append(Span(f"{first:%Y-%m}", first, after - timedelta(days=1)))
        first = after
    return found


def shown_part(key: str, today: date) -> str:
    """Return the column of the table a part of the calendar is shown in: a near month, or later with all beyond."""
    near = {span.key for span in months(today, SHOWN_MONTHS)}
    return key if key in near | {SLIPPED, UNDATED} else LATER
