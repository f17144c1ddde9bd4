"""What a signal says besides its kind: how sure it is, sum and currency, place, day, industry.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = ("confidence", "amount_value", "amount_currency", "place", "event_date", "industry")


def upgrade() -> None:
    """Build it; signals that are known already count as sure as they counted so far."""
    op.add_column("signal", sa.Column("confidence", sa.Double(), nullable=False, server_default="1"))
    op.add_column("signal", sa.Column("amount_value", BIG))
    op.add_column("signal", sa.Column("amount_currency", sa.String(40)))
    op.add_column("signal", sa.Column("place", sa.String(200)))
    op.add_column("signal", sa.Column("event_date", sa.Date()))
    op.add_column("signal", sa.Column("industry", sa.String(40)))


def downgrade() -> None:
    """Take it away."""
    for name in COLUMNS:
        op.drop_column("signal", name)
