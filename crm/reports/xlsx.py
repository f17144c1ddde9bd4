"""The annex as an Excel file: every figure of the report with the rows behind it.

Texts are written as texts whatever they begin with, so a name such as "=1+1" stays a
name; numbers and dates are real ones that can be added up and sorted.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from crm.reports.document import Cell, Figure, WeeklyDocument
from crm.reports.weeks import SHANGHAI
from crm.reports.wording import EMPTY_ROW
from crm.word.blocks import Table
from crm.word.ooxml import clean_text
from crm.word.wording import full_width

INDEX_SHEET = "指标汇总"
INDEX_COLUMNS = ("序号", "指标编码", "指标", "单位", "数值", "明细行数", "口径")
NO_ROWS = "无明细"
LONGEST_NAME = 31
LONGEST_TEXT = 32767
NARROWEST, WIDEST = 8, 48
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
DATA_PERCENT = 70  # of the time goes into the cells, the rest into the file
HEAD_ROW = 5  # rows above the head of a figure's sheet: label, key, unit, basis, value

GAP = "时序差"
COUNTED = frozenset(
    {"序号", "年度目标", "本周", "累计", "完成率", GAP, "排名", "上报个数", "认定个数", "认定率", "更正数"}
)
UNITS = ("（万元）", "（亩）")
PRINTED = re.compile(r"[+-]?(\d{1,15}|\d{1,3}(,\d{3}){1,4})(\.\d{1,6})?%?")

_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


@dataclass(slots=True)
class _Book:
    """The workbook with its cell formats and the sheet names in use."""

    book: Any
    formats: dict[str, Any] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def format(self, name: str) -> Any:  # noqa: ANN401  # xlsxwriter is untyped
        """Return a format by name, made once."""
        if name not in self.formats:
            base = {"valign": "vcenter", "font_name": "宋体", "font_size": 11}
            self.formats[name] = self.book.add_format(base | FORMATS[name])
        return self.formats[name]

    def sheet(self, wanted: str) -> Any:  # noqa: ANN401  # xlsxwriter is untyped
        """Return a new sheet named as near to `wanted` as Excel allows."""
        name = sheet_name(wanted, self.names)
        self.names.add(name.casefold())
        return self.book.add_worksheet(name)


FORMATS: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 14},
    "label": {"font_color": "#555555"},
    "head": {
        "bold": True,
        "bg_color": "#E8EEF6",
        "border": 1,
        "align": "center",
        "text_wrap": True,
    },
    "fact": {},
    "text": {"text_wrap": True},
    "risky": {"text_wrap": True, "quote_prefix": True},
    "integer": {"num_format": "#,##0"},
    "decimal": {"num_format": "#,##0.######"},
    "percent": {"num_format": "0.0%"},
    "gap": {"num_format": "+0.0;-0.0;0.0"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm", "align": "left"},
}


def sheet_name(wanted: str, taken: set[str]) -> str:
    """Return a legal name of at most 31 characters, not among `taken` (case-folded)."""
    name = _FORBIDDEN_IN_NAMES.sub(" ", clean_text(wanted)).strip(" '")
    base = _utf16_cut(name or "明细", LONGEST_NAME)
    if base.casefold() == "history":
        base = f"{base}_"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        tail = f"({number})"
        name = _utf16_cut(base, LONGEST_NAME - len(tail)) + tail
    return name


def _utf16_cut(text: str, length: int) -> str:
    """Cut to so many UTF-16 units, as Excel counts, without halving a character."""
    raw = text.encode("utf-16-le")[: 2 * length]
    return raw.decode("utf-16-le", errors="ignore")


def _write(book: _Book, sheet: Any, place: tuple[int, int], value: Cell) -> None:  # noqa: ANN401  # xlsxwriter is untyped
    """Write a cell by its type; nothing for None."""
    row, column = place
    if value is None:
        return
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI) if value.tzinfo else value
        moment = local.replace(tzinfo=None)
        sheet.write_datetime(row, column, moment, book.format("moment"))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, book.format("date"))
    elif isinstance(value, str):
        text = clean_text(value)[:LONGEST_TEXT]
        style = "risky" if text.startswith(FORMULA_SIGNS) else "text"
        sheet.write_string(row, column, text, book.format(style))
    else:
        style = "integer" if value == int(value) else "decimal"
        sheet.write_number(row, column, value, book.format(style))


def _write_printed(book: _Book, sheet: Any, place: tuple[int, int], head: str, text: Cell) -> None:  # noqa: ANN401  # xlsxwriter is untyped
    """Write a cell of a printed table: what stands in a column of numbers is a real number, the rest as printed."""
    counts = head in COUNTED or head.endswith(UNITS)
    if not (counts and isinstance(text, str) and PRINTED.fullmatch(text)):
        _write(book, sheet, place, text)
        return
    value = Decimal(text.rstrip("%").replace(",", ""))
    if text.endswith("%"):
        sheet.write_number(*place, value / 100, book.format("percent"))
    elif head == GAP:
        sheet.write_number(*place, value, book.format("gap"))
    else:
        _write(book, sheet, place, value)


def _shown_width(value: Cell) -> float:
    """Return roughly how wide a value is shown, in Latin characters."""
    if isinstance(value, datetime):
        return 16
    if isinstance(value, date):
        return 10
    lines = str("" if value is None else value).split("\n")
    return max(2 * full_width(line) for line in lines)


def _grid(
    book: _Book,
    sheet: Any,  # noqa: ANN401  # xlsxwriter is untyped
    top: int,
    columns: tuple[str, ...],
    rows: tuple[tuple[Cell, ...], ...],
    *,
    printed: bool = False,
) -> None:
    """Write head and rows from row `top`, freeze the head, filter and fit widths; `printed` texts become numbers."""
    for column, name in enumerate(columns):
        sheet.write_string(top, column, clean_text(name), book.format("head"))
        values = [name, *(row[column] for row in rows)]
        width = max(_shown_width(value) for value in values) + 2
        sheet.set_column(column, column, min(WIDEST, max(NARROWEST, width)))
    for number, row in enumerate(rows, start=top + 1):
        for column, value in enumerate(row):
            if printed:
                _write_printed(book, sheet, (number, column), columns[column], value)
            else:
                _write(book, sheet, (number, column), value)
    sheet.freeze_panes(top + 1, 0)
    sheet.repeat_rows(top)
    if rows:
        sheet.autofilter(top, 0, top + len(rows), len(columns) - 1)


def _figure_sheet(book: _Book, figure: Figure) -> str:
    """Write one figure with its rows; return the name of its sheet."""
    sheet = book.sheet(figure.label)
    sheet.write_string(0, 0, clean_text(figure.label), book.format("title"))
    facts = (("编码", figure.key), ("单位", figure.unit), ("口径", figure.basis))
    for row, (label, text) in enumerate(facts, start=1):
        sheet.write_string(row, 0, label, book.format("label"))
        sheet.write_string(row, 1, clean_text(text), book.format("fact"))
    sheet.write_string(HEAD_ROW - 1, 0, "数值", book.format("label"))
    _write(book, sheet, (HEAD_ROW - 1, 1), figure.value)
    if figure.columns:
        _grid(book, sheet, HEAD_ROW, figure.columns, figure.rows)
    if not figure.rows:
        place = HEAD_ROW + (1 if figure.columns else 0)
        sheet.write_string(place, 0, NO_ROWS, book.format("label"))
    return str(sheet.get_name())


def _table_sheet(book: _Book, table: Table) -> None:
    """Write a table of the report as it was printed."""
    sheet = book.sheet(table.title)
    sheet.write_string(0, 0, clean_text(table.title), book.format("title"))
    _grid(book, sheet, 1, table.columns, table.rows, printed=True)
    if not table.rows:
        sheet.write_string(2, 0, EMPTY_ROW, book.format("label"))
    if table.note:
        last = 3 + max(1, len(table.rows))
        sheet.write_string(last, 0, f"注：{clean_text(table.note)}")


def _silent(_percent: int, _note: str) -> None:
    """Tell nobody."""


def _index(book: _Book, sheet: Any, document: WeeklyDocument) -> None:  # noqa: ANN401  # xlsxwriter is untyped
    """Write the list of figures, each key a link to the sheet of its rows."""
    heading = clean_text(f"{document.title_red}附表")
    sheet.write_string(0, 0, heading, book.format("title"))
    rows = tuple(
        (number, one.key, one.label, one.unit, one.value, len(one.rows), one.basis)
        for number, one in enumerate(document.figures, start=1)
    )
    _grid(book, sheet, 1, INDEX_COLUMNS, rows)


def render_xlsx(document: WeeklyDocument, told: Callable[[int, str], None] = _silent) -> bytes:
    """Return the annex as .xlsx; the same document gives the same bytes.

    First the list of figures, then a sheet for each figure and each table. ``told`` hears how far it is (percent,
    what is written).
    """
    buffer = BytesIO()
    literal = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}
    workbook = Workbook(buffer, {"in_memory": True, **literal})
    workbook.set_properties(
        {
            "title": clean_text(f"{document.title_red}附表"),
            "author": clean_text(document.issuer),
            "created": datetime.combine(document.issued_on, time()),
        }
    )
    book = _Book(workbook)
    index = book.sheet(INDEX_SHEET)
    _index(book, index, document)
    rows, done = sum(len(one.rows) for one in document.figures) or 1, 0
    for number, figure in enumerate(document.figures, start=2):
        told(DATA_PERCENT * done // rows, figure.label)
        done += len(figure.rows)
        name = _figure_sheet(book, figure)
        link = "internal:'" + name.replace("'", "''") + "'!A1"
        index.write_url(number, 1, link, string=clean_text(figure.key))
    for table in document.tables:
        _table_sheet(book, table)
    told(DATA_PERCENT, "")
    workbook.close()
    return buffer.getvalue()
