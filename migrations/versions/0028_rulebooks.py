"""Books of rules, assessments and supervision slips.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ("rule_book", "assessment_run", "assessed_unit", "assessed_value", "assessment_adjustment", "supervision_slip")


def upgrade() -> None:
    """Build it."""
    _rule_book_up()
    _assessment_run_up()
    _assessed_unit_up()
    _assessed_value_up()
    _assessment_adjustment_up()
    _supervision_slip_up()


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _rule_book_up() -> None:
    op.create_table(
        "rule_book",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("feeds", JSON, nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("published_by", BIG),
        sa.Column("published_at", MOMENT),
        sa.CheckConstraint("(published_at IS NULL) = (published_by IS NULL)", name=op.f("ck_rule_book_published")),
        sa.CheckConstraint("number > 0", name=op.f("ck_rule_book_number")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_rule_book_created_by")),
        sa.ForeignKeyConstraint(["published_by"], ["user_account.id"], name=op.f("fk_rule_book_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_book")),
        sa.UniqueConstraint("name", "number", name=op.f("uq_rule_book_name_number")),
    )


def _assessment_run_up() -> None:
    op.create_table(
        "assessment_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("book_id", BIG, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("cutoff_at", MOMENT),
        sa.Column("state", _enum("state", "open confirmed"), nullable=False),
        sa.Column("computed_at", MOMENT),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("confirmed_by", BIG),
        sa.Column("confirmed_at", MOMENT),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_by IS NOT NULL)", name=op.f("ck_assessment_run_confirmed")
        ),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by IS NULL)", name=op.f("ck_assessment_run_confirmed_at")
        ),
        sa.CheckConstraint("end_on >= start_on", name=op.f("ck_assessment_run_dates")),
        sa.ForeignKeyConstraint(["book_id"], ["rule_book.id"], name=op.f("fk_assessment_run_book_id")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["user_account.id"], name=op.f("fk_assessment_run_confirmed_by")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_assessment_run_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_run")),
    )
    op.create_index(op.f("ix_assessment_run_book_id"), "assessment_run", ["book_id"])
    op.create_index(op.f("ix_assessment_run_end_on"), "assessment_run", ["end_on"])


def _assessed_unit_up() -> None:
    op.create_table(
        "assessed_unit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("group_name", sa.String(80), nullable=False),
        sa.Column("total", sa.BigInteger()),
        sa.Column("rank", sa.Integer()),
        sa.Column("rank_of", sa.Integer()),
        sa.Column("grade", sa.String(40), nullable=False),
        sa.Column("honour", sa.Boolean(), nullable=False),
        sa.Column("bottom", sa.Boolean(), nullable=False),
        sa.Column("bottom_runs", sa.Integer(), nullable=False),
        sa.Column("detail", JSON),
        sa.ForeignKeyConstraint(
            ["run_id"], ["assessment_run.id"], name=op.f("fk_assessed_unit_run_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_assessed_unit_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessed_unit")),
        sa.UniqueConstraint("run_id", "unit_id", name=op.f("uq_assessed_unit_run_id_unit_id")),
    )
    op.create_index(op.f("ix_assessed_unit_run_id_rank"), "assessed_unit", ["run_id", "rank"])
    op.create_index(op.f("ix_assessed_unit_unit_id"), "assessed_unit", ["unit_id"])


def _assessed_value_up() -> None:
    op.create_table(
        "assessed_value",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("text", sa.String(80), nullable=False),
        sa.Column("note", sa.String(200)),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_assessed_value_by")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["assessment_run.id"], name=op.f("fk_assessed_value_run_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_assessed_value_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessed_value")),
    )
    op.create_index(op.f("ix_assessed_value_run_id_unit_id_name"), "assessed_value", ["run_id", "unit_id", "name"])


def _assessment_adjustment_up() -> None:
    op.create_table(
        "assessment_adjustment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("signed_by", BIG, nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False),
        sa.CheckConstraint("points <> 0", name=op.f("ck_assessment_adjustment_points")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["assessment_run.id"], name=op.f("fk_assessment_adjustment_run_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["signed_by"], ["user_account.id"], name=op.f("fk_assessment_adjustment_signed_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_assessment_adjustment_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_adjustment")),
    )
    op.create_index(op.f("ix_assessment_adjustment_run_id_unit_id"), "assessment_adjustment", ["run_id", "unit_id"])


def _supervision_slip_up() -> None:
    op.create_table(
        "supervision_slip",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("demand", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", _enum("state", "issued replied closed"), nullable=False),
        sa.Column("reply", sa.Text()),
        sa.Column("replied_by", BIG),
        sa.Column("replied_at", MOMENT),
        sa.Column("issued_by", BIG, nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("closed_by", BIG),
        sa.Column("closed_at", MOMENT),
        sa.Column("verdict", sa.Text()),
        sa.CheckConstraint("(state = 'closed') = (closed_by IS NOT NULL)", name=op.f("ck_supervision_slip_closed")),
        sa.CheckConstraint("(state = 'issued') = (reply IS NULL)", name=op.f("ck_supervision_slip_reply")),
        sa.ForeignKeyConstraint(["closed_by"], ["user_account.id"], name=op.f("fk_supervision_slip_closed_by")),
        sa.ForeignKeyConstraint(["issued_by"], ["user_account.id"], name=op.f("fk_supervision_slip_issued_by")),
        sa.ForeignKeyConstraint(["replied_by"], ["user_account.id"], name=op.f("fk_supervision_slip_replied_by")),
        sa.ForeignKeyConstraint(["run_id"], ["assessment_run.id"], name=op.f("fk_supervision_slip_run_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_supervision_slip_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_slip")),
        sa.UniqueConstraint("run_id", "unit_id", name=op.f("uq_supervision_slip_run_id_unit_id")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_supervision_slip_year_number")),
    )
    op.create_index(op.f("ix_supervision_slip_state_due_on"), "supervision_slip", ["state", "due_on"])
    op.create_index(op.f("ix_supervision_slip_unit_id"), "supervision_slip", ["unit_id"])


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
