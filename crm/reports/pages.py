"""The web view of a report: the document with its figures as links."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.reports.drafting import COMPARED
from crm.reports.linking import Piece, pieces
from crm.reports.stored import HEADINGS, IMPRINT_KEYS, blocks, tables_of, text_of
from crm.word.blocks import Section, Table
from crm.word.numbering import level_one, numbered_lines

if TYPE_CHECKING:
    from crm.reports.models import ReportFigure, WeeklyReport
    from crm.reports.stored import BuiltTable, CellLink

FIGURES: dict[str, tuple[str, ...]] = {
    "summary": tuple(COMPARED),
    "outbound": ("visit_batches", "visits", "late"),
    "inbound": ("receptions", "guests", "inspections"),
    "leads": ("leads", "negotiating", "in_talk"),
    "signed": (
        "signings", "signed_amount", "starts", "reported", "reported_amount", "recognized", "recognized_amount",
    ),
    "news": ("signals",),
    "issues": ("stalled", "overdue"),
    "progress": ("year_leads", "year_visits", "year_inspections", "year_signings", "year_starts"),
    "next_week": ("due_next",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: the kind of block, its number, and its pieces."""

    kind: str
    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class WebTable:
    """A table; ``links`` finds the figure of a cell by (row, column)."""

    built: BuiltTable
    links: dict[tuple[int, int], CellLink]


@dataclass(frozen=True, slots=True)
class WebFigure:
    """A figure as a link shows it."""

    key: str
    label: str
    unit: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class WebSection:
    """One section with what an editor needs to change it."""

    key: str
    number: str
    heading: str
    text: str
    edited: bool
    lines: tuple[Line, ...]
    tables: tuple[WebTable, ...]
    figures: tuple[WebFigure, ...]


@dataclass(frozen=True, slots=True)
class WebPage:
    """Everything the page shows of a report."""

    sections: tuple[WebSection, ...]
    imprint: tuple[tuple[str, str], ...]


def page_of(report: WeeklyReport) -> WebPage:
    """Build the web view; figures become links wherever the text tells them."""
    figures = {figure.key: figure for figure in report.figures}
    values = {key: (figure.value, figure.unit) for key, figure in figures.items()}
    sections = []
    for number, (key, heading) in enumerate(HEADINGS.items(), start=1):
        text = text_of(report, key)
        lines = tuple(
            Line(type(block).__name__, label, tuple(pieces(block.text, values)))
            for label, block in numbered_lines(Section(heading, blocks(text)))
            if not isinstance(block, Table)
        )
        tables = tuple(
            WebTable(built, {(link.row, link.column): link for link in built.links}) for built in tables_of(report, key)
        )
        kept = tuple(_figure(figures[one]) for one in FIGURES.get(key, ()) if one in figures)
        sections.append(WebSection(key, level_one(number), heading, text, key in report.edited, lines, tables, kept))
    imprint = tuple((key, text_of(report, key)) for key in IMPRINT_KEYS)
    return WebPage(tuple(sections), imprint)


def _figure(figure: ReportFigure) -> WebFigure:
    return WebFigure(figure.key, figure.label, figure.unit, Decimal(figure.value))
