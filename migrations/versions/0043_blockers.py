"""Blockers of projects: who clears each, what happened to it, how far a late one climbed; roles in task forces.

Revision ID: 0043
Revises: 0042
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STEPS = "raised progress reported returned confirmed reopened assigned coordinate decided escalated"
SOURCES = "project visit meeting inspection phone instruction"
BEFORE = ("decision", "instruction", "exception", "review", "dispute", "stalled", "follow_up", "manual")
AFTER = ("decision", "blocker", *BEFORE[1:])
ROLES = "'leader', 'department', 'liaison', 'member'"
INDEXES: tuple[tuple[str, ...], ...] = (
    ("category",),
    ("closed_at", "due_on", "id"),
    ("confirmed_on",),
    ("enterprise_id",),
    ("owner_unit_id",),
    ("project_id",),
    ("raised_by",),
    ("raised_on",),
    ("responsible_id",),
    ("source", "ref_id"),
    ("unit_id",),
)


def upgrade() -> None:
    """Build it."""
    _blocker_up()
    _step_up()
    _alarm_up()
    check = f"CONSTRAINT ck_task_force_member_role CHECK (role IN ({ROLES}))"
    op.execute(f"ALTER TABLE task_force_member ADD COLUMN role VARCHAR(40) NOT NULL DEFAULT 'member' {check}")
    _sources(BEFORE, AFTER)


def downgrade() -> None:
    """Take it away; items of agendas that were blockers stay as items typed by hand."""
    op.execute("UPDATE agenda_item SET source = 'manual', ref_id = NULL WHERE source = 'blocker'")
    _sources(AFTER, BEFORE)
    op.execute("ALTER TABLE task_force_member DROP COLUMN role")
    for table in ("blocker_alarm", "blocker_step", "blocker"):
        op.drop_table(table)


def _blocker_up() -> None:
    op.create_table(
        "blocker",
        sa.Column("id", BIG, nullable=False),
        sa.Column("client_id", sa.String(80), nullable=False),
        sa.Column("project_id", BIG),
        sa.Column("enterprise_id", BIG),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("source", _enum("source", SOURCES), nullable=False),
        sa.Column("ref_id", BIG),
        sa.Column("owner_unit_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("responsible_id", BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("follow_up_id", BIG, nullable=False),
        sa.Column("coordinate_at", MOMENT),
        sa.Column("raised_by", BIG, nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("closed_by", BIG),
        sa.Column("confirmed_by", sa.String(80)),
        sa.Column("confirmed_on", sa.Date()),
        sa.Column("confirmed_way", _enum("confirmed_way", "phone face message letter")),
        sa.CheckConstraint("project_id IS NOT NULL OR enterprise_id IS NOT NULL", name=op.f("ck_blocker_subject")),
        *(
            sa.CheckConstraint(f"(closed_at IS NULL) = ({name} IS NULL)", name=op.f(f"ck_blocker_{name}"))
            for name in ("closed_by", "confirmed_by", "confirmed_on")
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (confirmed_way IS NULL)", name=op.f("ck_blocker_confirmed_way_given")
        ),
        sa.CheckConstraint("closed_by IS NULL OR closed_by <> responsible_id", name=op.f("ck_blocker_separation")),
        sa.CheckConstraint("closed_at IS NULL OR coordinate_at IS NULL", name=op.f("ck_blocker_coordinated")),
        _ref("blocker", "project_id", "project"),
        _ref("blocker", "enterprise_id", "enterprise"),
        _ref("blocker", "follow_up_id", "follow_up"),
        *(_ref("blocker", name, "org_unit") for name in ("owner_unit_id", "unit_id")),
        *(_ref("blocker", name, "user_account") for name in ("responsible_id", "raised_by", "closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocker")),
        sa.UniqueConstraint("client_id", name=op.f("uq_blocker_client_id")),
        sa.UniqueConstraint("follow_up_id", name=op.f("uq_blocker_follow_up_id")),
    )
    for columns in INDEXES:
        op.create_index(op.f(f"ix_blocker_{'_'.join(columns)}"), "blocker", list(columns))


def _step_up() -> None:
    op.create_table(
        "blocker_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("blocker_id", BIG, nullable=False),
        sa.Column("kind", _enum("kind", STEPS), nullable=False),
        sa.Column("body", sa.Text()),
        sa.Column("day", sa.Date()),
        sa.Column("link", sa.String(200)),
        sa.Column("by", BIG),
        sa.Column("at", MOMENT, nullable=False),
        _ref("blocker_step", "blocker_id", "blocker"),
        _ref("blocker_step", "by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocker_step")),
    )
    op.create_index(op.f("ix_blocker_step_blocker_id_id"), "blocker_step", ["blocker_id", "id"])


def _alarm_up() -> None:
    op.create_table(
        "blocker_alarm",
        sa.Column("id", BIG, nullable=False),
        sa.Column("blocker_id", BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _ref("blocker_alarm", "blocker_id", "blocker"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocker_alarm")),
    )
    op.create_index("uq_blocker_alarm_rung", "blocker_alarm", ["blocker_id", "due_on", "day"], unique=True)


def _sources(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change where items of an agenda may come from; SQLite cannot change a CHECK, so its text is written anew."""
    table, name = "agenda_item", "ck_agenda_item_source"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, f"source IN ({_quoted(after)})")
        return
    change = "UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = :name"
    op.execute("PRAGMA writable_schema = ON")
    told = {"before": f"source IN ({_quoted(before)})", "after": f"source IN ({_quoted(after)})", "name": table}
    op.get_bind().execute(sa.text(change), told)
    op.execute("PRAGMA writable_schema = RESET")


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _ref(table: str, name: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}"))


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
