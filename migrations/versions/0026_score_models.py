"""Runs on the models of scores: who would move, how well a model did.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
OPEN = sa.text("state = 'queued'")


def upgrade() -> None:
    """Build it."""
    op.create_table(
        "score_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("purpose", _enum("purpose", "preview backtest"), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("state", _enum("state", "queued done stopped failed"), nullable=False),
        sa.Column("model_id", BIG),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(200)),
        sa.Column("result", JSON, nullable=False),
        sa.Column("created_by", BIG),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("beat_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
        sa.CheckConstraint("(state = 'queued') = (finished_at IS NULL)", name="finished"),
        sa.ForeignKeyConstraint(["model_id"], ["score_model.id"], name="fk_score_run_model_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name="fk_score_run_created_by"),
        sa.PrimaryKeyConstraint("id", name="pk_score_run"),
    )
    op.create_index("ix_score_run_purpose_subject_id", "score_run", ["purpose", "subject", "id"])
    op.create_index("ix_score_run_model_id", "score_run", ["model_id"])
    op.create_index(
        "uq_score_run_open", "score_run", ["purpose", "subject"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("score_run")


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
