"""What fitted each project when all were matched by a job; which ends of policies were told.

Revision ID: 0050
Revises: 0049
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STATE = sa.Enum("queued", "done", "stopped", name="state", native_enum=False, create_constraint=True, length=40)
UNDER_WAY = sa.text("state = 'queued'")


def upgrade() -> None:
    """Build it."""
    op.create_table(
        "match_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("after_id", BIG, nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint("(state = 'queued') = (finished_at IS NULL)", name=op.f("ck_match_run_finished")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_match_run_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_run")),
    )
    op.create_index(
        op.f("uq_match_run_queued"),
        "match_run",
        ["state"],
        unique=True,
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )
    op.create_table(
        "match_line",
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("carrier_id", BIG, nullable=True),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("carriers", sa.Integer(), nullable=False),
        sa.Column("clauses", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("(carrier_id IS NULL) = (points IS NULL)", name=op.f("ck_match_line_best")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_match_line_project_id")),
        sa.ForeignKeyConstraint(["run_id"], ["match_run.id"], name=op.f("fk_match_line_run_id")),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_match_line_carrier_id")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_match_line")),
    )
    op.create_index(op.f("ix_match_line_run_id"), "match_line", ["run_id"])
    op.create_table(
        "policy_reminder",
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["policy_version.id"], name=op.f("fk_policy_reminder_version_id")),
        sa.PrimaryKeyConstraint("version_id", "days", name=op.f("pk_policy_reminder")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("policy_reminder")
    op.drop_table("match_line")
    op.drop_table("match_run")
