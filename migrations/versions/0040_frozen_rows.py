"""Rows behind the figures of a weekly report, frozen piece by piece beside it; touches found by kind and by record.

Revision ID: 0040
Revises: 0039
"""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

if TYPE_CHECKING:
    from collections.abc import Iterator

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
PIECE, MICRO, WAN = 500, 1_000_000, "万元"
KINDS = {"计入": "amount", "无进展天数": "number"}
DAYS = ("日期", "进入阶段日期", "期限", "采纳日期", "发布日期")
REPORT = sa.table("weekly_report", sa.column("id", BIG), sa.column("texts", JSON))
FIGURE = sa.table(
    "report_figure", sa.column("id", BIG), sa.column("report_id", BIG), sa.column("key"), sa.column("unit"),
    sa.column("columns", JSON), sa.column("row_count"), sa.column("row_ids", JSON),
)  # fmt: skip
ROWS = sa.table(
    "report_rows", sa.column("id", BIG), sa.column("figure_id", BIG), sa.column("piece"), sa.column("unit_id", BIG),
    sa.column("size"), sa.column("amount", BIG), sa.column("rows"),
)  # fmt: skip


def upgrade() -> None:
    """Take the rows out of the texts of their report."""
    op.create_index("ix_touch_kind_occurred_at", "touch", ["kind", "occurred_at"])
    op.create_index(op.f("ix_touch_recorded_at"), "touch", ["recorded_at"])
    with op.batch_alter_table("report_figure") as batch:
        batch.add_column(sa.Column("columns", JSON))
        batch.add_column(sa.Column("row_count", sa.Integer()))
        batch.drop_column("row_ids")
    link = op.get_bind()
    for figure_id, _unit, kept in _kept(link):
        columns = [[name, kind] for name, kind in zip(kept["columns"], _kinds(kept), strict=True)]
        values = {"columns": columns, "row_count": len(kept["rows"])}
        link.execute(sa.update(FIGURE).where(FIGURE.c.id == figure_id).values(**values))
    with op.batch_alter_table("report_figure") as batch:
        batch.alter_column("columns", existing_type=JSON, nullable=False)
        batch.alter_column("row_count", existing_type=sa.Integer(), nullable=False)
    op.create_table(  # only now: SQLite makes a table anew to change it, and what hangs on it goes with it
        "report_rows",
        sa.Column("id", BIG, nullable=False),
        sa.Column("figure_id", BIG, nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        sa.Column("unit_id", BIG),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["figure_id"], ["report_figure.id"], name=op.f("fk_report_rows_figure_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_report_rows_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_rows")),
    )
    op.create_index(op.f("ix_report_rows_figure_id_piece"), "report_rows", ["figure_id", "piece"])
    for figure_id, unit, kept in _kept(link):
        _freeze(link, figure_id, unit, kept)
    for report_id, texts in link.execute(sa.select(REPORT.c.id, REPORT.c.texts)).all():
        texts.pop("rows", None)
        link.execute(sa.update(REPORT).where(REPORT.c.id == report_id).values(texts=texts))


def _kept(link: sa.Connection) -> Iterator[tuple[int, str, dict[str, Any]]]:
    for report_id, texts in link.execute(sa.select(REPORT.c.id, REPORT.c.texts)).all():
        figures = sa.select(FIGURE.c.id, FIGURE.c.key, FIGURE.c.unit).where(FIGURE.c.report_id == report_id)
        for figure_id, key, unit in link.execute(figures).all():
            yield figure_id, unit, texts.get("rows", {}).get(key, {"columns": [], "rows": []})


def _kinds(kept: dict[str, Any]) -> list[str]:
    return ["day" if name in DAYS else KINDS.get(name, "text") for name in kept["columns"]]


def _freeze(link: sa.Connection, figure_id: int, unit: str, kept: dict[str, Any]) -> None:
    kinds, scale = _kinds(kept), MICRO if unit == WAN else 1
    lines = []
    for place, (row_id, unit_id, amount, href, cells) in enumerate(kept["rows"]):
        shown = [_plain(cell) for cell, kind in zip(cells, kinds, strict=True) if kind != "amount"]
        lines.append((place // PIECE, unit_id, [place, row_id, int(Decimal(amount) * scale), href, *shown]))
    lines.sort(key=lambda line: (line[0], line[1] or 0, line[2][0]))
    for (piece, unit_id), group in groupby(lines, key=lambda line: line[:2]):
        rows = [line[2] for line in group]
        text = json.dumps(rows, ensure_ascii=False)
        sums = {"size": len(rows), "amount": sum(row[2] for row in rows), "rows": text}
        link.execute(sa.insert(ROWS).values(figure_id=figure_id, piece=piece, unit_id=unit_id, **sums))


def _plain(cell: Any) -> Any:  # noqa: ANN401 (a JSON value)
    return (cell.get("d") or cell.get("n")) if isinstance(cell, dict) else cell


def downgrade() -> None:
    """Put the rows back into the texts."""
    op.drop_index(op.f("ix_touch_recorded_at"), "touch")
    op.drop_index("ix_touch_kind_occurred_at", "touch")
    op.add_column("report_figure", sa.Column("row_ids", JSON))
    link = op.get_bind()
    for report_id, texts in link.execute(sa.select(REPORT.c.id, REPORT.c.texts)).all():
        units, kept = texts.pop("units", {}), {}
        for figure in link.execute(sa.select(FIGURE).where(FIGURE.c.report_id == report_id)).all():
            rows = _thawed(link, figure, units)
            kept[figure.key] = {"columns": [name for name, _kind in figure.columns], "rows": rows}
            ids = {"row_ids": [row[0] for row in rows]}
            link.execute(sa.update(FIGURE).where(FIGURE.c.id == figure.id).values(**ids))
        texts["rows"] = kept
        link.execute(sa.update(REPORT).where(REPORT.c.id == report_id).values(texts=texts))
    op.drop_table("report_rows")
    with op.batch_alter_table("report_figure") as batch:
        batch.alter_column("row_ids", existing_type=JSON, nullable=False)
        batch.drop_column("columns")
        batch.drop_column("row_count")


def _thawed(link: sa.Connection, figure: Any, units: dict[str, str]) -> list[list[Any]]:  # noqa: ANN401 (a row)
    found = []
    pieces = sa.select(ROWS.c.unit_id, ROWS.c.rows).where(ROWS.c.figure_id == figure.id)
    for unit_id, text in link.execute(pieces).all():
        for place, row_id, amount, href, *cells in json.loads(text):
            value = _written(amount, figure.unit)
            left = iter(cells)
            shown = [_cell(kind, left, units.get(str(unit_id), ""), value) for _name, kind in figure.columns]
            found.append((place, [row_id, unit_id, value, href, shown]))
    return [row for _place, row in sorted(found, key=lambda one: one[0])]


def _cell(kind: str, left: Any, unit: str, amount: str) -> Any:  # noqa: ANN401 (a JSON value)
    if kind in {"unit", "amount"}:
        return unit if kind == "unit" else {"n": amount}
    value = next(left)
    return {"d": value} if kind == "day" and value is not None else value


def _written(amount: int, unit: str) -> str:
    if unit != WAN:
        return str(amount)
    text = f"{Decimal(amount) / MICRO:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
