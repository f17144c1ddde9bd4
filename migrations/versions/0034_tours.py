"""Site tours with judges, budgets and what was spent, lists typed on pages and mutual rating.

Revision ID: 0034
Revises: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = (
    "site_tour", "unit_budget", "tour_judge", "tour_result", "assessed_list", "mutual_rating", "mutual_rated",
    "mutual_rater", "mutual_mark", "spending", "tour_stop", "tour_sheet",
)  # fmt: skip


def upgrade() -> None:
    """Build it."""
    for build in (
        _site_tour_up, _unit_budget_up, _tour_judge_up, _tour_result_up, _assessed_list_up, _mutual_rating_up,
        _mutual_rated_up, _mutual_rater_up, _mutual_mark_up, _spending_up, _tour_stop_up, _tour_sheet_up,
    ):  # fmt: skip
        build()


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _site_tour_up() -> None:
    op.create_table(
        "site_tour",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("criteria", JSON, nullable=False),
        sa.Column("trim", sa.Boolean(), nullable=False),
        sa.Column("state", _enum("state", "draft open closed"), nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT),
        sa.Column("closed_by", BIG),
        sa.Column("closed_at", MOMENT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (closed_by IS NOT NULL)", name=op.f("ck_site_tour_closed")),
        sa.CheckConstraint("(state = 'draft') = (opened_at IS NULL)", name=op.f("ck_site_tour_opened")),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_site_tour_closed_at")),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name=op.f("ck_site_tour_quarter")),
        sa.ForeignKeyConstraint(["closed_by"], ["user_account.id"], name=op.f("fk_site_tour_closed_by")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_site_tour_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_tour")),
        sa.UniqueConstraint("name", name=op.f("uq_site_tour_name")),
    )
    op.create_index(op.f("ix_site_tour_held_on_id"), "site_tour", ["held_on", "id"])


def _unit_budget_up() -> None:
    op.create_table(
        "unit_budget",
        sa.Column("id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.String(200)),
        sa.Column("set_by", BIG, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_unit_budget_amount")),
        sa.ForeignKeyConstraint(["set_by"], ["user_account.id"], name=op.f("fk_unit_budget_set_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_unit_budget_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_budget")),
        sa.UniqueConstraint("unit_id", "year", name=op.f("uq_unit_budget_unit_id_year")),
    )
    op.create_index(op.f("ix_unit_budget_year"), "unit_budget", ["year"])


def _tour_judge_up() -> None:
    op.create_table(
        "tour_judge",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tour_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["tour_id"], ["site_tour.id"], name=op.f("fk_tour_judge_tour_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_tour_judge_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tour_judge")),
        sa.UniqueConstraint("tour_id", "user_id", name=op.f("uq_tour_judge_tour_id_user_id")),
    )
    op.create_index(op.f("ix_tour_judge_user_id"), "tour_judge", ["user_id"])


def _tour_result_up() -> None:
    op.create_table(
        "tour_result",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tour_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("stops", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tour_id"], ["site_tour.id"], name=op.f("fk_tour_result_tour_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_tour_result_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tour_result")),
        sa.UniqueConstraint("tour_id", "unit_id", name=op.f("uq_tour_result_tour_id_unit_id")),
    )
    op.create_index(op.f("ix_tour_result_unit_id"), "tour_result", ["unit_id"])


def _assessed_list_up() -> None:
    op.create_table(
        "assessed_list",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("rows", JSON, nullable=False),
        sa.Column("note", sa.String(200)),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_assessed_list_by")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["assessment_run.id"], name=op.f("fk_assessed_list_run_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_assessed_list_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessed_list")),
    )
    op.create_index(op.f("ix_assessed_list_run_id_unit_id_name"), "assessed_list", ["run_id", "unit_id", "name"])


def _mutual_rating_up() -> None:
    op.create_table(
        "mutual_rating",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("opened_by", BIG, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_by", BIG),
        sa.Column("closed_at", MOMENT),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_mutual_rating_closed")),
        sa.ForeignKeyConstraint(["closed_by"], ["user_account.id"], name=op.f("fk_mutual_rating_closed_by")),
        sa.ForeignKeyConstraint(["opened_by"], ["user_account.id"], name=op.f("fk_mutual_rating_opened_by")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["assessment_run.id"], name=op.f("fk_mutual_rating_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutual_rating")),
        sa.UniqueConstraint("run_id", "name", name=op.f("uq_mutual_rating_run_id_name")),
    )


def _mutual_rated_up() -> None:
    op.create_table(
        "mutual_rated",
        sa.Column("rating_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["rating_id"], ["mutual_rating.id"], name=op.f("fk_mutual_rated_rating_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_mutual_rated_unit_id")),
        sa.PrimaryKeyConstraint("rating_id", "unit_id", name=op.f("pk_mutual_rated")),
    )


def _mutual_rater_up() -> None:
    op.create_table(
        "mutual_rater",
        sa.Column("id", BIG, nullable=False),
        sa.Column("rating_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("group_name", sa.String(80), nullable=False),
        sa.Column("handed_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["rating_id"], ["mutual_rating.id"], name=op.f("fk_mutual_rater_rating_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_mutual_rater_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutual_rater")),
        sa.UniqueConstraint("rating_id", "user_id", name=op.f("uq_mutual_rater_rating_id_user_id")),
    )
    op.create_index(op.f("ix_mutual_rater_user_id"), "mutual_rater", ["user_id"])


def _mutual_mark_up() -> None:
    op.create_table(
        "mutual_mark",
        sa.Column("rater_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("mark >= 0", name=op.f("ck_mutual_mark_mark")),
        sa.ForeignKeyConstraint(
            ["rater_id"], ["mutual_rater.id"], name=op.f("fk_mutual_mark_rater_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_mutual_mark_unit_id")),
        sa.PrimaryKeyConstraint("rater_id", "unit_id", name=op.f("pk_mutual_mark")),
    )


def _spending_up() -> None:
    op.create_table(
        "spending",
        sa.Column("id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("kind", _enum("kind", "travel reception event publicity agency post other"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("receipt", sa.String(80)),
        sa.Column("trip_id", BIG),
        sa.Column("event_id", BIG),
        sa.Column("touch_id", BIG),
        sa.Column("project_id", BIG),
        sa.Column("entered_by", BIG, nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("voided_by", BIG),
        sa.Column("voided_at", MOMENT),
        sa.Column("void_reason", sa.String(200)),
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name=op.f("ck_spending_voided")),
        sa.CheckConstraint("(voided_at IS NULL) = (voided_by IS NULL)", name=op.f("ck_spending_voided_by")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_spending_amount")),
        sa.CheckConstraint("trip_id IS NULL OR event_id IS NULL", name=op.f("ck_spending_one_cause")),
        sa.ForeignKeyConstraint(["entered_by"], ["user_account.id"], name=op.f("fk_spending_entered_by")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_spending_event_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_spending_project_id")),
        sa.ForeignKeyConstraint(["touch_id"], ["touch.id"], name=op.f("fk_spending_touch_id")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_spending_trip_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_spending_unit_id")),
        sa.ForeignKeyConstraint(["voided_by"], ["user_account.id"], name=op.f("fk_spending_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending")),
    )
    op.create_index(op.f("ix_spending_event_id"), "spending", ["event_id"])
    op.create_index(op.f("ix_spending_project_id"), "spending", ["project_id"])
    op.create_index(op.f("ix_spending_spent_on_id"), "spending", ["spent_on", "id"])
    op.create_index(op.f("ix_spending_touch_id"), "spending", ["touch_id"])
    op.create_index(op.f("ix_spending_trip_id"), "spending", ["trip_id"])
    op.create_index(op.f("ix_spending_unit_id_spent_on"), "spending", ["unit_id", "spent_on"])


def _tour_stop_up() -> None:
    op.create_table(
        "tour_stop",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tour_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("project_id", BIG),
        sa.Column("title", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_tour_stop_project_id")),
        sa.ForeignKeyConstraint(["tour_id"], ["site_tour.id"], name=op.f("fk_tour_stop_tour_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_tour_stop_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tour_stop")),
        sa.UniqueConstraint("tour_id", "unit_id", "title", name=op.f("uq_tour_stop_tour_id_unit_id_title")),
    )
    op.create_index(op.f("ix_tour_stop_project_id"), "tour_stop", ["project_id"])
    op.create_index(op.f("ix_tour_stop_unit_id"), "tour_stop", ["unit_id"])


def _tour_sheet_up() -> None:
    op.create_table(
        "tour_sheet",
        sa.Column("id", BIG, nullable=False),
        sa.Column("stop_id", BIG, nullable=False),
        sa.Column("judge_id", BIG, nullable=False),
        sa.Column("marks", JSON, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("remark", sa.Text()),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("points >= 0 AND points <= 100000000", name=op.f("ck_tour_sheet_points")),
        sa.ForeignKeyConstraint(
            ["judge_id"], ["tour_judge.id"], name=op.f("fk_tour_sheet_judge_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["stop_id"], ["tour_stop.id"], name=op.f("fk_tour_sheet_stop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tour_sheet")),
        sa.UniqueConstraint("stop_id", "judge_id", name=op.f("uq_tour_sheet_stop_id_judge_id")),
    )
    op.create_index(op.f("ix_tour_sheet_judge_id"), "tour_sheet", ["judge_id"])


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
