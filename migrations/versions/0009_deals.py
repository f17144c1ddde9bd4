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


RATE = "CONSTRAINT ck_agreement_rate CHECK ((currency = 'CNY') = (rate IS NULL))"
RATE_USED = (
    "CONSTRAINT ck_agreement_rate_used CHECK ((rate IS NULL) = (original_amount IS NULL) "
    "AND (rate IS NULL) = (rate_on IS NULL) AND (rate IS NULL) = (rate_source IS NULL))"
)
AGREEMENT_COLUMNS: dict[str, str | dict[str, str]] = {
    "currency": "VARCHAR(40) DEFAULT 'CNY' NOT NULL",
    "original_amount": "BIGINT",
    "rate": f"BIGINT {RATE}",
    "rate_on": "DATE",
    "rate_source": f"VARCHAR(200) {RATE_USED}",
    "none_ours": "VARCHAR(200)",
    "none_theirs": "VARCHAR(200)",
    "no_deposit": "VARCHAR(200)",
}
REASONS = (
    "elsewhere no_site industry environment funding market slow_approval silent "
    "policy first_talk_elsewhere deposit_overdue behind_plan false_investment duplicate"
)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "gate_exception",
    "project_exit",
    "project_role",
    "task_force",
    "obligation",
    "performance_deposit",
    "task_force_member",
)


def upgrade() -> None:
    """Build it."""
    _history_up()
    _add("agreement", AGREEMENT_COLUMNS)
    _exits_up()
    _exceptions_up()
    _team_up()
    _deals_up()


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name in ("ck_agreement_rate_used", "ck_agreement_rate"):
            op.drop_constraint(name, "agreement")
    for column in reversed(AGREEMENT_COLUMNS):
        op.execute(f"ALTER TABLE agreement DROP COLUMN {column}")
    _history_down()


def _exits_up() -> None:
    op.create_table(
        "project_exit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column(
            "kind",
            _enum("kind", "rejected suspended lost terminated withdrawn transferred merged"),
            nullable=False,
        ),
        sa.Column(
            "reason",
            _enum("reason", REASONS),
            nullable=False,
        ),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("place", sa.String(200)),
        sa.Column("merged_into_id", BIG),
        sa.Column("to_unit_id", BIG),
        sa.Column("review_on", sa.Date()),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("restored_by", BIG),
        sa.Column("restored_at", MOMENT),
        sa.Column("learn_by", sa.Date()),
        sa.Column("learned", sa.Text()),
        sa.Column("learned_by", BIG),
        sa.Column("learned_at", MOMENT),
        sa.CheckConstraint("(kind = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into"),
        sa.CheckConstraint("(kind = 'transferred') = (to_unit_id IS NOT NULL)", name="to_unit"),
        sa.CheckConstraint("kind <> 'lost' OR (place IS NOT NULL AND learn_by IS NOT NULL)", name="place"),
        sa.CheckConstraint("kind <> 'suspended' OR review_on IS NOT NULL", name="review_on"),
        sa.CheckConstraint("(learned IS NULL) = (learned_at IS NULL)", name="learned_at"),
        sa.CheckConstraint("(learned IS NULL) = (learned_by IS NULL)", name="learned"),
        sa.CheckConstraint("merged_into_id IS NULL OR merged_into_id <> project_id", name="merged_itself"),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name="fk_project_exit_by"),
        sa.ForeignKeyConstraint(["learned_by"], ["user_account.id"], name="fk_project_exit_learned_by"),
        sa.ForeignKeyConstraint(["merged_into_id"], ["project.id"], name="fk_project_exit_merged_into_id"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_project_exit_project_id"),
        sa.ForeignKeyConstraint(["restored_by"], ["user_account.id"], name="fk_project_exit_restored_by"),
        sa.ForeignKeyConstraint(["to_unit_id"], ["org_unit.id"], name="fk_project_exit_to_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_project_exit"),
    )
    op.create_index("ix_project_exit_kind_learn_by", "project_exit", ["kind", "learn_by"])
    op.create_index("ix_project_exit_project_id", "project_exit", ["project_id"])
    _unique_where("uq_project_exit_lasting", "project_exit", ["project_id"], "restored_at IS NULL")
    # Projects that left before: their exit as it was told; a loss without a place says so.
    op.execute(
        "INSERT INTO project_exit (project_id, kind, reason, detail, place, review_on, by, at, learn_by) "
        "SELECT id, CASE WHEN exit_kind IN ('merged', 'transferred') THEN 'terminated' ELSE exit_kind END, "
        "exit_reason, "
        "coalesce(exit_detail, '—'), CASE WHEN exit_kind = 'lost' THEN '未记录' END, review_on, created_by, exited_at, "
        "CASE WHEN exit_kind = 'lost' THEN date(exited_at) END FROM project WHERE exit_kind IS NOT NULL"
    )


