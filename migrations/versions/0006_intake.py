"""Intake of leads: channels, sub-states, clocks, pool, hand-overs.

Columns with a reference or a CHECK are added in plain SQL, because SQLite cannot add a constraint later.
The list of channels stands in a CHECK, which SQLite changes in its own schema table; the rows do not change.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BIG_TEXT = {"sqlite": "INTEGER", "postgresql": "BIGINT"}
INSTANT = sa.DateTime(timezone=True)

CHANNELS = ("news", "business", "kinship", "chain", "squad", "agent", "overseas", "online", "other")
MORE_CHANNELS = (*CHANNELS[:4], "professional", "squad", "roundtable", *CHANNELS[5:])
CHOICES: dict[str, tuple[str, ...]] = {
    "deal_type": ("greenfield", "merger", "joint_venture", "expansion"),
    "cooperation": ("equity", "contractual", "sole", "bt", "bot", "ppp", "lease", "other"),
    "chain_role": ("extend", "strengthen", "fill"),
}


def upgrade() -> None:
    """Build it."""
    _leads()
    _handovers()
    _referrers()
    _tips()
    _leaders()
    for column, values in CHOICES.items():
        check = f"CONSTRAINT ck_project_{column} CHECK ({column} IN ({_quoted(values)}))"
        op.execute(f"ALTER TABLE project ADD COLUMN {column} VARCHAR(40) {check}")
    big = BIG_TEXT[op.get_bind().dialect.name]
    op.execute(f"ALTER TABLE project ADD COLUMN referrer_id {big} {_reference('referrer')}")
    op.execute("ALTER TABLE project ADD COLUMN key_project BOOLEAN DEFAULT '0' NOT NULL")
    key = "CONSTRAINT ck_project_key_reason CHECK (NOT key_project OR key_reason IS NOT NULL)"
    op.execute(f"ALTER TABLE project ADD COLUMN key_reason VARCHAR(200) {key}")
    op.create_index("ix_project_referrer_id", "project", ["referrer_id"])
    _channels(CHANNELS, MORE_CHANNELS)
    # Leads of before were taken by whoever owns them; those without an owner wait for triage.
    op.execute(
        "INSERT INTO lead_intake (project_id, state, since, first_by, version) "
        "SELECT id, CASE WHEN owner_id IS NULL THEN 'registered' WHEN stage = 'lead' THEN 'accepted' ELSE 'working' "
        "END, stage_since, created_by, 1 FROM project"
    )


def downgrade() -> None:
    """Take it away."""
    op.execute("UPDATE project SET channel = 'other' WHERE channel IN ('professional', 'roundtable')")
    _channels(MORE_CHANNELS, CHANNELS)
    op.drop_index("ix_project_referrer_id", "project")
    for column in ("key_reason", "key_project", "referrer_id", *CHOICES):
        op.execute(f"ALTER TABLE project DROP COLUMN {column}")
    for table in ("leader_link", "lead_tip", "referrer", "handover", "lead_event", "lead_intake"):
        op.drop_table(table)


def _quoted(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _reference(table: str) -> str:
    return f"CONSTRAINT fk_project_{table}_id REFERENCES {table} (id)"


def _channels(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change which channels the CHECK knows, on SQLite by its documented way for a CHECK."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_project_channel"), "project")
        op.create_check_constraint(op.f("ck_project_channel"), "project", f"channel IN ({_quoted(after)})")
        return
    change = "UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = 'project'"
    op.execute("PRAGMA writable_schema = ON")
    op.get_bind().execute(sa.text(change), {"before": _quoted(before), "after": _quoted(after)})
    op.execute("PRAGMA writable_schema = RESET")


def _choice(
    table: str, name: str, column: str, *values: str, needed: bool = True
) -> tuple[sa.Column[str], sa.Constraint]:
    check = sa.CheckConstraint(f"{column} IN ({_quoted(values)})", name=op.f(f"ck_{table}_{name}"))
    return sa.Column(column, sa.String(40), nullable=not needed), check


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _big(column: str, *, needed: bool = False) -> sa.Column[int]:
    return sa.Column(column, BIG, nullable=not needed)


def _leads() -> None:
    states = ("new", "registered", "triage", "assigned", "accepted", "working", "returned", "pooled")
    op.create_table(
        "lead_intake",
        _big("id", needed=True),
        _big("project_id", needed=True),
        *_choice("lead_intake", "state", "state", *states),
        sa.Column("since", INSTANT, nullable=False),
        _big("first_by"),
        sa.Column("pooled_at", INSTANT),
        _big("pooled_from"),
        _big("claimed_by"),
        sa.Column("claimed_at", INSTANT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'pooled') = (pooled_at IS NOT NULL)", name=op.f("ck_lead_intake_pooled")),
        sa.CheckConstraint("(claimed_by IS NULL) = (claimed_at IS NULL)", name=op.f("ck_lead_intake_claimed")),
        _key("lead_intake", "project_id", "project"),
        *(_key("lead_intake", column, "user_account") for column in ("first_by", "pooled_from", "claimed_by")),
        sa.PrimaryKeyConstraint("id", name="pk_lead_intake"),
        sa.UniqueConstraint("project_id", name="uq_lead_intake_project_id"),
    )
    op.create_index("ix_lead_intake_state_since", "lead_intake", ["state", "since"])
    op.create_index("ix_lead_intake_claimed_by", "lead_intake", ["claimed_by"])
    op.create_table(
        "lead_event",
        _big("id", needed=True),
        _big("project_id", needed=True),
        sa.Column("at", INSTANT, nullable=False),
        _big("by"),
        sa.Column("from_state", sa.String(40)),
        sa.Column("to_state", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text()),
        _key("lead_event", "project_id", "project"),
        _key("lead_event", "by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_lead_event"),
    )
    op.create_index("ix_lead_event_project_id_at", "lead_event", ["project_id", "at"])


def _handovers() -> None:
    op.create_table(
        "handover",
        _big("id", needed=True),
        _big("project_id", needed=True),
        _big("from_user_id"),
        _big("from_unit_id", needed=True),
        _big("to_user_id"),
        _big("to_unit_id", needed=True),
        sa.Column("reason", sa.Text(), nullable=False),
        _big("asked_by", needed=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        *_choice("handover", "answer_key", "answer", "accepted", "refused", "withdrawn", needed=False),
        _big("answered_by"),
        sa.Column("answered_at", INSTANT),
        sa.Column("answer_reason", sa.Text()),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_handover_answered")),
        sa.CheckConstraint(
            "answer IS NULL OR answer <> 'refused' OR answer_reason IS NOT NULL", name=op.f("ck_handover_answer_reason")
        ),
        _key("handover", "project_id", "project"),
        *(_key("handover", f"{side}_unit_id", "org_unit") for side in ("from", "to")),
        *(_key("handover", one, "user_account") for one in ("from_user_id", "to_user_id", "asked_by", "answered_by")),
        sa.PrimaryKeyConstraint("id", name="pk_handover"),
    )
    still = sa.text("answered_at IS NULL")
    op.create_index(
        "uq_handover_open", "handover", ["project_id"], unique=True, sqlite_where=still, postgresql_where=still
    )
    op.create_index("ix_handover_project_id_asked_at", "handover", ["project_id", "asked_at"])
    op.create_index("ix_handover_to_user_id_answered_at", "handover", ["to_user_id", "answered_at"])
    op.create_index("ix_handover_to_unit_id_answered_at", "handover", ["to_unit_id", "answered_at"])


def _referrers() -> None:
    op.create_table(
        "referrer",
        _big("id", needed=True),
        sa.Column("name", sa.String(200), nullable=False),
        *_choice("referrer", "kind", "kind", "agent", "chamber", "enterprise", "ambassador", "person"),
        sa.Column("contract_no", sa.String(80)),
        sa.Column("contract_from", sa.Date()),
        sa.Column("contract_to", sa.Date()),
        sa.Column("note", sa.Text()),
        _big("created_by", needed=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("contract_to IS NULL OR contract_from IS NOT NULL", name=op.f("ck_referrer_contract_from")),
        sa.CheckConstraint(
            "contract_to IS NULL OR contract_to >= contract_from", name=op.f("ck_referrer_contract_order")
        ),
        _key("referrer", "created_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_referrer"),
        sa.UniqueConstraint("name", name="uq_referrer_name"),
    )


def _tips() -> None:
    op.create_table(
        "lead_tip",
        _big("id", needed=True),
        sa.Column("client_id", sa.String(80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("enterprise_name", sa.String(200)),
        _big("enterprise_id"),
        *_choice("lead_tip", "source", "source", "staff", "contact", "signal", "event", "referrer"),
        _big("reported_by", needed=True),
        _big("unit_id", needed=True),
        sa.Column("reported_at", INSTANT, nullable=False),
        *_choice("lead_tip", "state", "state", "new", "registered", "returned"),
        sa.Column("answer", sa.Text()),
        _big("answered_by"),
        sa.Column("answered_at", INSTANT),
        _big("project_id"),
        sa.CheckConstraint("(state = 'registered') = (project_id IS NOT NULL)", name=op.f("ck_lead_tip_project")),
        sa.CheckConstraint("(state = 'new') = (answered_at IS NULL)", name=op.f("ck_lead_tip_answered")),
        sa.CheckConstraint("state <> 'returned' OR answer IS NOT NULL", name=op.f("ck_lead_tip_answer")),
        _key("lead_tip", "enterprise_id", "enterprise"),
        _key("lead_tip", "unit_id", "org_unit"),
        _key("lead_tip", "project_id", "project"),
        *(_key("lead_tip", column, "user_account") for column in ("reported_by", "answered_by")),
        sa.PrimaryKeyConstraint("id", name="pk_lead_tip"),
        sa.UniqueConstraint("client_id", name="uq_lead_tip_client_id"),
    )
    op.create_index("ix_lead_tip_state_reported_at", "lead_tip", ["state", "reported_at"])
    op.create_index("ix_lead_tip_reported_by_reported_at", "lead_tip", ["reported_by", "reported_at"])
    op.create_index("ix_lead_tip_unit_id", "lead_tip", ["unit_id"])


def _leaders() -> None:
    op.create_table(
        "leader_link",
        _big("id", needed=True),
        _big("leader_id", needed=True),
        *_choice("leader_link", "kind_key", "kind", "region", "project", "squad"),
        sa.Column("region", sa.String(80)),
        _big("project_id"),
        _big("unit_id"),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        _big("created_by", needed=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("(kind = 'region') = (region IS NOT NULL)", name=op.f("ck_leader_link_region")),
        sa.CheckConstraint("(kind = 'project') = (project_id IS NOT NULL)", name=op.f("ck_leader_link_project")),
        sa.CheckConstraint("(kind = 'squad') = (unit_id IS NOT NULL)", name=op.f("ck_leader_link_squad")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_leader_link_validity")),
        _key("leader_link", "project_id", "project"),
        _key("leader_link", "unit_id", "org_unit"),
        *(_key("leader_link", column, "user_account") for column in ("leader_id", "created_by")),
        sa.PrimaryKeyConstraint("id", name="pk_leader_link"),
    )
    op.create_index("ix_leader_link_leader_id_kind", "leader_link", ["leader_id", "kind"])
    op.create_index("ix_leader_link_project_id", "leader_link", ["project_id"])
