"""The recurring tasks, as one list that is compared with the table at start-up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crm.core.scheduling import Rhythm


@dataclass(frozen=True, slots=True)
class Plan:
    """One recurring task: its name, kind, rhythm (Asia/Shanghai), payload and queue."""

    name: str
    kind: str
    rhythm: Rhythm
    payload: dict[str, Any] = field(default_factory=dict)
    queue: str = "default"


HOUSEKEEPING = "housekeeping"

PLANS: tuple[Plan, ...] = (Plan("housekeeping", HOUSEKEEPING, Rhythm(daily_at="03:30")),)
