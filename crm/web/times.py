"""A form field for local times, with a message that says what to do."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from wtforms import Field
from wtforms.widgets import DateTimeLocalInput

from crm.web import timing
from crm.web.i18n import tr
from crm.web.inputs import instant_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MINUTES = "%Y-%m-%dT%H:%M"


class LocalTimeField(Field):
    """An instant typed as the office's wall clock, kept timezone-aware; blank means none."""

    widget = DateTimeLocalInput()

    def _value(self) -> str:
        """Show what was typed, else the instant on the office's clock."""
        if self.raw_data:
            return str(self.raw_data[0])
        return local_minutes(self.data) if self.data else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read ``2026-11-20T10:00``, seconds allowed."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        typed = instant_or_none(valuelist[0].strip())
        if typed is None:
            raise ValueError(tr("请选择日期和时间，例如 2026-11-20 10:00。"))
        self.data = typed.replace(tzinfo=timing.zone())


def local_minutes(instant: datetime) -> str:
    """Write an instant for a ``datetime-local`` input."""
    return instant.astimezone(timing.zone()).strftime(MINUTES)
