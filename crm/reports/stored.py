"""A built report as JSON and back: what was counted is kept, so an issue regenerates byte for byte.

``texts`` of a report holds the sentences by section, the tables, what units were called and
last week's values, all as they stood at the cut-off; ``edited`` holds what a person changed.
The rows behind its figures are frozen beside it, see :mod:`crm.reports.frozen`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crm.core.money import digits
from crm.reports.document import Cell, Figure, Imprint, WeeklyDocument
from crm.word.blocks import Block, Paragraph, Point, Section, SubHeading, SubPoint, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm.reports.models import ReportFigure, WeeklyReport

TITLE_RED = "动态信息周报"
SUMMARY = "summary"
HEADINGS: dict[str, str] = {
    SUMMARY: "本周概况",
    "outbound": "走出去",
    "inbound": "请进来",
    "leads": "线索与在谈项目",
    "signed": "签约与落地",
    "news": "企业动态",
    "issues": "存在问题及需协调事项",
    "progress": "招商任务完成进度",
    "next_week": "下周安排",
}
IMPRINT_KEYS = ("report_to", "send_to", "distribute", "copies")
EDITABLE = ("title", *HEADINGS, *IMPRINT_KEYS)
MOST_COPIES = 9999


@dataclass(frozen=True, slots=True)
class CellLink:
    """A cell of a table that is a figure: its place, the figure's key and the unit it is narrowed to."""

    row: int
    column: int
    key: str
    unit_id: int | None


@dataclass(frozen=True, slots=True)
class BuiltTable:
    """A table with the figures in it that open their rows."""

    table: Table
    links: tuple[CellLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """The generated part of a report."""

    title: str
    period: tuple[date, date]
    issued_on: date
    text: dict[str, str]
    tables: dict[str, list[BuiltTable]] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    units: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One kept row behind a figure."""

    id: int
    unit_id: int | None
    amount: Decimal
    href: str
    cells: tuple[Cell, ...]


class Kind(StrEnum):
    """What a column of a figure's rows is; units and amounts are kept once for a row, not among its cells."""

    TEXT = "text"
    DAY = "day"
    NUMBER = "number"
    UNIT = "unit"
    AMOUNT = "amount"


def frozen_row(columns: Sequence[Sequence[str]], cells: Sequence[Any], unit: str, amount: Decimal) -> tuple[Cell, ...]:
    """Put the cells of a row under its columns (name, kind): those kept, its unit and its amount."""
    kept = iter(cells)
    shown: list[Cell] = []
    for _name, kind in columns:
        if kind == Kind.UNIT:
            shown.append(unit)
        elif kind == Kind.AMOUNT:
            shown.append(number(digits(amount)))
        else:
            value = next(kept)
            shown.append(date.fromisoformat(value) if kind == Kind.DAY and value is not None else value)
    return tuple(shown)


def number(text: str) -> Decimal | int:
    """Read a figure: a whole number where it is one."""
    return Decimal(text) if "." in text else int(text)


def pack(draft: Draft) -> dict[str, Any]:
    """Write the generated part as JSON."""
    return {
        "title": draft.title,
        "period": [day.isoformat() for day in draft.period],
        "issued_on": draft.issued_on.isoformat(),
        "text": draft.text,
        "tables": {key: [_pack_table(one) for one in tables] for key, tables in draft.tables.items()},
        "before": draft.before,
        "units": {str(unit_id): name for unit_id, name in draft.units.items()},
    }


def _pack_table(built: BuiltTable) -> dict[str, Any]:
    table = built.table
    return {
        "title": table.title,
        "columns": list(table.columns),
        "rows": [list(row) for row in table.rows],
        "widths": list(table.widths),
        "note": table.note,
        "links": [[link.row, link.column, link.key, link.unit_id] for link in built.links],
    }


def tables_of(report: WeeklyReport, key: str) -> list[BuiltTable]:
    """The tables of a section."""
    return [
        BuiltTable(
            Table(
                one["title"],
                tuple(one["columns"]),
                tuple(tuple(row) for row in one["rows"]),
                tuple(one["widths"]),
                one["note"],
            ),
            tuple(CellLink(*link) for link in one["links"]),
        )
        for one in report.texts["tables"].get(key, [])
    ]


def text_of(report: WeeklyReport, key: str) -> str:
    """The text of a section as it is to be printed: the edited one wins."""
    if key in report.edited:
        return str(report.edited[key])
    if key == "title":
        return str(report.texts["title"])
    return str(report.texts["text"].get(key, ""))


def blocks(text: str) -> tuple[Block, ...]:
    """Read a section's text: ``# `` heads, ``- `` and ``-- `` make points, the rest is body text."""
    found: list[Block] = []
    for line in text.splitlines():
        line = line.strip()  # noqa: PLW2901 (the same line without its edges)
        if line.startswith("# "):
            found.append(SubHeading(line[2:].strip()))
        elif line.startswith("-- "):
            found.append(SubPoint(line[3:].strip()))
        elif line.startswith("- "):
            found.append(Point(line[2:].strip()))
        elif line:
            found.append(Paragraph(line))
    return tuple(found)


def sections(report: WeeklyReport) -> list[tuple[str, Section]]:
    """Every section after the overview, with its key."""
    return [
        (
            key,
            Section(heading, (*blocks(text_of(report, key)), *(built.table for built in tables_of(report, key)))),
        )
        for key, heading in HEADINGS.items()
        if key != SUMMARY
    ]


def figure_of(figure: ReportFigure) -> Figure:
    """A figure as the report tells it, without its rows."""
    names = tuple(name for name, _kind in figure.columns)
    return Figure(figure.key, figure.label, figure.unit, figure.basis, number(figure.value), names)


def imprint_of(report: WeeklyReport) -> Imprint:
    """The foot of the report (报、送、发)."""
    copies = text_of(report, "copies")
    return Imprint(
        text_of(report, "report_to"),
        text_of(report, "send_to"),
        text_of(report, "distribute"),
        int(copies) if copies.isdecimal() else 0,
    )


def document_of(report: WeeklyReport) -> WeeklyDocument:
    """The whole report ready to be written, from itself alone; the rows of its figures stay where they lie."""
    start, end = (date.fromisoformat(day) for day in report.texts["period"])
    return WeeklyDocument(
        title_red=TITLE_RED,
        title=text_of(report, "title"),
        issue_no=report.issue_no,
        total_no=report.total_no,
        issuer=report.issuer,
        issued_on=date.fromisoformat(report.texts["issued_on"]),
        period_start=start,
        period_end=end,
        summary=" ".join(text_of(report, SUMMARY).split("\n")),
        sections=tuple(section for _key, section in sections(report)),
        imprint=imprint_of(report),
        figures=tuple(figure_of(figure) for figure in report.figures),
    )
