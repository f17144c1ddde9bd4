"""Vouchers of capital and the decisions on them.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLES = ("capital_voucher", "capital_decision")


def upgrade() -> None:
    """Build it."""
    _capital_voucher_up()
    _capital_decision_up()


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _capital_voucher_up() -> None:
    op.create_table(
        "capital_voucher",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column(
            "kind",
            _enum("kind", "verification bank_slip transfer invoice equipment valuation reinvestment"),
            nullable=False,
        ),
        sa.Column("form", _enum("form", "cash kind intangible profit"), nullable=False),
        sa.Column("area", _enum("area", "abroad other_province other_city other_county local"), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("payer", sa.String(200), nullable=False),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(40), server_default="CNY", nullable=False),
        sa.Column("original_amount", sa.BigInteger()),
        sa.Column("rate", sa.BigInteger()),
        sa.Column("rate_on", sa.Date()),
        sa.Column("rate_source", sa.String(200)),
        sa.Column("note", sa.Text()),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("state", _enum("state", "waiting recognised refused withdrawn"), nullable=False),
        sa.Column("recognized_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reported_by", BIG, nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.CheckConstraint("(currency = 'CNY') = (rate IS NULL)", name=op.f("ck_capital_voucher_rate")),
        sa.CheckConstraint(
            "(state = 'recognised') = (recognized_amount > 0)", name=op.f("ck_capital_voucher_recognised_state")
        ),
        sa.CheckConstraint(
            "(rate IS NULL) = (original_amount IS NULL) AND (rate IS NULL) = (rate_on IS NULL) "
            "AND (rate IS NULL) = (rate_source IS NULL)",
            name=op.f("ck_capital_voucher_rate_used"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_capital_voucher_amount")),
        sa.CheckConstraint(
            "recognized_amount >= 0 AND recognized_amount <= amount", name=op.f("ck_capital_voucher_recognized")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_capital_voucher_project_id")),
        sa.ForeignKeyConstraint(["reported_by"], ["user_account.id"], name=op.f("fk_capital_voucher_reported_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_capital_voucher_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capital_voucher")),
    )
    op.create_index("ix_capital_voucher_project_id_arrived_on", "capital_voucher", ["project_id", "arrived_on"])
    op.create_index("ix_capital_voucher_state_id", "capital_voucher", ["state", "id"])
    op.create_index(op.f("ix_capital_voucher_unit_id"), "capital_voucher", ["unit_id"])
    op.create_index(
        "uq_capital_voucher_sha256",
        "capital_voucher",
        ["sha256"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'recognised')"),
        postgresql_where=sa.text("state IN ('waiting', 'recognised')"),
    )


def _capital_decision_up() -> None:
    op.create_table(
        "capital_decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("voucher_id", BIG, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("reported_by", BIG, nullable=False),
        sa.Column("decided_by", BIG, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_capital_decision_amount")),
        sa.CheckConstraint("decided_by <> reported_by", name=op.f("ck_capital_decision_separation")),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f("fk_capital_decision_decided_by")),
        sa.ForeignKeyConstraint(["reported_by"], ["user_account.id"], name=op.f("fk_capital_decision_reported_by")),
        sa.ForeignKeyConstraint(["voucher_id"], ["capital_voucher.id"], name=op.f("fk_capital_decision_voucher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capital_decision")),
    )
    op.create_index("ix_capital_decision_decided_at", "capital_decision", ["decided_at"])
    op.create_index("ix_capital_decision_voucher_id", "capital_decision", ["voucher_id"])


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
