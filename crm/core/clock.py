"""The one place that reads the clock; services and rules are given ``now``."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant, timezone-aware, in UTC."""
    return datetime.now(tz=UTC)
