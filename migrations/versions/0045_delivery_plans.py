"""Delivery plans of signed projects: nodes, facts, half-monthly checks, internal opinions.

Revision ID: 0045
Revises: 0044
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
NODES = "registration filing land planning environment energy permit start statistics completion production capacity"
FACTS = "opened agent arranged accepted evidence done exempted reopened asked answered deemed"
TABLES = ("delivery_plan", "plan_node", "plan_fact", "plan_check", "plan_opinion")


def upgrade() -> None:
    """Build it."""
    _delivery_plan_up()
    _plan_node_up()
    _plan_fact_up()
    _plan_check_up()
    _plan_opinion_up()


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)


def _delivery_plan_up() -> None:
    op.create_table(
        "delivery_plan",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("agent_id", BIG),
        sa.Column("opened_by", BIG),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["user_account.id"], name=op.f("fk_delivery_plan_agent_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["user_account.id"], name=op.f("fk_delivery_plan_opened_by")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_delivery_plan_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_plan")),
        sa.UniqueConstraint("project_id", name=op.f("uq_delivery_plan_project_id")),
    )
    op.create_index(op.f("ix_delivery_plan_agent_id"), "delivery_plan", ["agent_id"])


def _plan_node_up() -> None:
    op.create_table(
        "plan_node",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column(
            "kind",
            _enum(
                "kind",
                NODES,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("clock_days", sa.Integer()),
        sa.Column("state", _enum("state", "open accepted done exempt"), nullable=False),
        sa.Column("accepted_on", sa.Date()),
        sa.Column("done_on", sa.Date()),
        sa.Column("paused_days", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pause_reason", sa.String(200)),
        sa.Column("number", sa.String(80)),
        sa.Column("reason", sa.Text()),
        sa.Column("carried", sa.Boolean(), server_default="0", nullable=False),
        sa.CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name=op.f("ck_plan_node_done_on")),
        sa.CheckConstraint("state <> 'accepted' OR accepted_on IS NOT NULL", name=op.f("ck_plan_node_accepted_on")),
        sa.CheckConstraint("state <> 'exempt' OR reason IS NOT NULL", name=op.f("ck_plan_node_reason")),
        sa.CheckConstraint("clock_days IS NULL OR clock_days > 0", name=op.f("ck_plan_node_clock_days")),
        sa.CheckConstraint(
            "done_on IS NULL OR accepted_on IS NULL OR done_on >= accepted_on", name=op.f("ck_plan_node_days")
        ),
        sa.CheckConstraint(
            "paused_days >= 0 AND (paused_days = 0 OR pause_reason IS NOT NULL)", name=op.f("ck_plan_node_paused_days")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["delivery_plan.id"], name=op.f("fk_plan_node_plan_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_plan_node_project_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_plan_node_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_node")),
    )
    op.create_index("ix_plan_node_project_id", "plan_node", ["project_id"])
    op.create_index("ix_plan_node_state_due_on", "plan_node", ["state", "due_on"])
    op.create_index("ix_plan_node_unit_id_done_on", "plan_node", ["unit_id", "done_on"])
    op.create_index("uq_plan_node_kind", "plan_node", ["plan_id", "kind"], unique=True)


def _plan_fact_up() -> None:
    op.create_table(
        "plan_fact",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("node_id", BIG),
        sa.Column(
            "kind",
            _enum("kind", FACTS),
            nullable=False,
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("by", BIG),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_plan_fact_by")),
        sa.ForeignKeyConstraint(["node_id"], ["plan_node.id"], name=op.f("fk_plan_fact_node_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["delivery_plan.id"], name=op.f("fk_plan_fact_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_fact")),
    )
    op.create_index("ix_plan_fact_plan_id_id", "plan_fact", ["plan_id", "id"])


def _plan_check_up() -> None:
    op.create_table(
        "plan_check",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("after", BIG, nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text()),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("light", _enum("light", "red yellow green done"), nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("upto", BIG, nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("upto >= 0", name=op.f("ck_plan_check_upto")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_plan_check_by")),
        sa.ForeignKeyConstraint(["plan_id"], ["delivery_plan.id"], name=op.f("fk_plan_check_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_check")),
    )
    op.create_index("ix_plan_check_plan_id_checked_on", "plan_check", ["plan_id", "checked_on"])
    op.create_index("uq_plan_check_after", "plan_check", ["plan_id", "after"], unique=True)


def _plan_opinion_up() -> None:
    op.create_table(
        "plan_opinion",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("matter", sa.String(200), nullable=False),
        sa.Column("noticed_on", sa.Date(), nullable=False),
        sa.Column("notice", sa.String(80), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", _enum("state", "asked answered deemed"), nullable=False),
        sa.Column("answered_on", sa.Date()),
        sa.Column("answer", sa.Text()),
        sa.Column("responsible_id", BIG),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("(state = 'asked') = (answered_on IS NULL)", name=op.f("ck_plan_opinion_answered_on")),
        sa.CheckConstraint(
            "(state = 'deemed') = (responsible_id IS NOT NULL)", name=op.f("ck_plan_opinion_responsible")
        ),
        sa.CheckConstraint("due_on > noticed_on", name=op.f("ck_plan_opinion_due_on")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_plan_opinion_by")),
        sa.ForeignKeyConstraint(["plan_id"], ["delivery_plan.id"], name=op.f("fk_plan_opinion_plan_id")),
        sa.ForeignKeyConstraint(["responsible_id"], ["user_account.id"], name=op.f("fk_plan_opinion_responsible_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_plan_opinion_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_opinion")),
    )
    op.create_index("ix_plan_opinion_plan_id", "plan_opinion", ["plan_id"])