def _exceptions_up() -> None:
    op.create_table(
        "gate_exception",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("kind", _enum("kind", "special case"), nullable=False),
        sa.Column("demand", sa.String(40)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted", sa.Text()),
        sa.Column("legal_basis", sa.Text()),
        sa.Column("fair_review", _enum("fair_review", "not_needed pending passed"), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("state", _enum("state", "asked granted refused revoked"), nullable=False),
        sa.Column("asked_by", BIG, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_by", BIG),
        sa.Column("decided_at", MOMENT),
        sa.Column("decision_no", sa.String(80)),
        sa.Column("note", sa.Text()),
        sa.Column("revoked_by", BIG),
        sa.Column("revoked_at", MOMENT),
        sa.CheckConstraint("(kind = 'special') = (demand IS NOT NULL)", name="demand"),
        sa.CheckConstraint("(state = 'asked') = (decided_by IS NULL)", name="decided"),
        sa.CheckConstraint("(state = 'revoked') = (revoked_at IS NOT NULL)", name="revoked"),
        sa.CheckConstraint(
            "demand IS NULL OR demand NOT IN "
            "('review', 'contract', 'evidence', 'approvals', 'uncontested', 'owner', 'team')",
            name="never",
        ),
        sa.CheckConstraint("kind <> 'case' OR (granted IS NOT NULL AND legal_basis IS NOT NULL)", name="granted"),
        sa.CheckConstraint("state NOT IN ('granted', 'revoked') OR decision_no IS NOT NULL", name="decision_no"),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_at"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="separation"),
        sa.ForeignKeyConstraint(["asked_by"], ["user_account.id"], name="fk_gate_exception_asked_by"),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name="fk_gate_exception_decided_by"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_gate_exception_project_id"),
        sa.ForeignKeyConstraint(["revoked_by"], ["user_account.id"], name="fk_gate_exception_revoked_by"),
        sa.PrimaryKeyConstraint("id", name="pk_gate_exception"),
    )
    op.create_index("ix_gate_exception_project_id_state", "gate_exception", ["project_id", "state"])
    _unique_where(
        "uq_gate_exception_open", "gate_exception", ["project_id", "demand"], "state = 'asked' AND demand IS NOT NULL"
    )


def _team_up() -> None:
    op.create_table(
        "project_role",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column(
            "role",
            _enum("role", "leader lead_unit manager assistant industry_unit territory_unit"),
            nullable=False,
        ),
        sa.Column("user_id", BIG),
        sa.Column("unit_id", BIG),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("set_by", BIG, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "(role IN ('industry_unit', 'lead_unit', 'territory_unit')) = (unit_id IS NOT NULL)",
            name="unit",
        ),
        sa.CheckConstraint("(user_id IS NULL) = (unit_id IS NOT NULL)", name="holder"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_project_role_project_id"),
        sa.ForeignKeyConstraint(["set_by"], ["user_account.id"], name="fk_project_role_set_by"),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name="fk_project_role_unit_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_project_role_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_project_role"),
    )
    op.create_index("ix_project_role_project_id", "project_role", ["project_id"])
    op.create_index("ix_project_role_user_id", "project_role", ["user_id"])
    _unique_where("uq_project_role_held", "project_role", ["project_id", "role"], "valid_to IS NULL")
    op.create_table(
        "task_force",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("project_id", BIG),
        sa.Column("enterprise_id", BIG),
        sa.Column("leader_id", BIG, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("set_by", BIG, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.CheckConstraint("(project_id IS NULL) = (enterprise_id IS NOT NULL)", name="target"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_task_force_enterprise_id"),
        sa.ForeignKeyConstraint(["leader_id"], ["user_account.id"], name="fk_task_force_leader_id"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_task_force_project_id"),
        sa.ForeignKeyConstraint(["set_by"], ["user_account.id"], name="fk_task_force_set_by"),
        sa.PrimaryKeyConstraint("id", name="pk_task_force"),
    )
    op.create_index("ix_task_force_enterprise_id", "task_force", ["enterprise_id"])
    op.create_index("ix_task_force_project_id", "task_force", ["project_id"])
    op.create_table(
        "task_force_member",
        sa.Column("id", BIG, nullable=False),
        sa.Column("force_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("added_by", BIG, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT),
        sa.ForeignKeyConstraint(["added_by"], ["user_account.id"], name="fk_task_force_member_added_by"),
        sa.ForeignKeyConstraint(["force_id"], ["task_force.id"], name="fk_task_force_member_force_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_task_force_member_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_task_force_member"),
    )
    op.create_index("ix_task_force_member_user_id", "task_force_member", ["user_id"])
    _unique_where("uq_task_force_member", "task_force_member", ["force_id", "user_id"], "left_at IS NULL")


def _deals_up() -> None:
    op.create_table(
        "obligation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("agreement_id", BIG, nullable=False),
        sa.Column("side", _enum("side", "ours theirs"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("state", _enum("state", "open met broken"), nullable=False),
        sa.Column("evidence", sa.Text()),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("settled_by", BIG),
        sa.Column("settled_at", MOMENT),
        sa.CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled"),
        sa.CheckConstraint("state = 'open' OR evidence IS NOT NULL", name="evidence"),
        sa.CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name="settled_by"),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name="fk_obligation_agreement_id"),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name="fk_obligation_created_by"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_obligation_project_id"),
        sa.ForeignKeyConstraint(["settled_by"], ["user_account.id"], name="fk_obligation_settled_by"),
        sa.PrimaryKeyConstraint("id", name="pk_obligation"),
    )
    op.create_index("ix_obligation_agreement_id", "obligation", ["agreement_id"])
    op.create_index("ix_obligation_project_id_state_due_on", "obligation", ["project_id", "state", "due_on"])
    op.create_table(
        "performance_deposit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("agreement_id", BIG, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("paid_on", sa.Date()),
        sa.Column("voucher", sa.String(80)),
        sa.Column("recorded_by", BIG),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(paid_on IS NULL) = (recorded_by IS NULL)", name="recorded_by"),
        sa.CheckConstraint("(paid_on IS NULL) = (voucher IS NULL)", name="voucher"),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name="fk_performance_deposit_agreement_id"),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name="fk_performance_deposit_created_by"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_performance_deposit_project_id"),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name="fk_performance_deposit_recorded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_performance_deposit"),
    )
    op.create_index("ix_performance_deposit_agreement_id", "performance_deposit", ["agreement_id"])
    op.create_index("ix_performance_deposit_project_id_due_on", "performance_deposit", ["project_id", "due_on"])


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)


def _unique_where(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


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
