"""The local day of an instant, and when a recurring task runs next (Asia/Shanghai); pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every so many minutes, or daily at HH:MM, or on one weekday (0 = Monday) at HH:MM."""

    every_minutes: int | None = None
    daily_at: str | None = None
    weekday: int | None = None

    def __post_init__(self) -> None:
        """Refuse a rhythm that names no time, two times, or a weekday without a time."""
        if (self.every_minutes is None) == (self.daily_at is None):
            message = "give either every_minutes or daily_at"
            raise ValueError(message)
        if self.every_minutes is not None and (self.every_minutes < 1 or self.weekday is not None):
            message = "every_minutes must be at least 1 and goes without a weekday"
            raise ValueError(message)
        if self.weekday is not None and not 0 <= self.weekday < DAYS_A_WEEK:
            message = "weekday runs from 0 (Monday) to 6 (Sunday)"
            raise ValueError(message)


def local_day(at: datetime) -> date:
    """Return the local day of an instant."""
    return at.astimezone(SHANGHAI).date()


def next_run(rhythm: Rhythm, after: datetime) -> datetime:
    """Return the first run strictly after ``after``, in UTC; runs missed meanwhile are skipped."""
    local = after.astimezone(SHANGHAI)
    if rhythm.every_minutes is not None:
        return _next_step(local, rhythm.every_minutes)
    hour, minute = map(int, (rhythm.daily_at or "").split(":"))
    run = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if rhythm.weekday is not None:
        run += timedelta(days=(rhythm.weekday - run.weekday()) % DAYS_A_WEEK)
    if run <= local:
        run += timedelta(days=1 if rhythm.weekday is None else DAYS_A_WEEK)
    return run.astimezone(UTC)


def period(run_at: datetime) -> str:
    """Name the period of a run by its local minute, as in ``2026-11-21T02:30``."""
    return run_at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def _next_step(local: datetime, minutes: int) -> datetime:
    """Steps count from local midnight, so that every process names the same periods."""
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    step = timedelta(minutes=minutes)
    run = midnight + step * ((local - midnight) // step + 1)
    return min(run, midnight + timedelta(days=1)).astimezone(UTC)
