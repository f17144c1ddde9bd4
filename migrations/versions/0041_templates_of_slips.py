"""The template a bulletin of a campaign and a supervision slip were made with.

Revision ID: 0041
Revises: 0040
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("campaign_bulletin", "supervision_slip")


def upgrade() -> None:
    """Give them the column; what is there was made without a template."""
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("template_id", BIG))
            batch.create_foreign_key(op.f(f"fk_{table}_template_id"), "office_template", ["template_id"], ["id"])


def downgrade() -> None:
    """Forget which it was."""
    for table in reversed(TABLES):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_template_id"), type_="foreignkey")
            batch.drop_column("template_id")
