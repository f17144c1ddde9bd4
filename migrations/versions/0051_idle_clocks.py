"""Delays that do not count against idle land, and what was found on the spot.

Revision ID: 0051
Revises: 0050
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
CAUSE = sa.Enum(
    "handover",
    "plan",
    "policy",
    "petition",
    "heritage",
    "force",
    "other",
    name="cause",
    native_enum=False,
    create_constraint=True,
    length=40,
)


def upgrade() -> None:
    """Build it."""
    op.create_table(
        "land_delay",
        sa.Column("id", BIG, nullable=False),
        sa.Column("hold_id", BIG, nullable=False),
        sa.Column("cause", CAUSE, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("document_no", sa.String(80)),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_land_delay_days")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_land_delay_by")),
        sa.ForeignKeyConstraint(["hold_id"], ["carrier_hold.id"], name=op.f("fk_land_delay_hold_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_land_delay")),
    )
    op.create_index("ix_land_delay_hold_id", "land_delay", ["hold_id"])
    op.create_table(
        "land_progress",
        sa.Column("id", BIG, nullable=False),
        sa.Column("hold_id", BIG, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("begun_on", sa.Date()),
        sa.Column("stopped_on", sa.Date()),
        sa.Column("built", sa.BigInteger(), nullable=False),
        sa.Column("invested", sa.BigInteger(), nullable=False),
        sa.Column("planned", sa.BigInteger()),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("built >= 0 AND invested >= 0", name=op.f("ck_land_progress_amounts")),
        sa.CheckConstraint("stopped_on IS NULL OR stopped_on >= begun_on", name=op.f("ck_land_progress_stopped")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_land_progress_by")),
        sa.ForeignKeyConstraint(["hold_id"], ["carrier_hold.id"], name=op.f("fk_land_progress_hold_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_land_progress")),
    )
    op.create_index("ix_land_progress_hold_id", "land_progress", ["hold_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("land_progress")
    op.drop_table("land_delay")
