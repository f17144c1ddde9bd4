"""Uploaded ledgers: kept under their digest, read as a sheet with a heading and lines below it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm.core.errors import DomainError, NotFoundError
from crm.imports.columns import (
    NO_DATA,
    Column,
    Layout,
    Mapping,
    find_layout,
    is_aside,
    looks_like_data,
    signature,
)
from crm.imports.reading import EMPTY, MOST_ROWS, TOO_LONG, Book
from crm.imports.rules import LOST, NO_HEADER, NO_SHEET

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crm.imports.reading import Row
    from crm.imports.vocabulary import Vocabulary

TOP, SHOWN_TOP, SHOWN_CELLS, SHOWN_TEXT = 60, 8, 12, 60
SAMPLES, SAID = 3, 20
FORMULAS = "表里有公式没有保存计算结果，读出来是空的：请在 Excel 里打开、保存一次，再重新上传。"

HEADLESS = "标题行里像是一家企业的数据：这一行会当作标题，不导入。没有标题的表格，请在最上面加一行标题，再重新上传。"


@dataclass(frozen=True, slots=True)
class Read:
    """A file as far as it was read: ``options`` describe it for the run, ``rows`` counts its data lines."""

    options: dict[str, Any]
    rows: int


def path_of(files_dir: Path, sha256: str) -> Path:
    """Where a file of this content is kept, under a name of our own."""
    return files_dir / "imports" / sha256[:2] / sha256


def keep(files_dir: Path, source: bytes | Path) -> str:
    """Keep a file; return its digest."""
    data = source if isinstance(source, bytes) else source.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    path = path_of(files_dir, sha256)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_bytes(data)
        draft.replace(path)
    return sha256


def read(source: bytes | Path, words: Vocabulary | None = None) -> Read:
    """Read a file that came in, from the disk: a large workbook twice in memory would be too much."""
    if not isinstance(source, bytes):
        return describe(Book(source), words=words)
    with tempfile.NamedTemporaryFile(prefix="yinfeng-") as file:
        file.write(source)
        file.flush()
        return describe(Book(Path(file.name)), words=words)


def open_book(files_dir: Path, sha256: str) -> Book:
    """Open a kept file again; raise NotFoundError when it is gone."""
    try:
        return Book(path_of(files_dir, sha256))
    except FileNotFoundError as error:
        raise NotFoundError(LOST) from error


def describe(
    book: Book, sheet: str | None = None, header_row: int | None = None, words: Vocabulary | None = None
) -> Read:
    """Find sheet and heading (or take those a person named), what the columns mean, and a few values.

    ``words`` are the headings of the kind of table, else those of enterprises.

    Raises:
        DomainError: no such sheet or line, no data below the heading, or too much of it.

    """
    if not book.sheets:
        raise DomainError(EMPTY)
    names = [one.name for one in book.sheets]
    if sheet is not None and sheet not in names:
        raise DomainError(NO_SHEET)
    name, layout = _chosen(book, names, sheet, header_row, words)
    top = _top(book, name)
    mapping = layout.mapping
    columns = {str(index): str(column) for column, places in mapping.places.items() for index in places}
    options: dict[str, Any] = {
        "sheets": names,
        "sheet": name,
        "header_row": layout.header_row,
        "headings": list(mapping.headings),
        "signature": signature(mapping.headings),
        "columns": columns,
        "units": {str(index): unit for index, unit in mapping.units.items()},
        "top": [[line, [cell[:SHOWN_TEXT] for cell in row[:SHOWN_CELLS]]] for line, row in top[:SHOWN_TOP]],
        "samples": _samples(top, layout),
        "warnings": _warnings(book, mapping if words is None else None),
    }
    said, rows = survey(book, name, layout)
    if not rows:
        raise DomainError(NO_DATA)
    return Read(options | {"said": said}, rows)


def _warnings(book: Book, firms: Mapping | None) -> list[str]:
    said = ((FORMULAS, book.unsolved), (HEADLESS, firms is not None and looks_like_data(firms.headings)))
    return [text for text, holds in said if holds]


def survey(book: Book, sheet: str, layout: Layout) -> tuple[dict[str, list[str]], int]:
    """Lists and years that the lines name themselves, most lines first; and how many lines there are."""
    counts: dict[str, dict[str, int]] = {"lists": {}, "years": {}}
    rows = 0
    for _line, row in data_lines(book, sheet, layout.header_row):
        rows += 1
        if rows > MOST_ROWS:
            raise DomainError(TOO_LONG)
        for key, column in (("lists", Column.LIST), ("years", Column.YEAR)):
            text = layout.mapping.value(row, column)
            if text:
                counts[key][text] = counts[key].get(text, 0) + 1
    if Column.PLACES in layout.mapping.places:
        return {"lists": ["—"], "years": ["—"]}, rows
    return {key: sorted(found, key=lambda one: -found[one])[:SAID] for key, found in counts.items()}, rows


def data_lines(book: Book, sheet: str, header_row: int) -> Iterator[tuple[int, Row]]:
    """Lines below the heading that hold data; what is merged downwards stands in each of its lines."""
    merges = [one for one in book.merges(sheet) if one[1][0] > one[0][0] and one[1][0] >= header_row]
    spread = sorted(merges, reverse=True)
    open_cells: dict[int, tuple[int, str]] = {}
    for line, row in book.rows(sheet):
        filled = row
        if merges:
            while spread and spread[-1][0][0] < line:
                (first, left), (last, _right) = spread.pop()
                if first == line - 1:
                    open_cells[left] = (last, row[left] if left < len(row) else "")
            open_cells = {column: one for column, one in open_cells.items() if one[0] >= line - 1}
            filled = tuple(
                open_cells[column][1] if not cell and column in open_cells else cell for column, cell in enumerate(row)
            )
        if line > header_row and not is_aside(row):
            yield line, filled


def _chosen(
    book: Book, names: Sequence[str], sheet: str | None, header_row: int | None, words: Vocabulary | None
) -> tuple[str, Layout]:
    best: tuple[int, str, Layout] | None = None
    for name in names if sheet is None else [sheet]:
        layout = find_layout(_top(book, name), book.merges(name), header_row, words)
        if layout is None:
            continue
        score = len(layout.mapping.places) + (len(Column) if layout.mapping.named else 0)
        if best is None or score > best[0]:
            best = (score, name, layout)
    if best is not None:
        return best[1], best[2]
    if header_row is not None:
        raise DomainError(NO_HEADER)
    name = names[0] if sheet is None else sheet
    first, row = _top(book, name)[0]
    return name, Layout(first, Mapping({}, row, {}))


def _top(book: Book, sheet: str) -> list[tuple[int, Row]]:
    top = []
    for line, row in book.rows(sheet):
        top.append((line, row))
        if len(top) == TOP:
            break
    return top


def _samples(top: Sequence[tuple[int, Row]], layout: Layout) -> list[list[str]]:
    found: list[list[str]] = [[] for _heading in layout.mapping.headings]
    for line, row in top:
        if line <= layout.header_row or is_aside(row):
            continue
        for index, cell in enumerate(row[: len(found)]):
            if cell and cell not in found[index] and len(found[index]) < SAMPLES:
                found[index].append(cell[:SHOWN_TEXT])
    return found
