"""The road of a weekly report.

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STEPS = ("submitted", "withdrawn", "approved", "returned", "frozen")


def upgrade() -> None:
    """Build it."""
    step = sa.Enum(*STEPS, name="step", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "weekly_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("report_id", BIG, nullable=False),
        sa.Column("step", step, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint("step <> 'returned' OR reason IS NOT NULL", name=op.f("ck_weekly_step_reason")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["weekly_report.id"], name=op.f("fk_weekly_step_report_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_weekly_step_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_step")),
    )
    op.create_index(op.f("ix_weekly_step_report_id"), "weekly_step", ["report_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("weekly_step")
