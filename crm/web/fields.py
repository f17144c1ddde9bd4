"""Form fields for money, days and whole numbers, with messages that say what to do."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from wtforms import DateField, Field
from wtforms.widgets import Input, NumberInput, TextInput

from crm.web.i18n import tr
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 30
PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class WanField(Field):
    """A sum in 万元; commas are allowed, blank means none."""

    widget = TextInput()
    refusal = "请填数字，单位是万元，例如 12000。"

    def _value(self) -> str:
        """Show what was typed, else the plain number."""
        if self.raw_data:
            return str(self.raw_data[0])
        return format(self.data.normalize(), "f") if self.data is not None else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read ``12,000.5``; refuse words, exponents and infinities."""
        self.data = None
        typed = valuelist[0].strip().replace(",", "").replace("，", "") if valuelist else ""
        if not typed:
            return
        if len(typed) > LONGEST or not PLAIN.fullmatch(typed):
            raise ValueError(tr(self.refusal))
        self.data = Decimal(typed)


class PlainField(WanField):
    """A number of anything else: areas, heights, power."""

    refusal = "请填数字，例如 12.5。"


class WholeField(Field):
    """A whole number from 0 on; blank means none."""

    widget: Input = NumberInput(min=0)

    def _value(self) -> str:
        """Show what was typed, else the number."""
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read ``120``, at most nine digits."""
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            return
        if not (typed.isascii() and typed.isdigit() and len(typed) <= 9):  # noqa: PLR2004 (fits every integer column)
            raise ValueError(tr("请填整数。"))
        self.data = int(typed)


class DayField(DateField):
    """A calendar day; blank is allowed and means none."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read ``2026-11-20``; refuse anything else in Chinese."""
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            return
        self.data = day_or_none(typed)
        if self.data is None:
            raise ValueError(tr("请选择日期，例如 2026-11-20。"))
