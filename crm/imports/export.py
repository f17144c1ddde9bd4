"""Lines that were not taken, as a file to mend and upload again; no cell can act as a formula."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from sqlalchemy import select
from xlsxwriter import Workbook

from crm.core.errors import Problem
from crm.imports.models import ImportRow, RowAction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from crm.imports.models import ImportRun

    Say = Callable[[Problem], str]
    Link = Callable[[int], str]

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_CELL = 32_767
FRONT, BACK = ("行号", "结果"), ("原因", "可能是", "企业链接")
LEFT = {RowAction.REFUSE: "没有导入", RowAction.QUEUE: "待核对", RowAction.SKIP: "已跳过"}
SHEET = "没有导入的行"
FETCH = 500


def plain(problem: Problem) -> str:
    """Fill a Chinese message, for readers without a language of their own (command line)."""
    return problem.message % problem.params if problem.params else problem.message


def left_lines(session: Session, run: ImportRun) -> Iterator[ImportRow]:
    """Lines of a run that are not in the register, in the order of the file."""
    statement = select(ImportRow).where(ImportRow.run_id == run.id, ImportRow.action.in_(LEFT))
    yield from session.scalars(statement.order_by(ImportRow.line).execution_options(yield_per=FETCH))


def left_rows(session: Session, run: ImportRun, say: Say = plain, link: Link | None = None) -> Iterator[list[str]]:
    """Heading and one row for each: line, outcome, the cells of the file, reason, who it might be, where that is."""
    width = len(run.options["headings"])
    yield [*_said(FRONT, say), *run.options["headings"], *_said(BACK, say)]
    for row in left_lines(session, run):
        cells = [str(cell) for cell in row.cells[:width]]
        known = [one for one in row.candidates if one.get("name")]
        links = [link(one["id"]) for one in known if one.get("id")] if link else []
        if row.enterprise_id and link and not links:
            links = [link(row.enterprise_id)]
        yield [
            str(row.line),
            say(Problem("", LEFT[row.action])),
            *cells,
            *[""] * (width - len(cells)),
            reasons(row, say),
            "；".join(one["name"] for one in known),
            " ".join(links),
        ]


def reasons(row: ImportRow, say: Say = plain) -> str:
    """Everything that is wrong with a line."""
    return " ".join(say(Problem("", one["message"], None, one.get("params") or {})) for one in row.problems)


def errors_book(rows: Iterable[Sequence[str]], title: str = SHEET) -> bytes:
    """Write a workbook in which every cell is text; the last column holds links of our own."""
    buffer = io.BytesIO()
    literal = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}
    book = Workbook(buffer, {"constant_memory": True, **literal})
    sheet = book.add_worksheet(title[:31])
    head = book.add_format({"bold": True, "bg_color": "#E8EEF6", "border": 1})
    risky = book.add_format({"quote_prefix": True})
    sheet.freeze_panes(1, len(FRONT))
    for index, row in enumerate(rows):
        if index == 0:
            sheet.set_column(len(FRONT), len(row) - len(BACK) - 1, 16)
            sheet.set_column(len(row) - len(BACK), len(row) - 1, 42)
        for column, cell in enumerate(row):
            style = head if index == 0 else risky if cell.startswith(FORMULA_SIGNS) else None
            if index and cell and column == len(row) - 1 and " " not in cell:
                sheet.write_url(index, column, cell, None, cell)
            else:
                sheet.write_string(index, column, cell[:LONGEST_CELL], style)
    book.close()
    return buffer.getvalue()


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Write CSV that Excel opens in Chinese (UTF-8 with a mark), dangerous cells behind an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell for cell in row])
    return buffer.getvalue().encode("utf-8-sig")


def _said(words: Iterable[str], say: Say) -> list[str]:
    return [say(Problem("", word)) for word in words]
