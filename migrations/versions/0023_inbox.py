"""Why a signal was put aside; put off, followed, watched, decided together, told daily; notices of signals.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
INSTANT = sa.DateTime(timezone=True)
BEFORE = (
    *("due", "overdue", "risk", "handover", "lead", "instruction", "opinion", "action"),
    *("meeting", "mention", "job", "other"),
)
AFTER = (*BEFORE[:-2], "signal", *BEFORE[-2:])
TOLD = ("notice", "notice_delivery")
DROPPED = ("signal_digest", "signal_watch", "signal_follow", "signal_snooze", "signal_batch")


def one_of(name: str, *values: str) -> sa.Enum:
    """Return a column that holds one of the values."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Build it."""
    op.add_column("signal", sa.Column("decision_reason", sa.String(40), nullable=True))
    op.add_column("signal", sa.Column("batch_id", BIG, nullable=True))
    op.create_index(op.f("ix_signal_batch_id"), "signal", ["batch_id"])
    op.create_index(op.f("ix_signal_state_happened_at_id"), "signal", ["state", "happened_at", "id"])
    op.create_table(
        "signal_batch",
        sa.Column("id", BIG, nullable=False),
        sa.Column("verb", one_of("verb", "accept", "dismiss", "snooze"), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_by", BIG, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.CheckConstraint("size > 0", name=op.f("ck_signal_batch_size")),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_signal_batch_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_batch")),
    )
    _snoozes()
    _wishes()
    for table in TOLD:
        _rewrite_kinds(table, BEFORE, AFTER)


def _snoozes() -> None:
    op.create_table(
        "signal_snooze",
        sa.Column("signal_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("batch_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signal.id"], name=op.f("fk_signal_snooze_signal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_signal_snooze_user_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["signal_batch.id"], name=op.f("fk_signal_snooze_batch_id")),
        sa.PrimaryKeyConstraint("signal_id", "user_id", name=op.f("pk_signal_snooze")),
    )
    op.create_index(op.f("ix_signal_snooze_batch_id"), "signal_snooze", ["batch_id"])
    op.create_index(op.f("ix_signal_snooze_user_id_until"), "signal_snooze", ["user_id", "until"])


def _wishes() -> None:
    op.create_table(
        "signal_follow",
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_signal_follow_user_id")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_signal_follow_enterprise_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "enterprise_id", name=op.f("pk_signal_follow")),
    )
    op.create_index(op.f("ix_signal_follow_enterprise_id"), "signal_follow", ["enterprise_id"])
    op.create_table(
        "signal_watch",
        sa.Column("id", BIG, nullable=False),
        sa.Column("owner_id", BIG, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("chosen", JSON, nullable=False),
        sa.Column("telling", one_of("telling", "at_once", "daily", "never"), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_signal_watch_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_watch")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_signal_watch_owner_id_name")),
    )
    op.create_index(op.f("ix_signal_watch_telling"), "signal_watch", ["telling"])
    op.create_table(
        "signal_digest",
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_signal_digest_user_id")),
        sa.PrimaryKeyConstraint("user_id", "day", name=op.f("pk_signal_digest")),
    )


def downgrade() -> None:
    """Take it away; notices of signals become other ones."""
    for table in TOLD:
        op.execute(sa.text(f"UPDATE {table} SET kind = 'other' WHERE kind = 'signal'"))  # noqa: S608 (our own names)
        _rewrite_kinds(table, AFTER, BEFORE)
    for table in DROPPED:
        op.drop_table(table)
    op.drop_index(op.f("ix_signal_state_happened_at_id"), table_name="signal")
    op.drop_index(op.f("ix_signal_batch_id"), table_name="signal")
    for name in ("batch_id", "decision_reason"):
        op.drop_column("signal", name)


def _rewrite_kinds(table: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change the list of a CHECK; SQLite keeps it in the text of the table, which is edited in place."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(f"ck_{table}_kind"), table)
        op.create_check_constraint(op.f(f"ck_{table}_kind"), table, f"kind IN ({_quoted(after)})")
        return
    change = "UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = :name"
    op.execute("PRAGMA writable_schema = ON")
    op.get_bind().execute(sa.text(change), {"before": _quoted(before), "after": _quoted(after), "name": table})
    op.execute("PRAGMA writable_schema = RESET")


def _quoted(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)
