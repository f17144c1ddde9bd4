"""Posts of resident teams: roster, check-ins, absences; inspections on site; what units were called before.

Nobody is at two posts full time on one day: PostgreSQL keeps that with an exclusion constraint, SQLite with triggers.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
RANKS = "staff deputy_section section deputy_county county"
FULL_TIME = "ex_posting_full_time"
TABLES = (
    "stationed_post",
    "posting",
    "check_in",
    "absence",
    "site_inspection",
    "site_inspector",
    "site_finding",
    "site_recheck",
    "org_unit_version",
)


def upgrade() -> None:
    """Build it."""
    _posts_up()
    _guard_up()
    _presence_up()
    _inspections_up()
    _findings_up()
    _units_up()


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}", ondelete=ondelete)


def _posts_up() -> None:
    op.create_table(
        "stationed_post",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("region", sa.String(80), nullable=False),
        sa.Column("address", sa.String(200)),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("managing_unit_id", BIG),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date()),
        sa.Column("close_reason", sa.String(200)),
        sa.Column("target_people", sa.Integer(), nullable=False),
        sa.Column("target_rank", _enum("target_rank", RANKS), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="dates"),
        sa.CheckConstraint("(closed_on IS NULL) = (close_reason IS NULL)", name="closed"),
        sa.CheckConstraint("target_people > 0", name="target_people"),
        _key("stationed_post", "unit_id", "org_unit"),
        _key("stationed_post", "managing_unit_id", "org_unit"),
        _key("stationed_post", "created_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_stationed_post"),
        sa.UniqueConstraint("name", name="uq_stationed_post_name"),
    )
    op.create_index("ix_stationed_post_region", "stationed_post", ["region"])
    op.create_index("ix_stationed_post_unit_id", "stationed_post", ["unit_id"])
    op.create_table(
        "posting",
        sa.Column("id", BIG, nullable=False),
        sa.Column("post_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("role", _enum("role", "head member rotating"), nullable=False),
        sa.Column("rank", _enum("rank", RANKS), nullable=False),
        sa.Column("full_time", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("end_reason", sa.String(200)),
        sa.Column("set_by", BIG, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
        sa.CheckConstraint("role <> 'rotating' OR NOT full_time", name="rotating"),
        _key("posting", "post_id", "stationed_post"),
        _key("posting", "user_id", "user_account"),
        _key("posting", "set_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_posting"),
    )
    op.create_index("ix_posting_post_id_valid_from", "posting", ["post_id", "valid_from"])
    op.create_index("ix_posting_user_id_valid_from", "posting", ["user_id", "valid_from"])


def _guard_up() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"ALTER TABLE posting ADD CONSTRAINT {FULL_TIME} EXCLUDE USING gist "
            "(int8range(user_id, user_id, '[]') WITH &&, daterange(valid_from, valid_to, '[]') WITH &&) "
            "WHERE (full_time)"
        )
        return
    for moment in ("insert", "update"):
        op.execute(
            f"CREATE TRIGGER {FULL_TIME}_{moment} BEFORE {moment.upper()} ON posting WHEN NEW.full_time AND EXISTS ("  # noqa: S608 (constant text)
            "SELECT 1 FROM posting WHERE user_id = NEW.user_id AND full_time AND id IS NOT NEW.id "
            "AND (NEW.valid_to IS NULL OR valid_from <= NEW.valid_to) "
            "AND (valid_to IS NULL OR NEW.valid_from <= valid_to)"
            f") BEGIN SELECT RAISE(ABORT, '{FULL_TIME}'); END"
        )


def _presence_up() -> None:
    op.create_table(
        "check_in",
        sa.Column("id", BIG, nullable=False),
        sa.Column("posting_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False),
        _key("check_in", "posting_id", "posting"),
        sa.PrimaryKeyConstraint("id", name="pk_check_in"),
    )
    op.create_index("ix_check_in_day", "check_in", ["day"])
    op.create_index("uq_check_in_day", "check_in", ["posting_id", "day"], unique=True)
    op.create_table(
        "absence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("posting_id", BIG, nullable=False),
        sa.Column("reason", _enum("reason", "leave travel recalled"), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(200)),
        sa.Column("recorded_by", BIG, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.CheckConstraint("to_day >= from_day", name="dates"),
        _key("absence", "posting_id", "posting"),
        _key("absence", "recorded_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_absence"),
    )
    op.create_index("ix_absence_posting_id", "absence", ["posting_id"])


def _inspections_up() -> None:
    op.create_table(
        "site_inspection",
        sa.Column("id", BIG, nullable=False),
        sa.Column("client_id", sa.String(80), nullable=False),
        sa.Column("enterprise_id", BIG),
        sa.Column("project_id", BIG),
        sa.Column("place", sa.String(200)),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("inspected_at", MOMENT, nullable=False),
        sa.Column("outside_people", sa.String(200)),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("voided_at", MOMENT),
        sa.Column("void_reason", sa.String(200)),
        sa.CheckConstraint("enterprise_id IS NOT NULL OR place IS NOT NULL", name="target"),
        sa.CheckConstraint("project_id IS NULL OR enterprise_id IS NOT NULL", name="project"),
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="voided"),
        _key("site_inspection", "enterprise_id", "enterprise"),
        _key("site_inspection", "project_id", "project"),
        _key("site_inspection", "unit_id", "org_unit"),
        _key("site_inspection", "created_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_site_inspection"),
        sa.UniqueConstraint("client_id", name="uq_site_inspection_client_id"),
    )
    for column in ("enterprise_id", "project_id", "unit_id"):
        op.create_index(f"ix_site_inspection_{column}", "site_inspection", [column])
    op.create_index("ix_site_inspection_inspected_at_id", "site_inspection", ["inspected_at", "id"])
    op.create_table(
        "site_inspector",
        sa.Column("inspection_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        _key("site_inspector", "inspection_id", "site_inspection", ondelete="CASCADE"),
        _key("site_inspector", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("inspection_id", "user_id", name="pk_site_inspector"),
    )
    op.create_index("ix_site_inspector_user_id", "site_inspector", ["user_id"])


def _findings_up() -> None:
    op.create_table(
        "site_finding",
        sa.Column("id", BIG, nullable=False),
        sa.Column("inspection_id", BIG, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("responsible_id", BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("follow_up_id", BIG, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("closed_by", BIG),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
        _key("site_finding", "inspection_id", "site_inspection"),
        _key("site_finding", "responsible_id", "user_account"),
        _key("site_finding", "follow_up_id", "follow_up"),
        _key("site_finding", "closed_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_site_finding"),
        sa.UniqueConstraint("follow_up_id", name="uq_site_finding_follow_up_id"),
    )
    op.create_index("ix_site_finding_closed_at_due_on", "site_finding", ["closed_at", "due_on"])
    op.create_index("ix_site_finding_inspection_id", "site_finding", ["inspection_id"])
    op.create_index("ix_site_finding_responsible_id", "site_finding", ["responsible_id"])
    op.create_table(
        "site_recheck",
        sa.Column("id", BIG, nullable=False),
        sa.Column("finding_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("new_due_on", sa.Date()),
        sa.CheckConstraint("passed = (new_due_on IS NULL)", name="new_due_on"),
        _key("site_recheck", "finding_id", "site_finding"),
        _key("site_recheck", "by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_site_recheck"),
    )
    op.create_index("ix_site_recheck_finding_id", "site_recheck", ["finding_id"])


def _units_up() -> None:
    op.create_table(
        "org_unit_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("parent_id", BIG),
        sa.Column("managing_unit_id", BIG),
        sa.Column("region", sa.String(80)),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("changed_by", BIG, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name="validity"),
        _key("org_unit_version", "unit_id", "org_unit"),
        _key("org_unit_version", "parent_id", "org_unit"),
        _key("org_unit_version", "managing_unit_id", "org_unit"),
        _key("org_unit_version", "changed_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_org_unit_version"),
    )
    op.create_index("uq_org_unit_version_from", "org_unit_version", ["unit_id", "valid_from"], unique=True)
