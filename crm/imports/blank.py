"""An empty workbook of a kind: its headings to fill in below, and on a second sheet how each is filled in."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from xlsxwriter import Workbook

if TYPE_CHECKING:
    from crm.imports.kinds import Kind
    from crm.imports.sheets.contract import Field

LAST_ROW = 5000
GUIDE, GUIDE_HEADS = "填写说明", ("填这一列", "怎么填", "举例")
STAR = "*"


def workbook(kind: Kind) -> bytes:
    """Write it; the words are those the reader of the file knows, so they are in one language."""
    fields: tuple[Field, ...] = kind.sheet.fields if kind.sheet else ()
    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    head = book.add_format({"bold": True, "bg_color": "#E8EEF6", "border": 1, "text_wrap": True})
    plain = book.add_format({"num_format": "@"})  # as text, so that numbers of documents stay as they are typed
    sheet = book.add_worksheet(kind.label[:31])
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(fields) - 1, 18, plain)
    for index, one in enumerate(fields):
        sheet.write_string(0, index, heading(one), head)
        if one.choices:
            sheet.data_validation(1, index, LAST_ROW, index, {"validate": "list", "source": list(one.choices)})
    guide = book.add_worksheet(GUIDE)
    guide.set_column(0, 0, 24)
    guide.set_column(1, 2, 60)
    guide.write_row(0, 0, GUIDE_HEADS, head)
    for index, one in enumerate(fields, start=1):
        guide.write_row(index, 0, (heading(one), hint(one), one.example))
    book.close()
    return buffer.getvalue()


def heading(one: Field) -> str:
    """The heading of a column; a star where it must be filled in."""
    return one.label + (STAR if one.needed else "")


def hint(one: Field) -> str:
    """How a column is filled in."""
    said = [one.hint] if one.hint else []
    return "；".join([*said, f"只能填：{'、'.join(one.choices)}"] if one.choices and not one.hint else said)
