"""Sources of more kinds, what a site said of its listing, and test runs of a source.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
INSTANT = sa.DateTime(timezone=True)
BEFORE = ("rss", "sitemap", "list")
AFTER = (*BEFORE, "json", "spider", "export")
STATE = sa.Enum(
    "queued", "running", "done", "failed", name="state", native_enum=False, create_constraint=True, length=40
)


def upgrade() -> None:
    """Build it."""
    _rewrite_kinds(BEFORE, AFTER)
    op.add_column("source", sa.Column("validators", JSON))
    op.add_column("source", sa.Column("tested_at", INSTANT))
    op.add_column("source", sa.Column("pack", sa.String(80)))
    op.create_table(
        "source_trial",
        sa.Column("id", BIG, nullable=False),
        sa.Column("owner_id", BIG, nullable=False),
        sa.Column("source_id", BIG, nullable=True),
        sa.Column("draft", JSON, nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("result", JSON, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_source_trial_owner_id")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_source_trial_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_trial")),
    )
    op.create_index(op.f("ix_source_trial_owner_id"), "source_trial", ["owner_id"])
    op.create_index(op.f("ix_source_trial_source_id"), "source_trial", ["source_id"])


def downgrade() -> None:
    """Take it away; a source of a kind that goes away becomes a list out of use."""
    op.drop_table("source_trial")
    for name in ("pack", "tested_at", "validators"):
        op.drop_column("source", name)
    op.execute("UPDATE source SET kind = 'list', enabled = false WHERE kind IN ('json', 'spider', 'export')")
    _rewrite_kinds(AFTER, BEFORE)


def _rewrite_kinds(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change the list of a CHECK; SQLite keeps it in the text of the table, which is edited in place."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_source_kind"), "source")
        op.create_check_constraint(op.f("ck_source_kind"), "source", f"kind IN ({_quoted(after)})")
        return
    change = "UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = 'source'"
    op.execute("PRAGMA writable_schema = ON")
    op.get_bind().execute(sa.text(change), {"before": _quoted(before), "after": _quoted(after)})
    op.execute("PRAGMA writable_schema = RESET")


def _quoted(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)
