"""Intake of leads: channels, sub-states, clocks, pool, hand-overs.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build it."""


def downgrade() -> None:
    """Take it away."""
