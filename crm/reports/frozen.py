"""The rows behind the figures of a report: frozen by the database in one statement, read page by page.

A figure's rows lie in pieces of :data:`PIECE`, each cut by unit, so that a page of them and the sums of a unit are read
without the rest. A row is a JSON array: its place, id, amount (money in 10⁻⁶ 万元), address, then what it shows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Text, cast, func, insert, literal, select, type_coerce, union_all

from crm.core.types import MICRO_WAN
from crm.reports.models import ReportRows
from crm.reports.standing import on_postgresql
from crm.reports.stored import StoredRow, document_of, figure_of, frozen_row
from crm.reports.wording import WAN_UNIT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.reports.document import WeeklyDocument
    from crm.reports.models import ReportFigure, WeeklyReport

PIECE = 500
ZERO = Decimal(0)


@dataclass(slots=True)
class Total:
    """What the frozen rows of a figure add up to: how many they are, the sum, and the sum of each unit."""

    rows: int = 0
    value: Decimal = ZERO
    by_unit: dict[int, Decimal] = field(default_factory=dict)

    def add(self, unit_id: int | None, rows: int, value: Decimal) -> None:
        """Add a piece."""
        self.rows += rows
        self.value += value
        if unit_id is not None:
            self.by_unit[unit_id] = self.by_unit.get(unit_id, ZERO) + value


@dataclass(frozen=True, slots=True)
class RowsPage:
    """One page of the rows behind a figure: ``size`` and ``total`` of all, ``shown`` how many the person may see."""

    rows: tuple[StoredRow, ...]
    size: int
    total: Decimal
    shown: int


def row(
    row_id: Any,  # noqa: ANN401 (columns)
    unit_id: Any,  # noqa: ANN401
    amount: Any,  # noqa: ANN401
    href: Any,  # noqa: ANN401
    sort: Any,  # noqa: ANN401
    *cells: Any,  # noqa: ANN401
) -> list[Any]:
    """Name the columns of a row as it is frozen; rows are put in the order of ``sort``."""
    plain = cast(type_coerce(amount, BigInteger()), BigInteger())
    named = {"id": row_id, "unit_id": unit_id, "amount": plain, "href": href, "sort": sort}
    return [
        *(column.label(name) for name, column in named.items()),
        *(cell.label(f"cell{number}") for number, cell in enumerate(cells)),
    ]


def freeze(session: Session, figures: Sequence[ReportFigure], rows: Mapping[str, Select[Any]]) -> dict[str, Total]:
    """Keep the rows of figures as they are now, all in one statement; return what they add up to."""
    parts = [_pieces(session, figure.id, rows[figure.key]) for figure in figures]
    columns = ("figure_id", "piece", "unit_id", "size", "amount", "rows")
    table = ReportRows.metadata.tables[ReportRows.__tablename__]
    statement = insert(table).from_select(columns, union_all(*parts), include_defaults=False)
    sums = (table.c.figure_id, table.c.unit_id, table.c.size, table.c.amount)
    by_id, totals = {figure.id: figure for figure in figures}, {figure.key: Total() for figure in figures}
    for found in session.execute(statement.returning(*sums)):
        figure = by_id[found.figure_id]
        totals[figure.key].add(found.unit_id, found.size, plain_amount(figure, found.amount))
    return totals


def _pieces(session: Session, figure_id: int, rows: Select[Any]) -> Select[Any]:
    inner = rows.subquery()
    order = (inner.c.sort, inner.c.id, inner.c.unit_id)
    placed = select(inner, (func.row_number().over(order_by=order) - 1).label("place")).subquery()
    cells = [column for column in placed.c if column.name.startswith("cell")]
    array = func.json_build_array if on_postgresql(session) else func.json_array
    line = cast(array(placed.c.place, placed.c.id, placed.c.amount, placed.c.href, *cells), Text())
    piece = placed.c.place // PIECE
    lines = literal("[", Text()) + func.aggregate_strings(line, ",") + literal("]", Text())
    sums = (func.count(), cast(func.sum(placed.c.amount), BigInteger()), lines)
    return select(literal(figure_id, BigInteger()), piece, placed.c.unit_id, *sums).group_by(piece, placed.c.unit_id)


def plain_amount(figure: ReportFigure, amount: int) -> Decimal:
    """Read an amount of a figure: money in 万元, else a number."""
    return Decimal(amount) / MICRO_WAN if figure.unit == WAN_UNIT else Decimal(amount)


def first(session: Session, figure: ReportFigure, count: int) -> list[StoredRow]:
    """The first rows of a figure, at most a piece of them."""
    return _read(session, figure, select(ReportRows).where(ReportRows.figure_id == figure.id, ReportRows.piece == 0))[
        :count
    ]


def page(
    session: Session,
    figure: ReportFigure,
    unit_id: int | None,
    scope: Collection[int] | None,
    start: int,
    step: int,
) -> RowsPage:
    """A page of the rows of a figure, of one unit if told; those of units out of reach are only counted."""
    head = select(ReportRows.id, ReportRows.unit_id, ReportRows.size, ReportRows.amount)
    head = head.where(ReportRows.figure_id == figure.id).order_by(ReportRows.piece, ReportRows.id)
    if unit_id is not None:
        head = head.where(ReportRows.unit_id == unit_id)
    pieces = session.execute(head.add_columns(ReportRows.piece)).all()
    mine = [one for one in pieces if scope is None or one.unit_id is None or one.unit_id in scope]
    wanted, skipped, seen = _overlap([(one.piece, one.id, one.size) for one in mine], start, step)
    rows = _read(session, figure, select(ReportRows).where(ReportRows.id.in_(wanted))) if wanted else []
    total = plain_amount(figure, sum(one.amount for one in pieces))
    return RowsPage(tuple(rows[skipped : skipped + step]), sum(one.size for one in pieces), total, seen)


def rows_of(report: WeeklyReport, key: str) -> list[StoredRow]:
    """Every row of a figure."""
    figure = next(one for one in report.figures if one.key == key)
    return unpacked(figure, figure.pieces)


def annex_of(report: WeeklyReport, hidden: Collection[str] = frozenset()) -> WeeklyDocument:
    """The whole report with the rows of its figures, for the annex; rows of ``hidden`` addresses are left out."""
    figures = tuple(
        replace(figure_of(one), rows=tuple(row.cells for row in unpacked(one, one.pieces) if row.href not in hidden))
        for one in report.figures
    )
    return replace(document_of(report), figures=figures)


def _overlap(pieces: Sequence[tuple[int, int, int]], start: int, step: int) -> tuple[list[int], int, int]:
    """Which pieces hold the rows of a page, how many of theirs come before it, and how many rows there are."""
    sizes: dict[int, int] = {}
    for number, _id, size in pieces:
        sizes[number] = sizes.get(number, 0) + size
    place, chosen, skipped = 0, set[int](), 0
    for number, size in sizes.items():
        if place + size > start and place < start + step:
            skipped = start - place if not chosen else skipped
            chosen.add(number)
        place += size
    return [one_id for number, one_id, _size in pieces if number in chosen], skipped, place


def _read(session: Session, figure: ReportFigure, pieces: Select[Any]) -> list[StoredRow]:
    return unpacked(figure, session.scalars(pieces).all())


def unpacked(figure: ReportFigure, pieces: Sequence[ReportRows]) -> list[StoredRow]:
    """The rows of pieces of a figure, in their order."""
    units: Mapping[str, str] = figure.report.texts.get("units", {})
    found = []
    for piece in pieces:
        unit = units.get(str(piece.unit_id), "")
        for place, row_id, amount, href, *cells in json.loads(piece.rows):
            value = plain_amount(figure, amount)
            shown = frozen_row(figure.columns, cells, unit, value)
            found.append((place, StoredRow(row_id, piece.unit_id, value, href, shown)))
    found.sort(key=lambda one: one[0])
    return [one for _place, one in found]
