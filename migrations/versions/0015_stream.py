"""Comments, mentions and pins of the stream, and calendar links.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
SUBJECT = "(project_id IS NULL) <> (enterprise_id IS NULL)"


def upgrade() -> None:
    """Build it."""
    _comments()
    _pins()
    _links()


def downgrade() -> None:
    """Take it away."""
    for table in ("calendar_link", "stream_pin", "stream_mention", "stream_comment"):
        op.drop_table(table)


def _comments() -> None:
    op.create_table(
        "stream_comment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG),
        sa.Column("project_id", BIG),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("quotes_kind", sa.String(40)),
        sa.Column("quotes_id", BIG),
        sa.Column("edited_at", INSTANT),
        sa.Column("deleted_at", INSTANT),
        sa.CheckConstraint(SUBJECT, name=op.f("ck_stream_comment_subject")),
        sa.CheckConstraint("(quotes_kind IS NULL) = (quotes_id IS NULL)", name=op.f("ck_stream_comment_quotes")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_stream_comment_enterprise_id"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_stream_comment_project_id"),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name="fk_stream_comment_by"),
        sa.PrimaryKeyConstraint("id", name="pk_stream_comment"),
    )
    op.create_index("ix_stream_comment_enterprise_id_at", "stream_comment", ["enterprise_id", "at"])
    op.create_index("ix_stream_comment_project_id_at", "stream_comment", ["project_id", "at"])
    op.create_table(
        "stream_mention",
        sa.Column("comment_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["stream_comment.id"], name="fk_stream_mention_comment_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_stream_mention_user_id"),
        sa.PrimaryKeyConstraint("comment_id", "user_id", name="pk_stream_mention"),
    )
    op.create_index("ix_stream_mention_user_id", "stream_mention", ["user_id"])


def _pins() -> None:
    op.create_table(
        "stream_pin",
        sa.Column("id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG),
        sa.Column("project_id", BIG),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(SUBJECT, name=op.f("ck_stream_pin_subject")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_stream_pin_enterprise_id"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_stream_pin_project_id"),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name="fk_stream_pin_by"),
        sa.PrimaryKeyConstraint("id", name="pk_stream_pin"),
        sa.UniqueConstraint("enterprise_id", "kind", "item_id", name="uq_stream_pin_enterprise_id_kind_item_id"),
        sa.UniqueConstraint("project_id", "kind", "item_id", name="uq_stream_pin_project_id_kind_item_id"),
    )


def _links() -> None:
    op.create_table(
        "calendar_link",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("token_hash", sa.String(80), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.Column("last_used_at", INSTANT),
        sa.Column("window_start", INSTANT),
        sa.Column("fetched", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_calendar_link_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_link"),
        sa.UniqueConstraint("token_hash", name="uq_calendar_link_token_hash"),
    )
    op.create_index(
        "uq_calendar_link_open",
        "calendar_link",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index("ix_calendar_link_user_id", "calendar_link", ["user_id"])
