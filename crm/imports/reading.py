"""Open an uploaded table by what it contains, whatever its name says: CSV in any usual encoding, or .xlsx."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from python_calamine import CalamineError, CalamineWorkbook

from crm.core.errors import DomainError, Problem
from crm.imports.survey import Survey, survey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from python_calamine import CalamineSheet

MOST_ROWS = 50_000
MOST_COLUMNS = 100
MOST_SHEETS = 20
MOST_HEAD = 30  # lines above and below the data: titles, headings, totals, notes
MOST_UNPACKED = 200 * 1024 * 1024
CHUNK, LONGEST_CELL = 1 << 20, 32_767  # no program writes a longer cell
HEAD = 4096
ZIP = b"PK"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufeff\ufffe\uffff]")
DELIMITERS = (",", "\t", ";")
EMPTY = Problem("file.empty", "文件是空的：请选择有标题行和数据行的表格。", "file")
WEB_PAGE = Problem("file.html", "这是一个网页文件，不是表格。请在网站上另存为 Excel（.xlsx）或 CSV 再上传。", "file")
PDF = Problem("file.pdf", "这是 PDF 文件。请把名单整理成 Excel（.xlsx）或 CSV 再上传。", "file")
OLD_EXCEL = Problem("file.xls", "这是旧版 Excel 或加密文件。请在 Excel 里另存为不加密的 .xlsx 再上传。", "file")
OTHER_ZIP = Problem("file.zip", "这是压缩包或其他 Office 文件，不是 Excel 表格。请上传 .xlsx 或 CSV。", "file")
BROKEN = Problem("file.broken", "文件损坏，打不开。请在 Excel 里重新保存后再上传。", "file")
BINARY = Problem("file.binary", "看不出这是什么文件。请上传 Excel（.xlsx）或 CSV。", "file")
ENCODING = Problem("file.encoding", "文字编码无法识别。请另存为 UTF-8 编码的 CSV，或用 Excel（.xlsx）。", "file")
TOO_LONG = Problem("file.rows", "一次最多 50,000 行、100 列。请拆成几个文件分批导入。", "file")
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of texts, each with the line it had in the file (counted from 1)."""

    rows: tuple[tuple[int, Row], ...]


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """A sheet of a file: its name, its last line and its width."""

    name: str
    rows: int
    columns: int


