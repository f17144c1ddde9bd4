"""Confidential projects and what the forecast needs.

Columns are added in plain SQL, because SQLite cannot add a constraint later.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS: dict[str, str] = {
    "confidential": "BOOLEAN DEFAULT '0' NOT NULL",
    "code_name": "VARCHAR(80) CONSTRAINT ck_project_code_name CHECK (NOT confidential OR code_name IS NOT NULL)",
    "expected_sign_on": "DATE",
    "probability": "INTEGER CONSTRAINT ck_project_probability CHECK (probability BETWEEN 0 AND 100)",
    "probability_reason": (
        "VARCHAR(200) CONSTRAINT ck_project_probability_reason "
        "CHECK ((probability IS NULL) = (probability_reason IS NULL))"
    ),
}


def upgrade() -> None:
    """Build it."""
    for column, kind in COLUMNS.items():
        op.execute(f"ALTER TABLE project ADD COLUMN {column} {kind}")
    op.create_index(
        "ix_project_confidential",
        "project",
        ["id"],
        sqlite_where=sa.text("confidential"),
        postgresql_where=sa.text("confidential"),
    )
    op.create_index(
        "ix_project_expected_sign_on",
        "project",
        ["expected_sign_on"],
        sqlite_where=sa.text("expected_sign_on IS NOT NULL"),
        postgresql_where=sa.text("expected_sign_on IS NOT NULL"),
    )
    op.create_table(
        "project_insider",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("added_by", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_project_insider_project_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_project_insider_user_id"),
        sa.ForeignKeyConstraint(["added_by"], ["user_account.id"], name="fk_project_insider_added_by"),
        sa.PrimaryKeyConstraint("id", name="pk_project_insider"),
        sa.UniqueConstraint("project_id", "user_id", name="uq_project_insider_project_id_user_id"),
    )
    op.create_index("ix_project_insider_user_id", "project_insider", ["user_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("project_insider")
    op.drop_index("ix_project_expected_sign_on", "project")
    op.drop_index("ix_project_confidential", "project")
    for column in reversed(COLUMNS):
        op.execute(f"ALTER TABLE project DROP COLUMN {column}")
