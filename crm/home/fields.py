"""Form fields for local times and days, with messages that say what to do."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from wtforms import DateField, Field
from wtforms.widgets import DateTimeLocalInput

from crm.web import timing
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

MINUTES = "%Y-%m-%dT%H:%M"


class LocalTimeField(Field):
    """An instant typed as the office's wall clock, kept timezone-aware."""

    widget = DateTimeLocalInput()

    def _value(self) -> str:
        """Show what was typed, else the instant on the office's clock."""
        if self.raw_data:
            return str(self.raw_data[0])
        return local_minutes(self.data) if self.data else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read ``2026-11-20T10:00``, seconds allowed."""
        self.data = None
        if not valuelist:
            return
        try:
            typed = datetime.fromisoformat(valuelist[0].strip())
        except ValueError as error:
            raise ValueError(tr("请选择日期和时间，例如 2026-11-20 10:00。")) from error
        self.data = typed.replace(tzinfo=timing.zone())


class DayField(DateField):
    """A calendar day; blank is allowed and means none."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read ``2026-11-20``; refuse anything else in Chinese."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = datetime.strptime(valuelist[0].strip(), "%Y-%m-%d").replace(tzinfo=timing.zone()).date()
        except ValueError as error:
            raise ValueError(tr("请选择日期，例如 2026-11-20。")) from error


def local_minutes(instant: datetime) -> str:
    """Write an instant for a ``datetime-local`` input."""
    return instant.astimezone(timing.zone()).strftime(MINUTES)
