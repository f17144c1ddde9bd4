"""Obligations of a contract as rows of a form: party, what, amount, deadline; empty rows are no obligations."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from wtforms import Field, ValidationError

from crm.pipeline.deals.rules import MOST_LINES, SIDE_LABELS, Promise, Side
from crm.web.i18n import tr
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

EMPTY_ROWS = 3
WORDS = 180
MOST_WAN = Decimal(10) ** 9


@dataclass(frozen=True, slots=True)
class Row:
    """One row as typed."""

    side: str = ""
    text: str = ""
    amount: str = ""
    due: str = ""

    @property
    def blank(self) -> bool:
        """Whether nobody wrote anything into it; the party alone is no obligation."""
        return not (self.text or self.amount or self.due)


class PromiseRows(Field):
    """Rows named ``promise_side``, ``promise_text``, ``promise_amount`` and ``promise_due``."""

    rows: list[Row]
    promises: list[Promise]
    problems: list[str]

    def process(self, formdata: Any, data: object = None, extra_filters: Sequence[Any] | None = None) -> None:  # noqa: ANN401, ARG002 (signature of WTForms)
        """Read the rows; what is wrong with one stands beside all of them, with its number."""
        super().process(None, None, extra_filters)
        names = ("promise_side", "promise_text", "promise_amount", "promise_due")
        lists = [[str(value).strip() for value in formdata.getlist(name)] if formdata else [] for name in names]
        longest = min(max(map(len, lists)), MOST_LINES)
        self.rows = [Row(*(some[at] if at < len(some) else "" for some in lists)) for at in range(longest)]
        self.promises, self.problems = [], []
        for number, row in enumerate(self.rows, start=1):
            if not row.blank:
                self._read(number, row)

    def pre_validate(self, form: object) -> None:  # noqa: ARG002 (signature of WTForms)
        """Complain of the rows that could not be read."""
        if self.problems:
            raise ValidationError(self.problems[0])

    @property
    def shown(self) -> list[Row]:
        """Return the rows to show: those that were typed, and at least three."""
        typed = [row for row in self.rows if not row.blank]
        return [*typed, *(Row() for _step in range(max(1, EMPTY_ROWS - len(typed))))]

    @property
    def sides(self) -> list[tuple[str, str]]:
        """Return the two parties to choose from."""
        return [(side.value, tr(label)) for side, label in SIDE_LABELS.items()]

    def _read(self, number: int, row: Row) -> None:
        day = day_or_none(row.due) if row.due else None
        amount = _amount(row.amount)
        if row.side not in set(Side):
            self.problems.append(tr("第%(n)s行：请选择哪一方。", n=number))
        elif not row.text or len(row.text) > WORDS:
            self.problems.append(tr("第%(n)s行：请写明义务，最多180字。", n=number))
        elif row.due and day is None:
            self.problems.append(tr("第%(n)s行：期限请选择日期，例如 2026-12-31。", n=number))
        elif row.amount and amount is None:
            self.problems.append(tr("第%(n)s行：金额请填数字，单位是万元。", n=number))
        else:
            words = f"{row.text}（{amount}万元）" if amount else row.text
            self.promises.append(Promise(Side(row.side), words, day))


def _amount(typed: str) -> str | None:
    """Return a sum as it is written, None when it is no sum."""
    try:
        value = Decimal(typed.replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    return f"{value.normalize():f}" if value.is_finite() and 0 < value < MOST_WAN else None
