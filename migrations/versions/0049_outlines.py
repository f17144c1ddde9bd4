"""Outlines of carriers and the files they came from.

Revision ID: 0049
Revises: 0048
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Build it."""
    op.add_column("carrier", sa.Column("outline", JSON))
    op.create_table(
        "map_sheet",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("features", JSON, nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("base", JSON),
        sa.Column("before", JSON),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("applied_by", BIG),
        sa.Column("applied_at", MOMENT),
        sa.Column("undone_at", MOMENT),
        sa.CheckConstraint("(applied_at IS NULL) = (applied_by IS NULL)", name=op.f("ck_map_sheet_applied")),
        sa.CheckConstraint("undone_at IS NULL OR applied_at IS NOT NULL", name=op.f("ck_map_sheet_undone")),
        sa.ForeignKeyConstraint(["applied_by"], ["user_account.id"], name=op.f("fk_map_sheet_applied_by")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_map_sheet_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_map_sheet")),
    )
    op.create_index(op.f("ix_map_sheet_applied_at"), "map_sheet", ["applied_at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("map_sheet")
    op.drop_column("carrier", "outline")
