"""Notices, reminders and the channels that carry them.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
KINDS = sa.Enum(
    *[
        "due",
        "overdue",
        "risk",
        "handover",
        "lead",
        "instruction",
        "opinion",
        "action",
        "meeting",
        "mention",
        "job",
        "other",
    ],
    name="kind",
    native_enum=False,
    create_constraint=True,
    length=40,
)
TABLES = (
    "notice_delivery",
    "notice_channel",
    "notice_choice",
    "notice",
)


def upgrade() -> None:
    """Build it."""
    op.create_table(
        "notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("kind", KINDS, nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("link", sa.String(length=200), nullable=True),
        sa.Column("subject_type", sa.String(length=40), nullable=True),
        sa.Column("subject_id", BIG, nullable=True),
        sa.Column("project_id", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(subject_type IS NULL) = (subject_id IS NULL)", name=op.f("ck_notice_subject")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_notice_project_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_notice_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_project_id"), "notice", ["project_id"], unique=False)
    op.create_index(
        "ix_notice_unread",
        "notice",
        ["user_id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index(op.f("ix_notice_user_id_id"), "notice", ["user_id", "id"], unique=False)
    op.create_table(
        "notice_choice",
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("mail_kinds", JSON, nullable=False),
        sa.Column("silent_kinds", JSON, nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("digest_at", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name=op.f("ck_notice_choice_quiet")),
        sa.CheckConstraint("digest_at BETWEEN 0 AND 1439", name=op.f("ck_notice_choice_digest_at")),
        sa.CheckConstraint("quiet_from BETWEEN 0 AND 1439", name=op.f("ck_notice_choice_quiet_from")),
        sa.CheckConstraint("quiet_to BETWEEN 0 AND 1439", name=op.f("ck_notice_choice_quiet_to")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_notice_choice_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notice_choice")),
    )
    op.create_table(
        "notice_channel",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "vendor",
            sa.Enum("wecom", "dingtalk", "feishu", name="vendor", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("unit_id", BIG, nullable=True),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.CheckConstraint("tokens >= 0", name=op.f("ck_notice_channel_tokens")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_notice_channel_created_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_notice_channel_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_channel")),
        sa.UniqueConstraint("name", name=op.f("uq_notice_channel_name")),
    )
    op.create_table(
        "notice_delivery",
        sa.Column("id", BIG, nullable=False),
        sa.Column("target", sa.String(length=40), nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("channel_id", BIG, nullable=True),
        sa.Column("kind", KINDS, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=True),
        sa.Column("project_id", BIG, nullable=True),
        sa.Column(
            "state",
            sa.Enum("waiting", "sent", "refused", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("send_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("batch", sa.String(length=40), nullable=True),
        sa.Column("batch_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_notice_delivery_sent_at")),
        sa.CheckConstraint("(user_id IS NULL) <> (channel_id IS NULL)", name=op.f("ck_notice_delivery_target")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_notice_delivery_attempts")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["notice_channel.id"], name=op.f("fk_notice_delivery_channel_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_notice_delivery_project_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_notice_delivery_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_delivery")),
    )
    op.create_index(op.f("ix_notice_delivery_created_at"), "notice_delivery", ["created_at"], unique=False)
    op.create_index(
        op.f("ix_notice_delivery_target_state_send_after"),
        "notice_delivery",
        ["target", "state", "send_after"],
        unique=False,
    )


def downgrade() -> None:
    """Take it away."""
    for table in TABLES:
        op.drop_table(table)
