"""Sheets of an exported workbook: a watermark row, heads, text that can never act as a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from xlsxwriter import Workbook

LONGEST_CELL = 32_767
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
LITERAL = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}


def watermark(name: str, username: str, office: str, local: datetime) -> str:
    """Say who took a workbook out of which office, and when."""
    return f"导出人 {name}（{username}） {local:%Y-%m-%d %H:%M} · {office} · 仅限内部使用"


class Sheet:
    """A sheet written from top to bottom; text can never act as a formula."""

    def __init__(self, book: Workbook, name: str, mark: str, heads: Sequence[str], widths: Sequence[int]) -> None:
        """Begin the sheet with the watermark and the heads."""
        self.sheet = book.add_worksheet(name)
        self.risky = book.add_format({"quote_prefix": True})
        bold = book.add_format({"bold": True, "bottom": 1})
        grey = book.add_format({"italic": True})
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)
        printed = mark.replace("&", "&&")[:200]
        self.sheet.set_header(f"&C{printed}")
        self.sheet.set_footer(f"&L{printed}&R&P / &N")
        self.sheet.freeze_panes(2, 1)
        self.sheet.write_string(0, 0, mark, grey)
        for column, head in enumerate(heads):
            self.sheet.write_string(1, column, head, bold)
        self.row = 2

    def add(self, cells: Sequence[str | float | None]) -> None:
        """Write one row."""
        for column, cell in enumerate(cells):
            if isinstance(cell, str) and cell:
                style = self.risky if cell.startswith(FORMULA_SIGNS) else None
                self.sheet.write_string(self.row, column, cell[:LONGEST_CELL], style)
            elif cell is not None and not isinstance(cell, str):
                self.sheet.write_number(self.row, column, cell)
        self.row += 1
