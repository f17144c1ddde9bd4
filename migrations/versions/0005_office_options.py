"""What an office sets for itself; the promises of a touch are found by index.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Build it."""
    op.create_table(
        "office_option",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("updated_by", BIG, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["updated_by"], ["user_account.id"], name="fk_office_option_updated_by"),
        sa.PrimaryKeyConstraint("id", name="pk_office_option"),
        sa.UniqueConstraint("key", name="uq_office_option_key"),
    )
    op.create_index("ix_follow_up_touch_id", "follow_up", ["touch_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_follow_up_touch_id", table_name="follow_up")
    op.drop_table("office_option")
