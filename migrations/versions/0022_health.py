"""Health of sources, the bytes of pages, and failed pages that can be opened and tried again.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENTS = ("last_new_at", "alert_since", "told_at", "muted_until")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "source_health",
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("recent", JSON, nullable=False),
        *[sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in MOMENTS],
        sa.Column("usual_gap_minutes", sa.Integer(), nullable=True),
        sa.Column("expected_minutes", sa.Integer(), nullable=True),
        sa.Column("alert", sa.String(length=40), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("expected_minutes >= 60", name=op.f("ck_source_health_expected")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_source_health_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_health")),
    )
    op.create_table(
        "snapshot",
        sa.Column("sha256", sa.String(length=80), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("charset", sa.String(length=40), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_snapshot_size")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_snapshot")),
    )
    op.create_index(op.f("ix_snapshot_kept_at"), "snapshot", ["kept_at"])
    op.add_column("failed_page", sa.Column("page_sha256", sa.String(length=80), nullable=True))
    op.add_column("failed_page", sa.Column("status", sa.Integer(), nullable=True))
    op.add_column("failed_page", sa.Column("retry_run_id", BIG, nullable=True))
    op.create_index(op.f("ix_article_run_id"), "article", ["run_id"])


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f("ix_article_run_id"), table_name="article")
    for name in ("retry_run_id", "status", "page_sha256"):
        op.drop_column("failed_page", name)
    op.drop_index(op.f("ix_snapshot_kept_at"), table_name="snapshot")
    op.drop_table("snapshot")
    op.drop_table("source_health")
