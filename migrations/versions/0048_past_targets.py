"""What targets were before they were changed or taken back.

Revision ID: 0048
Revises: 0047
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
LEVEL = sa.Enum("ensure", "strive", name="level", native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Build it."""
    op.create_table(
        "target_past",
        sa.Column("id", BIG, nullable=False),
        sa.Column("slot", sa.String(200), nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("metric", sa.String(40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("level", LEVEL, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_target_past_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_past")),
    )
    op.create_index(op.f("ix_target_past_year_level_until"), "target_past", ["year", "level", "until"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("target_past")