class Book:
    """An opened file: its sheets, and the lines of one of them, read one after the other.

    ``unsolved``: some formula was saved without its result, so its cell reads as blank.
    """

    def __init__(self, source: bytes | Path) -> None:
        """Open a file; raise DomainError with one clear sentence for anything that is not a table.

        A workbook that lies on the disk is never held in memory as a whole.
        """
        self.unsolved = False
        self._book = self._open(source) if _begins(source, ZIP) else None
        self._csv = None if self._book else _open_csv(_given(source))
        self._last: tuple[str, CalamineSheet] | None = None
        self.sheets = tuple(self._infos())
        if not self.sheets:
            raise DomainError(EMPTY)

    def _open(self, source: bytes | Path) -> CalamineWorkbook:
        self.unsolved = _inspect(source)
        try:
            if isinstance(source, bytes):
                return CalamineWorkbook.from_filelike(io.BytesIO(source), load_tables=False)
            return CalamineWorkbook.from_path(source, load_tables=False)
        except (CalamineError, IndexError, OSError, ValueError) as error:
            raise DomainError(BROKEN) from error

    def _infos(self) -> Iterator[SheetInfo]:
        if self._csv is not None:
            rows, width = 0, 0
            for number, row in self._csv.rows():
                rows, width = (number, max(width, len(row))) if any(row) else (rows, width)
            if rows:
                yield SheetInfo("", rows, width)
            return
        for name in self._book.sheet_names[:MOST_SHEETS] if self._book else ():
            table = self._table(name)
            if table.height:  # the totals are the last index, one below the number
                yield SheetInfo(table.name, table.total_height + 1, table.total_width + 1)

    def rows(self, sheet: str) -> Iterator[tuple[int, Row]]:
        """Lines with something in them, with their numbers; raise DomainError when there are too many."""
        source = self._csv.rows() if self._csv is not None else self._read_xlsx(sheet)
        for number, row in source:
            if any(row):
                yield number, row

    def merges(self, sheet: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Merged ranges that begin within the columns of a table: first and last cell, row and column from 0."""
        found = [] if self._book is None else self._table(sheet).merged_cell_ranges or []
        return [one for one in found if one[0][1] < MOST_COLUMNS]

    def _table(self, sheet: str) -> CalamineSheet:
        if self._book is None:
            raise DomainError(BROKEN)
        if self._last is None or self._last[0] != sheet:
            self._last = None  # one sheet in memory at a time
            try:
                self._last = (sheet, self._book.get_sheet_by_name(sheet))
            except (CalamineError, IndexError, OSError, ValueError) as error:
                raise DomainError(BROKEN) from error
        return self._last[1]

    def _read_xlsx(self, sheet: str) -> Iterator[tuple[int, Row]]:
        table = self._table(sheet)
        if table.total_height >= MOST_ROWS + MOST_HEAD or table.total_width >= MOST_COLUMNS:
            raise DomainError(TOO_LONG)
        margin = ("",) * (table.start or (0, 0))[1]
        for number, row in enumerate(table.iter_rows(), start=1):
            yield number, (*margin, *(_text(cell) for cell in row))


def read_sheet(data: bytes) -> Sheet:
    """Read the first table of a file; raise DomainError with one clear sentence for anything that is not one."""
    book = Book(data)
    return Sheet(tuple(book.rows(book.sheets[0].name)))


def _begins(source: bytes | Path, sign: bytes) -> bool:
    if isinstance(source, bytes):
        return source.startswith(sign)
    with source.open("rb") as file:
        return file.read(len(sign)) == sign


def _given(source: bytes | Path) -> bytes:
    data = source if isinstance(source, bytes) else source.read_bytes()
    if not data.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise DomainError(EMPTY)
    return data


def _inspect(source: bytes | Path) -> bool:
    """Look at a workbook before it is unpacked; raise DomainError, or tell whether formulas lack results."""
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            parts = archive.infolist()
            wide = sum(item.file_size for item in parts) > MOST_UNPACKED
            found = Survey(wide=True, unsolved=False) if wide else survey(archive)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, ValueError) as error:
        raise DomainError(BROKEN) from error
    names = [item.filename for item in parts]
    if "xl/workbook.xml" not in names:
        raise DomainError(OTHER_ZIP)
    if len(set(names)) < len(names):  # two parts of one name: another reader may take the other one
        raise DomainError(BROKEN)
    if found.wide:
        raise DomainError(TOO_LONG)
    return found.unsolved


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else _clean(str(cell)[:LONGEST_CELL])


def _clean(text: str) -> str:
    return CONTROL.sub("", text).strip()


@dataclass(frozen=True, slots=True)
class _Csv:
    """A text file: read a piece at a time, never as one text."""

    data: bytes
    encoding: str

    def rows(self) -> Iterator[tuple[int, Row]]:
        text = io.TextIOWrapper(io.BytesIO(self.data), encoding=self.encoding, newline="")
        head = text.read(HEAD)
        text.seek(0)
        reader = csv.reader(text, delimiter=max(DELIMITERS, key=head.count))
        try:
            for count, row in enumerate(reader, start=1):
                if count > MOST_ROWS + MOST_HEAD or len(row) > MOST_COLUMNS:
                    raise DomainError(TOO_LONG)
                yield reader.line_num, tuple(_clean(cell) for cell in row)
        except csv.Error as error:
            raise DomainError(BROKEN) from error


def _open_csv(data: bytes) -> _Csv:
    head = data[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(b"%PDF"):
        raise DomainError(PDF)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise DomainError(OLD_EXCEL)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _Csv(data, _encoding(data, ("utf-16",)))
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<table")):
        raise DomainError(WEB_PAGE)
    if b"\x00" in data:
        raise DomainError(BINARY)
    return _Csv(data, _encoding(data, ("utf-8-sig", "gb18030")))


def _encoding(data: bytes, encodings: tuple[str, ...]) -> str:
    for encoding in encodings:
        try:
            for _text in codecs.iterdecode(_pieces(data), encoding):
                pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise DomainError(ENCODING)


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[start : start + CHUNK] for start in range(0, len(data), CHUNK))
