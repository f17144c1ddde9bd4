"""Papers that are frozen and numbered, templates of an office, reminders of missing reports.

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = (
    "office_template",
    "weekly_chase",
    "weekly_silence",
    "paper_issue",
    "paper_rows",
)


def upgrade() -> None:
    """Build it."""
    _office_template_up()
    _weekly_chase_up()
    _weekly_silence_up()
    _paper_issue_up()
    _paper_rows_up()
    with op.batch_alter_table("campaign_bulletin") as batch:
        batch.add_column(sa.Column("document", sa.LargeBinary()))
        batch.add_column(sa.Column("digest", sa.String(64)))
        batch.create_check_constraint(op.f("ck_campaign_bulletin_digest"), "(document IS NULL) = (digest IS NULL)")
        batch.create_check_constraint(op.f("ck_campaign_bulletin_document"), "document IS NULL OR number IS NOT NULL")
    with op.batch_alter_table("weekly_report") as batch:
        batch.add_column(sa.Column("template_id", BIG))
        batch.create_foreign_key(op.f("fk_weekly_report_template_id"), "office_template", ["template_id"], ["id"])


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("weekly_report") as batch:
        batch.drop_constraint(op.f("fk_weekly_report_template_id"), type_="foreignkey")
        batch.drop_column("template_id")
    with op.batch_alter_table("campaign_bulletin") as batch:
        batch.drop_constraint(op.f("ck_campaign_bulletin_document"), type_="check")
        batch.drop_constraint(op.f("ck_campaign_bulletin_digest"), type_="check")
        batch.drop_column("digest")
        batch.drop_column("document")
    for table in reversed(TABLES):
        op.drop_table(table)


def _office_template_up() -> None:
    op.create_table(
        "office_template",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("uploaded_by", BIG, nullable=False),
        sa.Column("uploaded_at", MOMENT, nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_office_template_number")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["user_account.id"], name=op.f("fk_office_template_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_template")),
        sa.UniqueConstraint("kind", "number", name=op.f("uq_office_template_kind_number")),
    )
    op.create_index(
        "uq_office_template_active",
        "office_template",
        ["kind"],
        unique=True,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )


def _weekly_chase_up() -> None:
    op.create_table(
        "weekly_chase",
        sa.Column("id", BIG, nullable=False),
        sa.Column("iso_year", sa.Integer(), nullable=False),
        sa.Column("iso_week", sa.Integer(), nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("hours", sa.Integer()),
        sa.Column("told_by", BIG),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("hours > 0", name=op.f("ck_weekly_chase_hours")),
        sa.CheckConstraint("(hours IS NULL) = (told_by IS NOT NULL)", name=op.f("ck_weekly_chase_told_by")),
        sa.ForeignKeyConstraint(["told_by"], ["user_account.id"], name=op.f("fk_weekly_chase_told_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_weekly_chase_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_chase")),
        sa.UniqueConstraint(
            "iso_year", "iso_week", "unit_id", "hours", name=op.f("uq_weekly_chase_iso_year_iso_week_unit_id_hours")
        ),
    )
    op.create_index(op.f("ix_weekly_chase_unit_id"), "weekly_chase", ["unit_id"])


def _weekly_silence_up() -> None:
    op.create_table(
        "weekly_silence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("iso_year", sa.Integer(), nullable=False),
        sa.Column("iso_week", sa.Integer(), nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("said_by", BIG, nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["said_by"], ["user_account.id"], name=op.f("fk_weekly_silence_said_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_weekly_silence_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_silence")),
        sa.UniqueConstraint(
            "iso_year", "iso_week", "unit_id", name=op.f("uq_weekly_silence_iso_year_iso_week_unit_id")
        ),
    )
    op.create_index(op.f("ix_weekly_silence_unit_id"), "weekly_silence", ["unit_id"])


def _paper_issue_up() -> None:
    op.create_table(
        "paper_issue",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", _enum("state", "draft frozen issued withdrawn"), nullable=False),
        sa.Column("issue_no", sa.Integer()),
        sa.Column("total_no", sa.Integer()),
        sa.Column("issuer", sa.String(80), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("template_id", BIG),
        sa.Column("document", sa.LargeBinary()),
        sa.Column("digest", sa.String(64)),
        sa.Column("built_by", BIG, nullable=False),
        sa.Column("built_at", MOMENT, nullable=False),
        sa.Column("frozen_by", BIG),
        sa.Column("frozen_at", MOMENT),
        sa.Column("issued_by", BIG),
        sa.Column("issued_at", MOMENT),
        sa.Column("withdrawn_by", BIG),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("reason", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'draft') = (document IS NULL)", name=op.f("ck_paper_issue_document")),
        sa.CheckConstraint("(document IS NULL) = (digest IS NULL)", name=op.f("ck_paper_issue_digest")),
        sa.CheckConstraint("(state = 'draft') = (frozen_at IS NULL)", name=op.f("ck_paper_issue_frozen")),
        sa.CheckConstraint("(state = 'draft') = (issue_no IS NULL)", name=op.f("ck_paper_issue_issue_no")),
        sa.CheckConstraint("(state = 'draft') = (total_no IS NULL)", name=op.f("ck_paper_issue_total_no")),
        sa.CheckConstraint("(state = 'withdrawn') = (reason IS NOT NULL)", name=op.f("ck_paper_issue_reason")),
        sa.CheckConstraint("state <> 'issued' OR issued_at IS NOT NULL", name=op.f("ck_paper_issue_issued")),
        sa.ForeignKeyConstraint(["built_by"], ["user_account.id"], name=op.f("fk_paper_issue_built_by")),
        sa.ForeignKeyConstraint(["frozen_by"], ["user_account.id"], name=op.f("fk_paper_issue_frozen_by")),
        sa.ForeignKeyConstraint(["issued_by"], ["user_account.id"], name=op.f("fk_paper_issue_issued_by")),
        sa.ForeignKeyConstraint(["template_id"], ["office_template.id"], name=op.f("fk_paper_issue_template_id")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["user_account.id"], name=op.f("fk_paper_issue_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_issue")),
        sa.UniqueConstraint("kind", "total_no", name=op.f("uq_paper_issue_kind_total_no")),
        sa.UniqueConstraint("kind", "year", "issue_no", name=op.f("uq_paper_issue_kind_year_issue_no")),
    )
    op.create_index(
        "uq_paper_issue_live",
        "paper_issue",
        ["kind", "start_on"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )


def _paper_rows_up() -> None:
    op.create_table(
        "paper_rows",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        sa.Column("rows", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["paper_issue.id"], name=op.f("fk_paper_rows_issue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_rows")),
        sa.UniqueConstraint("issue_id", "key", "piece", name=op.f("uq_paper_rows_issue_id_key_piece")),
    )


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
