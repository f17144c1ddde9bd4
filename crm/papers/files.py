"""A paper as files: Word after the norm, and its tables as a workbook in which no cell can act as a formula."""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from xlsxwriter import Workbook

from crm.word.ooxml import clean_text
from crm.word.package import Properties
from crm.word.paper import paper as word_paper

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from crm.papers.writing import Paper
    from crm.word.blocks import Table

FORMULA_SIGNS = ("=", "+", "-", "@")
NUMBER = re.compile(r"-?(\d{1,15}|\d{1,3}(,\d{3}){1,4})(\.\d{1,6})?")
PERCENT = re.compile(r"-?\d{1,9}(\.\d{1,6})?%")
NAME_LENGTH, HEAD_ROW = 31, 2
WIDEST = 40


def word(paper: Paper, issuer: str, dated_on: date, number: str = "") -> bytes:
    """Return the paper as .docx; an issued one with its number below the title."""
    properties = Properties(paper.title, issuer, dated_on)
    return word_paper(properties, paper.sections, number=number, below=paper.below)


def workbook(paper: Paper, dated_on: date) -> bytes:
    """Return its tables as .xlsx, a sheet each; numbers are real ones, everything else is text."""
    target = BytesIO()
    book = Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": paper.title, "created": dated_on})
    styles = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "border": 1, "text_wrap": True, "bg_color": "#E8EEF6"}),
        "text": book.add_format({"text_wrap": True, "valign": "top", "border": 1}),
        "risky": book.add_format({"text_wrap": True, "valign": "top", "border": 1, "quote_prefix": True}),
        "number": book.add_format({"valign": "top", "border": 1, "num_format": "#,##0.##"}),
        "whole": book.add_format({"valign": "top", "border": 1, "num_format": "#,##0"}),
        "percent": book.add_format({"valign": "top", "border": 1, "num_format": "0.0%"}),
    }
    for number, table in enumerate(paper.tables, start=1):
        _sheet(book.add_worksheet(f"{number} {table.title}"[:NAME_LENGTH]), table, styles)
    if not paper.tables:
        book.add_worksheet(paper.title[:NAME_LENGTH]).write_string(0, 0, "无记录")
    book.close()
    return target.getvalue()


def _sheet(sheet: Any, table: Table, styles: dict[str, Any]) -> None:  # noqa: ANN401 (xlsxwriter is untyped)
    sheet.write_string(0, 0, table.title, styles["title"])
    for column, text in enumerate(table.columns):
        sheet.write_string(HEAD_ROW, column, text, styles["head"])
        sheet.set_column(column, column, _width(text, [row[column] for row in table.rows]))
    for at, row in enumerate(table.rows, start=HEAD_ROW + 1):
        for column, cell in enumerate(row):
            _cell(sheet, at, column, cell, styles)
    sheet.freeze_panes(HEAD_ROW + 1, 0)
    if table.note:
        sheet.write_string(HEAD_ROW + 1 + len(table.rows), 0, table.note)


def _cell(sheet: Any, row: int, column: int, cell: str, styles: dict[str, Any]) -> None:  # noqa: ANN401 (xlsxwriter is untyped)
    text = clean_text(cell).replace("\n", "")
    if NUMBER.fullmatch(text):
        value = Decimal(text.replace(",", ""))
        sheet.write_number(row, column, value, styles["whole" if value == int(value) else "number"])
    elif PERCENT.fullmatch(text):
        sheet.write_number(row, column, Decimal(text[:-1]) / 100, styles["percent"])
    else:
        sheet.write_string(row, column, text, styles["risky" if text.startswith(FORMULA_SIGNS) else "text"])


def _width(head: str, cells: Sequence[str]) -> int:
    return min(max(2 * len(text.replace("\n", "")) + 2 for text in (head, *cells)), WIDEST)
