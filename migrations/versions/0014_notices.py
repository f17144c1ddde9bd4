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


def one_of(name: str, *values: str) -> sa.Enum:
    """Return a column that holds one of the values."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


KINDS = one_of(
    "kind",
    *["due", "overdue", "risk", "handover", "lead", "instruction", "opinion", "action"],
    *["meeting", "mention", "job", "other"],
)
TABLES = (
    "follow_up_alarm",
    "chain_mark",
    "chain_run",
    "chain",
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
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_notice_project_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_notice_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    op.create_index("ix_notice_project_id", "notice", ["project_id"])
    op.create_index(
        "ix_notice_unread",
        "notice",
        ["user_id"],
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index("ix_notice_user_id_id", "notice", ["user_id", "id"])
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
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_notice_choice_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_notice_choice"),
    )
    op.create_table(
        "notice_channel",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("vendor", one_of("vendor", "wecom", "dingtalk", "feishu"), nullable=False),
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
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name="fk_notice_channel_created_by"),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name="fk_notice_channel_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notice_channel"),
        sa.UniqueConstraint("name", name="uq_notice_channel_name"),
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
        sa.Column("state", one_of("state", "waiting", "sent", "refused"), nullable=False),
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
            ["channel_id"], ["notice_channel.id"], name="fk_notice_delivery_channel_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_notice_delivery_project_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_notice_delivery_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notice_delivery"),
    )
    op.create_index("ix_notice_delivery_created_at", "notice_delivery", ["created_at"])
    op.create_index(
        "ix_notice_delivery_target_state_send_after",
        "notice_delivery",
        ["target", "state", "send_after"],
    )
    op.create_table(
        "chain",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("starts", one_of("starts", "touch", "manual"), nullable=False),
        sa.Column(
            "touch_kind",
            one_of("touch_kind", "visit", "reception", "inspection", "negotiation", "call", "letter", "mail", "wechat"),
            nullable=True,
        ),
        sa.Column(
            "intention", one_of("intention", "unknown", "none", "watching", "interested", "strong"), nullable=True
        ),
        sa.Column("steps", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "starts = 'touch' OR (touch_kind IS NULL AND intention IS NULL)", name=op.f("ck_chain_matching")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name="fk_chain_created_by"),
        sa.PrimaryKeyConstraint("id", name="pk_chain"),
        sa.UniqueConstraint("name", name="uq_chain_name"),
    )
    op.create_table(
        "chain_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("chain_id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=True),
        sa.Column("touch_id", BIG, nullable=True),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("owner_id", BIG, nullable=False),
        sa.Column("steps", JSON, nullable=False),
        sa.Column("base_on", sa.Date(), nullable=False),
        sa.Column("started_by", BIG, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", one_of("ending", "through", "answered", "stopped"), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name=op.f("ck_chain_run_ended")),
        sa.ForeignKeyConstraint(["chain_id"], ["chain.id"], name="fk_chain_run_chain_id"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_chain_run_enterprise_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name="fk_chain_run_owner_id"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_chain_run_project_id"),
        sa.ForeignKeyConstraint(["started_by"], ["user_account.id"], name="fk_chain_run_started_by"),
        sa.ForeignKeyConstraint(["touch_id"], ["touch.id"], name="fk_chain_run_touch_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name="fk_chain_run_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_chain_run"),
        sa.UniqueConstraint("key", name="uq_chain_run_key"),
    )
    op.create_index("ix_chain_run_chain_id_ended_at", "chain_run", ["chain_id", "ended_at"])
    op.create_index("ix_chain_run_enterprise_id", "chain_run", ["enterprise_id"])
    op.create_index("ix_chain_run_project_id", "chain_run", ["project_id"])
    op.create_index("ix_chain_run_touch_id", "chain_run", ["touch_id"])
    op.create_table(
        "chain_mark",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("follow_up_id", BIG, nullable=False),
        sa.Column("answer", one_of("answer", "done", "answered", "silent", "refused", "visited"), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", BIG, nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_chain_mark_answered")),
        sa.ForeignKeyConstraint(["answered_by"], ["user_account.id"], name="fk_chain_mark_answered_by"),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_up.id"], name="fk_chain_mark_follow_up_id"),
        sa.ForeignKeyConstraint(["run_id"], ["chain_run.id"], name="fk_chain_mark_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_chain_mark"),
        sa.UniqueConstraint("follow_up_id", name="uq_chain_mark_follow_up_id"),
    )
    op.create_index("uq_chain_mark_run_id_place", "chain_mark", ["run_id", "place"], unique=True)
    op.create_table(
        "follow_up_alarm",
        sa.Column("id", BIG, nullable=False),
        sa.Column("follow_up_id", BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_up.id"], name="fk_follow_up_alarm_follow_up_id"),
        sa.PrimaryKeyConstraint("id", name="pk_follow_up_alarm"),
    )
    op.create_index("uq_follow_up_alarm_rung", "follow_up_alarm", ["follow_up_id", "due_on", "day"], unique=True)
    op.create_index(
        "ix_follow_up_open",
        "follow_up",
        ["due_on", "id"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_follow_up_open", "follow_up")
    for table in TABLES:
        op.drop_table(table)
