"""A figure as one thing: its chart and its table; the page, the workbook and the drill-down read the same cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING, Any

from xlsxwriter import Workbook

from crm.core.sheets import LITERAL, Sheet
from crm.web.i18n import locale, tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

WIDE, USUAL = 30, 14
NAME_LENGTH = 31
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


class Kind(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head in the reader's language, and what its cells are."""

    label: str
    kind: Kind = Kind.COUNT


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, where its rows open, a remark below it and how the remark is meant; money is in 万元."""

    value: str | int | Decimal | None
    href: str = ""
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart and its table; ``total`` is the last line, ``empty`` what is said where there are no rows."""

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()
    chart: Mapping[str, Any] | None = None
    note: str = ""
    size: str = ""


@dataclass(frozen=True, slots=True)
class Sheaf:
    """The figures of a page, as its workbook holds them: the name of the file, when the figures are of."""

    name: str
    figures: Sequence[Figure]
    about: str
    more: Mapping[str, Any] = field(default_factory=dict)


def workbook(sheaf: Sheaf, mark: str) -> bytes:
    """Return the tables of a page as .xlsx, a sheet each; numbers are real ones, money in 万元."""
    buffer, names = BytesIO(), set[str]()
    with Workbook(buffer, {"in_memory": True, **LITERAL}) as book:
        for figure in sheaf.figures:
            heads = [_head(column) for column in figure.columns]
            widths = [WIDE, *[USUAL] * (len(heads) - 1)]
            sheet = Sheet(book, _unused(figure.title, names), mark, heads, widths)
            for row in (*figure.rows, *([figure.total] if figure.total else [])):
                sheet.add([_plain(cell, column) for cell, column in zip(row, figure.columns, strict=True)])
            sheet.add([])
            sheet.add([sheaf.about])
            if figure.note:
                sheet.add([figure.note])
    return buffer.getvalue()


def _head(column: Column) -> str:
    if column.kind is Kind.MONEY:
        return f"{column.label}（{tr('万元')}）" if locale() == "zh" else f"{column.label} ({tr('万元')})"
    return f"{column.label} %" if column.kind is Kind.PERCENT else column.label


def _plain(cell: Cell, column: Column) -> str | float | None:
    if column.kind is Kind.TEXT:
        return "" if cell.value is None else str(cell.value)
    return cell.value if isinstance(cell.value, str) or cell.value is None else float(cell.value)


def _unused(title: str, names: set[str]) -> str:
    """Return a name a sheet may have, unlike any before, in whatever case."""
    base = title.translate(FORBIDDEN).strip() or "-"
    name, number = base[:NAME_LENGTH], 1
    while name.casefold() in names:
        number += 1
        name = f"{base[: NAME_LENGTH - 4]} {number}"
    names.add(name.casefold())
    return name
