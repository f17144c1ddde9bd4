"""Periods that close, their frozen figures and corrections.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ("period", "period_correction", "period_figure", "period_return", "period_row")


def upgrade() -> None:
    """Build it."""
    _period_up()
    _period_correction_up()
    _period_figure_up()
    _period_return_up()
    _period_row_up()


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _period_up() -> None:
    op.create_table(
        "period",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", _enum("kind", "week half_month month quarter year"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("state", _enum("state", "open checked closing closed"), nullable=False),
        sa.Column("waived", sa.Text()),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("checked_by", BIG),
        sa.Column("checked_at", MOMENT),
        sa.Column("closing_by", BIG),
        sa.Column("cutoff_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_period_closed")),
        sa.CheckConstraint("(state = 'open') = (checked_by IS NULL)", name=op.f("ck_period_checked")),
        sa.CheckConstraint("state IN ('open', 'checked') OR cutoff_at IS NOT NULL", name=op.f("ck_period_cutoff")),
        sa.CheckConstraint("end_on >= start_on", name=op.f("ck_period_dates")),
        sa.ForeignKeyConstraint(["checked_by"], ["user_account.id"], name=op.f("fk_period_checked_by")),
        sa.ForeignKeyConstraint(["closing_by"], ["user_account.id"], name=op.f("fk_period_closing_by")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_period_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
        sa.UniqueConstraint("kind", "start_on", name=op.f("uq_period_kind_start_on")),
    )


def _period_correction_up() -> None:
    op.create_table(
        "period_correction",
        sa.Column("id", BIG, nullable=False),
        sa.Column("period_id", BIG, nullable=False),
        sa.Column("in_period_id", BIG, nullable=False),
        sa.Column("measure", sa.String(40), nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("difference", sa.BigInteger(), nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.CheckConstraint("difference <> 0", name=op.f("ck_period_correction_difference")),
        sa.CheckConstraint("in_period_id <> period_id", name=op.f("ck_period_correction_later")),
        sa.ForeignKeyConstraint(["in_period_id"], ["period.id"], name=op.f("fk_period_correction_in_period_id")),
        sa.ForeignKeyConstraint(["period_id"], ["period.id"], name=op.f("fk_period_correction_period_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_period_correction_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_correction")),
        sa.UniqueConstraint(
            "in_period_id",
            "period_id",
            "measure",
            "unit_id",
            name=op.f("uq_period_correction_in_period_id_period_id_measure_unit_id"),
        ),
    )
    op.create_index(op.f("ix_period_correction_period_id"), "period_correction", ["period_id"])


def _period_figure_up() -> None:
    op.create_table(
        "period_figure",
        sa.Column("id", BIG, nullable=False),
        sa.Column("period_id", BIG, nullable=False),
        sa.Column("measure", sa.String(40), nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["period_id"], ["period.id"], name=op.f("fk_period_figure_period_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_period_figure_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_figure")),
        sa.UniqueConstraint("period_id", "measure", "unit_id", name=op.f("uq_period_figure_period_id_measure_unit_id")),
    )
    op.create_index(op.f("ix_period_figure_unit_id"), "period_figure", ["unit_id"])


def _period_return_up() -> None:
    op.create_table(
        "period_return",
        sa.Column("id", BIG, nullable=False),
        sa.Column("period_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("submitted_by", BIG),
        sa.Column("submitted_at", MOMENT),
        sa.CheckConstraint("(submitted_at IS NULL) = (submitted_by IS NULL)", name=op.f("ck_period_return_submitted")),
        sa.ForeignKeyConstraint(
            ["period_id"], ["period.id"], name=op.f("fk_period_return_period_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["submitted_by"], ["user_account.id"], name=op.f("fk_period_return_submitted_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_period_return_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_return")),
        sa.UniqueConstraint("period_id", "unit_id", name=op.f("uq_period_return_period_id_unit_id")),
    )
    op.create_index(op.f("ix_period_return_unit_id"), "period_return", ["unit_id"])


def _period_row_up() -> None:
    op.create_table(
        "period_row",
        sa.Column("id", BIG, nullable=False),
        sa.Column("period_id", BIG, nullable=False),
        sa.Column("measure", sa.String(40), nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        sa.Column("rows", JSON, nullable=False),
        sa.ForeignKeyConstraint(["period_id"], ["period.id"], name=op.f("fk_period_row_period_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_row")),
        sa.UniqueConstraint("period_id", "measure", "piece", name=op.f("uq_period_row_period_id_measure_piece")),
    )


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
