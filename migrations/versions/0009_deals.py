"""Agreements with obligations and deposits, four roles, exceptions, history keys.

The key from a project to its row of history is a constraint over three columns, which SQLite cannot add to a
table: there the text of the table is changed in place, which its manual names for constraints that change no content.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = {"sqlite": "DATETIME", "postgresql": "TIMESTAMP WITH TIME ZONE"}
ENTRY_COLUMNS: dict[str, str | dict[str, str]] = {
    "seq": "INTEGER DEFAULT '1' NOT NULL",
    "takes_over": "VARCHAR(80)",
    "promised": "TEXT",
    "undoes": "INTEGER CONSTRAINT ck_stage_entry_undoes CHECK (undoes IS NULL OR undoes < seq)",
    "undone_at": INSTANT,
    "since": INSTANT,
}
STAGE_KEY = (
    "CONSTRAINT fk_project_stage_entry FOREIGN KEY(id, stage, stage_seq) "
    "REFERENCES stage_entry (project_id, to_stage, seq) DEFERRABLE INITIALLY DEFERRED"
)


def upgrade() -> None:
    """Build it."""
    _history_up()


def downgrade() -> None:
    """Take it away."""
    _history_down()


def _add(table: str, columns: dict[str, str | dict[str, str]]) -> None:
    dialect = op.get_bind().dialect.name
    for column, kind in columns.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind if isinstance(kind, str) else kind[dialect]}")


def _history_up() -> None:
    _add("stage_entry", ENTRY_COLUMNS)
    _add("project", {"stage_seq": "INTEGER DEFAULT '1' NOT NULL"})
    op.execute(
        "UPDATE stage_entry SET seq = (SELECT count(*) FROM stage_entry AS older "
        "WHERE older.project_id = stage_entry.project_id AND older.id <= stage_entry.id)"
    )
    latest = "(SELECT max(seq) FROM stage_entry WHERE project_id = project.id)"
    # A project whose history does not end where it stands gets the missing row, dated by what the project says.
    op.execute(
        "INSERT INTO stage_entry (project_id, seq, from_stage, to_stage, at, by, unit_id, first) "  # noqa: S608 (constant text)
        f"SELECT id, coalesce({latest}, 0) + 1, "
        f"(SELECT to_stage FROM stage_entry WHERE project_id = project.id AND seq = {latest}), "
        "stage, stage_since, created_by, unit_id, "
        "NOT EXISTS (SELECT 1 FROM stage_entry WHERE project_id = project.id AND to_stage = project.stage) "
        "FROM project WHERE NOT EXISTS "
        f"(SELECT 1 FROM stage_entry WHERE project_id = project.id AND seq = {latest} AND to_stage = project.stage)"
    )
    op.execute(f"UPDATE project SET stage_seq = {latest}")  # noqa: S608 (constant text)
    op.drop_index("ix_stage_entry_project_id", "stage_entry")
    op.create_index("uq_stage_entry_seq", "stage_entry", ["project_id", "seq"], unique=True)
    op.create_index("uq_stage_entry_stage", "stage_entry", ["project_id", "to_stage", "seq"], unique=True)
    where = sa.text("undoes IS NOT NULL")
    op.create_index(
        "uq_stage_entry_undoes",
        "stage_entry",
        ["project_id", "undoes"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
    if op.get_bind().dialect.name == "sqlite":
        _retell("project", ")", f", {STAGE_KEY})")
    else:
        op.execute(f"ALTER TABLE project ADD {STAGE_KEY}")


def _history_down() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _retell("project", f", {STAGE_KEY})", ")")
    else:
        op.drop_constraint("fk_project_stage_entry", "project")
    for name in ("uq_stage_entry_undoes", "uq_stage_entry_stage", "uq_stage_entry_seq"):
        op.drop_index(name, "stage_entry")
    op.create_index("ix_stage_entry_project_id", "stage_entry", ["project_id"])
    op.drop_column("project", "stage_seq")
    for column in reversed(ENTRY_COLUMNS):
        op.execute(f"ALTER TABLE stage_entry DROP COLUMN {column}")


def _retell(table: str, ending: str, replacement: str) -> None:
    """Change the end of a table's text on SQLite, and read the schema anew."""
    bind = op.get_bind()
    told = str(
        bind.scalar(sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": table})
    )
    if not told.endswith(ending):
        message = f"the text of {table} does not end with {ending!r}"
        raise RuntimeError(message)
    number = bind.scalar(sa.text("PRAGMA schema_version"))
    bind.exec_driver_sql("PRAGMA writable_schema=ON")
    bind.execute(
        sa.text("UPDATE sqlite_master SET sql = :text WHERE type = 'table' AND name = :name"),
        {"text": told.removesuffix(ending) + replacement, "name": table},
    )
    bind.exec_driver_sql(f"PRAGMA schema_version={int(number or 0) + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema=RESET")
