"""The index that finds what a person logged last, whatever the number of touches.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build it."""
    op.drop_index("ix_touch_created_by", table_name="touch")
    op.create_index("ix_touch_created_by_id", "touch", ["created_by", "id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_touch_created_by_id", table_name="touch")
    op.create_index("ix_touch_created_by", "touch", ["created_by"])
