"""Complaint cases of firms, the units responsible for them, and their steps.

Revision ID: 0044
Revises: 0043
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLES = ("service_case", "case_unit", "case_step")
TOPICS = "policy land permit utility labour finance arrears enforcement access property other"
CHANNELS = "visit phone letter platform meeting counter"
STATES = "received supplement handling replied closed refused withdrawn"
REFUSALS = "subject civil scope elsewhere incomplete groundless repeated taken court"
STEPS = "receive ask supplied accept refuse assign note extend reply judged reopen escalate withdraw"
VERDICTS = "satisfied fair unsatisfied silent"
ENDED = "state IN ('closed', 'refused', 'withdrawn')"
RULES = {
    "ended": f"({ENDED}) = (ended_at IS NOT NULL)",
    "next_due": f"({ENDED}) = (next_due IS NULL)",
    "accepted": "(accepted_on IS NULL) = (due_on IS NULL)",
    "judged": "(state = 'closed') = (verdict IS NOT NULL)",
    "refused": "(state = 'refused') = (refusal IS NOT NULL)",
}


def upgrade() -> None:
    """Build it."""
    _case_up()
    op.create_table(
        "case_unit",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_case_unit_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_case_unit_unit_id")),
        sa.PrimaryKeyConstraint("case_id", "unit_id", name=op.f("pk_case_unit")),
    )
    op.create_index("ix_case_unit_unit_id", "case_unit", ["unit_id"])
    op.create_table(
        "case_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("kind", _enum("kind", STEPS), nullable=False),
        sa.Column("body", sa.Text()),
        sa.Column("due_on", sa.Date()),
        sa.Column("verdict", _enum("verdict", VERDICTS)),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        *_keys("case_step", case_id="service_case", by="user_account"),
    )
    op.create_index("ix_case_step_case_id_id", "case_step", ["case_id", "id"])


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _case_up() -> None:
    op.create_table(
        "service_case",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", _enum("kind", "demand foreign"), nullable=False),
        sa.Column("topic", _enum("topic", TOPICS), nullable=False),
        sa.Column("channel", _enum("channel", CHANNELS), nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("project_id", BIG),
        sa.Column("touch_id", BIG),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("person", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("accept_due", sa.Date(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("state", _enum("state", STATES), nullable=False),
        sa.Column("next_due", sa.Date()),
        sa.Column("accepted_on", sa.Date()),
        sa.Column("accepted_at", MOMENT),
        sa.Column("accept_late", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("replied_at", MOMENT),
        sa.Column("replied_by", BIG),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("refusal", _enum("refusal", REFUSALS)),
        sa.Column("verdict", _enum("verdict", VERDICTS)),
        sa.Column("ended_at", MOMENT),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_service_case_{name}")) for name, rule in RULES.items()),
        *_keys("service_case", **_links()),
    )
    op.create_index("uq_service_case_touch_id", "service_case", ["touch_id"], unique=True)
    op.create_index("ix_service_case_state_next_due_id", "service_case", ["state", "next_due", "id"])
    for name in ("received_on", "ended_at", "enterprise_id", "project_id", "unit_id"):
        op.create_index(op.f(f"ix_service_case_{name}"), "service_case", [name])


def _links() -> dict[str, str]:
    people = dict.fromkeys(("replied_by", "created_by"), "user_account")
    return {"enterprise_id": "enterprise", "project_id": "project", "touch_id": "touch", "unit_id": "org_unit"} | people


def _keys(table: str, **columns: str) -> list[sa.Constraint]:
    found: list[sa.Constraint] = [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in columns.items()
    ]
    return [*found, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
