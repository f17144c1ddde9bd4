"""Visits planned per official and firm, financing needs, plans for one firm, satisfaction surveys.

Revision ID: 0047
Revises: 0046
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = (
    "firm_round", "financing_need", "financing_step", "firm_plan", "firm_plan_item", "survey", "survey_answer",
)  # fmt: skip


def upgrade() -> None:
    """Build it."""
    _table(
        "firm_round",
        sa.Column("year", sa.Integer(), nullable=False),
        *_links("firm_round", enterprise_id="enterprise", user_id="user_account", unit_id="org_unit"),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(200)),
        sa.Column("ended_on", sa.Date()),
        *_made("firm_round"),
        _rule("firm_round", "planned", "planned BETWEEN 1 AND 52"),
    )
    op.create_index(
        "uq_firm_round_year_enterprise_id_user_id", "firm_round", ["year", "enterprise_id", "user_id"], unique=True
    )
    op.create_index("ix_firm_round_unit_id_year", "firm_round", ["unit_id", "year"])
    op.create_index(op.f("ix_firm_round_enterprise_id"), "firm_round", ["enterprise_id"])
    op.create_index(op.f("ix_firm_round_user_id"), "firm_round", ["user_id"])
    _financing_up()
    _plans_up()
    _surveys_up()


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _financing_up() -> None:
    _table(
        "financing_need",
        *_links("financing_need", enterprise_id="enterprise", unit_id="org_unit"),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("term", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("pledge", sa.String(200)),
        sa.Column("state", _enum("state", "open matched granted failed dropped"), nullable=False),
        sa.Column("bank", sa.String(200)),
        sa.Column("granted", sa.BigInteger()),
        *_made("financing_need"),
        sa.Column("version", sa.Integer(), nullable=False),
        _rule("financing_need", "amount", "amount > 0"),
        _rule("financing_need", "term", "term > 0"),
        _rule("financing_need", "granted", "(state = 'granted') = (granted IS NOT NULL)"),
        _rule("financing_need", "granted_amount", "granted IS NULL OR (granted > 0 AND granted <= amount)"),
    )
    op.create_index("ix_financing_need_state_id", "financing_need", ["state", "id"])
    op.create_index(op.f("ix_financing_need_enterprise_id"), "financing_need", ["enterprise_id"])
    op.create_index(op.f("ix_financing_need_unit_id"), "financing_need", ["unit_id"])
    _table(
        "financing_step",
        *_links("financing_step", need_id="financing_need"),
        sa.Column("kind", _enum("kind", "match grant fail drop"), nullable=False),
        sa.Column("bank", sa.String(200)),
        sa.Column("granted", sa.BigInteger()),
        sa.Column("body", sa.Text()),
        *_links("financing_step", by="user_account"),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_financing_step_need_id_id", "financing_step", ["need_id", "id"])


def _plans_up() -> None:
    _table(
        "firm_plan",
        *_links("firm_plan", enterprise_id="enterprise", unit_id="org_unit"),
        sa.Column("goal", sa.Text(), nullable=False),
        *_made("firm_plan"),
    )
    op.create_index("uq_firm_plan_enterprise_id", "firm_plan", ["enterprise_id"], unique=True)
    op.create_index(op.f("ix_firm_plan_unit_id"), "firm_plan", ["unit_id"])
    _table(
        "firm_plan_item",
        *_links("firm_plan_item", plan_id="firm_plan"),
        sa.Column("title", sa.String(200), nullable=False),
        *_links("firm_plan_item", owner_id="user_account"),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date()),
        sa.Column("result", sa.String(200)),
        *_made("firm_plan_item"),
        _rule("firm_plan_item", "done", "(done_on IS NULL) = (result IS NULL)"),
    )
    op.create_index("ix_firm_plan_item_plan_id", "firm_plan_item", ["plan_id"])
    op.create_index("ix_firm_plan_item_owner_id", "firm_plan_item", ["owner_id"])


def _surveys_up() -> None:
    _table(
        "survey",
        sa.Column("title", sa.String(200), nullable=False),
        *_links("survey", unit_id="org_unit"),
        sa.Column("questions", JSON, nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        *_made("survey"),
    )
    op.create_index(op.f("ix_survey_unit_id"), "survey", ["unit_id"])
    _table(
        "survey_answer",
        *_links("survey_answer", survey_id="survey", enterprise_id="enterprise"),
        sa.Column("scores", JSON, nullable=False),
        sa.Column("remark", sa.Text()),
        sa.Column("typed_by", BIG),
        sa.ForeignKeyConstraint(["typed_by"], ["user_account.id"], name=op.f("fk_survey_answer_typed_by")),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index(
        "uq_survey_answer_survey_id_enterprise_id", "survey_answer", ["survey_id", "enterprise_id"], unique=True
    )
    op.create_index("ix_survey_answer_enterprise_id", "survey_answer", ["enterprise_id"])


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    key = sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}"))
    op.create_table(name, sa.Column("id", BIG, nullable=False), *parts, key)


def _links(table: str, **columns: str) -> list[sa.schema.SchemaItem]:
    found: list[sa.schema.SchemaItem] = []
    for column, other in columns.items():
        found.append(sa.Column(column, BIG, nullable=False))
        found.append(sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}")))
    return found


def _made(table: str) -> list[sa.schema.SchemaItem]:
    return [*_links(table, created_by="user_account"), sa.Column("created_at", MOMENT, nullable=False)]


def _rule(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
