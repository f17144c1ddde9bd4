"""Work lists of scores: enterprises that a unit has put off.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Build it."""
    op.create_table(
        "work_deferral",
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("made_by", BIG, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_work_deferral_unit_id")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_work_deferral_enterprise_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_work_deferral_made_by")),
        sa.PrimaryKeyConstraint("unit_id", "enterprise_id", name=op.f("pk_work_deferral")),
    )
    op.create_index(op.f("ix_work_deferral_enterprise_id"), "work_deferral", ["enterprise_id"])
    op.create_index(op.f("ix_work_deferral_unit_id_until"), "work_deferral", ["unit_id", "until"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("work_deferral")
