"""Open an uploaded table by what it contains, whatever its name says: CSV in any usual encoding, or .xlsx."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date
from functools import cache

from python_calamine import CalamineError, CalamineWorkbook

from crm.core.errors import DomainError, Problem

MOST_ROWS = 50_000
MOST_COLUMNS = 60
MOST_UNPACKED = 200 * 1024 * 1024
MOST_CELLS = 10_000_000
PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{0,4})([0-9]{1,10})["']""", re.IGNORECASE)
CHUNK, LONGEST_PLACE = 1 << 20, 40
HEAD = 4096
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff]")
DELIMITERS = (",", "\t", ";")
EMPTY = Problem("file.empty", "文件是空的：请选择有标题行和数据行的表格。", "file")
WEB_PAGE = Problem("file.html", "这是一个网页文件，不是表格。请在网站上另存为 Excel（.xlsx）或 CSV 再上传。", "file")
PDF = Problem("file.pdf", "这是 PDF 文件。请把名单整理成 Excel（.xlsx）或 CSV 再上传。", "file")
OLD_EXCEL = Problem("file.xls", "这是旧版 Excel 或加密文件。请在 Excel 里另存为不加密的 .xlsx 再上传。", "file")
OTHER_ZIP = Problem("file.zip", "这是压缩包或其他 Office 文件，不是 Excel 表格。请上传 .xlsx 或 CSV。", "file")
BROKEN = Problem("file.broken", "文件损坏，打不开。请在 Excel 里重新保存后再上传。", "file")
BINARY = Problem("file.binary", "看不出这是什么文件。请上传 Excel（.xlsx）或 CSV。", "file")
ENCODING = Problem("file.encoding", "文字编码无法识别。请另存为 UTF-8 编码的 CSV，或用 Excel（.xlsx）。", "file")
TOO_LONG = Problem("file.rows", "一次最多 50,000 行、60 列。请拆成几个文件分批导入。", "file")
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of texts, each with the line it had in the file (counted from 1)."""

    rows: tuple[tuple[int, Row], ...]


def read_sheet(data: bytes) -> Sheet:
    """Read a table; raise DomainError with one clear sentence for anything that is not one."""
    if not data.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise DomainError(EMPTY)
    rows = _read_xlsx(data) if data.startswith(b"PK") else _read_csv(_decode(data))
    filled = tuple((number, row) for number, row in rows if any(row))
    if not filled:
        raise DomainError(EMPTY)
    return Sheet(filled)


def _read_xlsx(data: bytes) -> list[tuple[int, Row]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names, unpacked = set(archive.namelist()), sum(item.file_size for item in archive.infolist())
            wide = unpacked > MOST_UNPACKED or any(_area(archive, name) > MOST_CELLS for name in names)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, ValueError) as error:
        raise DomainError(BROKEN) from error
    if "xl/workbook.xml" not in names:
        raise DomainError(OTHER_ZIP)
    if wide:
        raise DomainError(TOO_LONG)
    try:
        table = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        if table.total_height > MOST_ROWS + 1 or table.total_width > MOST_COLUMNS:
            raise DomainError(TOO_LONG)
        cells = table.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, OSError, ValueError) as error:
        raise DomainError(BROKEN) from error
    return [(number, tuple(_text(cell) for cell in row)) for number, row in enumerate(cells, start=1)]


def _area(archive: zipfile.ZipFile, name: str) -> int:
    """Cells of the rectangle a part of a workbook spans (a sheet may be any part).

    The reader allocates all of it, even for one cell in the far corner.
    """
    rows, columns, before = 1, 1, b""
    with archive.open(name) as sheet:
        while piece := sheet.read(CHUNK):
            for letters, digits in PLACE.findall(before + piece):
                rows, columns = max(rows, int(digits)), max(columns, _column(letters))
            before = piece[-LONGEST_PLACE:]
    return rows * columns


@cache
def _column(letters: bytes) -> int:
    return sum((code - 64) * 26**power for power, code in enumerate(reversed(letters.upper())))


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else _clean(str(cell))


def _clean(text: str) -> str:
    return CONTROL.sub("", text).strip()


def _decode(data: bytes) -> str:
    head = data[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(b"%PDF"):
        raise DomainError(PDF)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise DomainError(OLD_EXCEL)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _try(data, ("utf-16",))
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<table")):
        raise DomainError(WEB_PAGE)
    if b"\x00" in data:
        raise DomainError(BINARY)
    return _try(data, ("utf-8-sig", "gb18030"))


def _try(data: bytes, encodings: tuple[str, ...]) -> str:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DomainError(ENCODING)


def _read_csv(text: str) -> list[tuple[int, Row]]:
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, Row]] = []
    try:
        for row in reader:
            if len(rows) > MOST_ROWS or len(row) > MOST_COLUMNS:
                raise DomainError(TOO_LONG)
            rows.append((reader.line_num, tuple(_clean(cell) for cell in row)))
    except csv.Error as error:
        raise DomainError(BROKEN) from error
    return rows
