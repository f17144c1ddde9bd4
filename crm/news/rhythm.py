"""When a source is crawled next: at an interval or at times of the day, never in its quiet hours."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from crm.core.scheduling import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Mapping

SLOWEST_RETRY = timedelta(days=1)
MOST_TIMES = 24
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")
_BETWEEN = re.compile(r"[\s,，、;；]+")


def clock_time(text: str) -> time | None:
    """Read 7:30 or 07：30; None for anything else."""
    match = _CLOCK.fullmatch(text.strip())
    return time(int(match[1]), int(match[2])) if match else None


def clock_times(text: str) -> list[str] | None:
    """Read "8:30, 12:00" as sorted times of the day; None when one of them is none, or there are too many."""
    found = [clock_time(part) for part in _BETWEEN.split(text.strip()) if part]
    if len(found) > MOST_TIMES or None in found:
        return None
    return sorted({f"{moment:%H:%M}" for moment in found if moment})


def next_run(
    now: datetime, interval_minutes: int, failures_in_row: int, options: Mapping[str, Any] | None = None
) -> datetime:
    """Give the time of the next crawl: later after each failure, up to a day, but never off.

    Args:
        now: the present.
        interval_minutes: the wait between two crawls.
        failures_in_row: how often it failed since it last went well.
        options: of the source; ``times`` of the day replace the interval, ``quiet_from`` and ``quiet_to`` hold it off.
    """
    chosen = options or {}
    interval = timedelta(minutes=interval_minutes)
    delayed: timedelta = interval * (1 << min(failures_in_row, 12))
    times = [moment for text in chosen.get("times") or () if (moment := clock_time(str(text)))]
    wait = max(interval, min(delayed, SLOWEST_RETRY))
    planned = now + wait
    if times:
        planned = min(planned, _at(now, times)) if failures_in_row else _at(now, times)
    return _after_quiet(planned, str(chosen.get("quiet_from") or ""), str(chosen.get("quiet_to") or ""))


def _at(now: datetime, times: list[time]) -> datetime:
    """Give the next of these times of the day."""
    local = now.astimezone(SHANGHAI)
    moments = [
        datetime.combine(local.date() + timedelta(days=day), moment, SHANGHAI) for day in (0, 1) for moment in times
    ]
    return min(moment for moment in moments if moment > now).astimezone(now.tzinfo)


def _after_quiet(planned: datetime, begins: str, ends: str) -> datetime:
    """Move a moment in the quiet hours to their end; they may go over midnight."""
    first, last = clock_time(begins), clock_time(ends)
    if first is None or last is None or first == last:
        return planned
    local = planned.astimezone(SHANGHAI)
    clock = local.time().replace(tzinfo=None)
    quiet = first <= clock < last if first < last else clock >= first or clock < last
    if not quiet:
        return planned
    day = local.date() + timedelta(days=1 if clock >= last else 0)
    return datetime.combine(day, last, SHANGHAI).astimezone(planned.tzinfo)
