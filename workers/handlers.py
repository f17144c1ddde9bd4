"""The table of jobs: kind -> handler. Adding a job is adding one line here."""

from __future__ import annotations

from workers import housekeeping
from workers.contract import Handler
from workers.schedules import HOUSEKEEPING

HANDLERS: dict[str, Handler] = {
    HOUSEKEEPING: Handler(run=housekeeping.run),
}
