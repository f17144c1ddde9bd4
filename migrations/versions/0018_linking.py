"""How sure a link is, why it was made, and what a person said about it.

Columns are added in plain SQL, because SQLite cannot add a constraint later.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COLUMNS: dict[str, str] = {
    "confidence": (
        "{double} DEFAULT '1' NOT NULL CONSTRAINT ck_mention_confidence CHECK (confidence >= 0 AND confidence <= 1)"
    ),
    "reasons": "{json} DEFAULT '[]' NOT NULL",
    "state": (
        "VARCHAR(40) DEFAULT 'linked' NOT NULL CONSTRAINT ck_mention_state "
        "CHECK (state IN ('linked', 'review', 'confirmed', 'refused'))"
    ),
}


def upgrade() -> None:
    """Build it."""
    json, double = ("JSON", "DOUBLE") if op.get_bind().dialect.name == "sqlite" else ("JSONB", "DOUBLE PRECISION")
    for column, kind in COLUMNS.items():
        op.execute(f"ALTER TABLE mention ADD COLUMN {column} {kind.format(json=json, double=double)}")
    op.create_index("ix_mention_state", "mention", ["state", "id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_mention_state", "mention")
    for column in reversed(COLUMNS):
        op.execute(f"ALTER TABLE mention DROP COLUMN {column}")
