"""Rows that were not taken, as a file to mend and upload again; no cell can act as a formula."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from xlsxwriter import Workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_CELL = 32_767
LINE_HEAD, OUTCOME_HEAD, REASON_HEAD = "行号", "结果", "原因"
OUTCOME_LABELS = {"rejected": "退回", "queued": "待人工核对"}


def plain(message: str, params: Mapping[str, object]) -> str:
    """Fill a Chinese message, for readers without a language of their own (command line)."""
    return message % params if params else message


def left_rows(
    headings: Sequence[str], left: Sequence[Mapping[str, Any]], say: Callable[[str, Mapping[str, object]], str] = plain
) -> list[list[str]]:
    """Heading row and one row for each: line, outcome, reason, then the cells as they came."""
    rows = [[*(say(head, {}) for head in (LINE_HEAD, OUTCOME_HEAD, REASON_HEAD)), *headings]]
    rows.extend(
        [str(one["line"]), say(OUTCOME_LABELS[one["outcome"]], {}), say(one["message"], one["params"]), *one["values"]]
        for one in left
    )
    return rows


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Write CSV that Excel opens in Chinese (UTF-8 with a mark), dangerous cells behind an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell for cell in row])
    return buffer.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    """Write a workbook in which every cell is text."""
    buffer = io.BytesIO()
    literal = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}
    book = Workbook(buffer, {"in_memory": True, **literal})
    sheet = book.add_worksheet("未导入的行")
    head = book.add_format({"bold": True, "bg_color": "#E8EEF6", "border": 1})
    risky = book.add_format({"quote_prefix": True})
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            style = head if index == 0 else risky if cell.startswith(FORMULA_SIGNS) else None
            sheet.write_string(index, column, cell[:LONGEST_CELL], style)
    sheet.set_column(2, 2, 48)
    sheet.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()
