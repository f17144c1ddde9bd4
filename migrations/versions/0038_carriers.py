"""Carriers, holds, cases of idle land, what a project needs of a place.

Revision ID: 0038
Revises: 0037
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = (
    "carrier",
    "carrier_hold",
    "site_need",
    "idle_case",
    "idle_step",
)


def upgrade() -> None:
    """Build it."""
    _carrier_up()
    _carrier_hold_up()
    _site_need_up()
    _idle_case_up()
    _idle_step_up()


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _carrier_up() -> None:
    op.create_table(
        "carrier",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", _enum("kind", "park plot factory floor"), nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("folded_name", sa.String(200), nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("parent_id", BIG),
        sa.Column("address", sa.String(200)),
        sa.Column("use", _enum("use", "industry logistics research commerce mixed"), nullable=False),
        sa.Column("area", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger()),
        sa.Column("basis", _enum("basis", "sale_mu sale_sqm rent_sqm")),
        sa.Column("industries", JSON, nullable=False),
        sa.Column("barred", JSON, nullable=False),
        sa.Column("height_limit", sa.BigInteger()),
        sa.Column("ceiling", sa.BigInteger()),
        sa.Column("load", sa.BigInteger()),
        sa.Column("power", sa.BigInteger()),
        sa.Column("energy", sa.BigInteger()),
        sa.Column("min_intensity", sa.BigInteger()),
        sa.Column("min_tax", sa.BigInteger()),
        sa.Column("longitude", sa.BigInteger()),
        sa.Column("latitude", sa.BigInteger()),
        sa.Column("listed_from", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date()),
        sa.Column("withdrawn_reason", sa.Text()),
        sa.Column("facilities", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("parent_id IS NULL OR kind <> 'park'", name=op.f("ck_carrier_parent")),
        sa.CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", name=op.f("ck_carrier_place")),
        sa.CheckConstraint("(price IS NULL) = (basis IS NULL)", name=op.f("ck_carrier_price")),
        sa.CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_reason IS NULL)", name=op.f("ck_carrier_withdrawn")),
        sa.CheckConstraint("area > 0", name=op.f("ck_carrier_area")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_carrier_created_by")),
        sa.ForeignKeyConstraint(["parent_id"], ["carrier.id"], name=op.f("fk_carrier_parent_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_carrier_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier")),
        sa.UniqueConstraint("code", name=op.f("uq_carrier_code")),
    )
    op.create_index(
        "ix_carrier_kind_id",
        "carrier",
        ["kind", "id"],
        unique=False,
        sqlite_where=sa.text("withdrawn_on IS NULL"),
        postgresql_where=sa.text("withdrawn_on IS NULL"),
    )
    op.create_index(op.f("ix_carrier_parent_id"), "carrier", ["parent_id"])
    op.create_index(op.f("ix_carrier_unit_id"), "carrier", ["unit_id"])


def _carrier_hold_up() -> None:
    op.create_table(
        "carrier_hold",
        sa.Column("id", BIG, nullable=False),
        sa.Column("carrier_id", BIG, nullable=False),
        sa.Column("kind", _enum("kind", "reserved allotted leased"), nullable=False),
        sa.Column("area", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("project_id", BIG),
        sa.Column("enterprise_id", BIG),
        sa.Column("holder", sa.String(200)),
        sa.Column("document_no", sa.String(80)),
        sa.Column("start_due", sa.Date()),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_by", BIG),
        sa.Column("ended_at", MOMENT),
        sa.Column("end_reason", sa.Text()),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_carrier_hold_ended")),
        sa.CheckConstraint("area > 0", name=op.f("ck_carrier_hold_area")),
        sa.CheckConstraint(
            "ended_at IS NULL OR (until_on IS NOT NULL AND end_reason IS NOT NULL)",
            name=op.f("ck_carrier_hold_end_reason"),
        ),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_carrier_hold_days")),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_carrier_hold_carrier_id")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_carrier_hold_created_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["user_account.id"], name=op.f("fk_carrier_hold_ended_by")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_carrier_hold_enterprise_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_carrier_hold_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_hold")),
    )
    op.create_index("ix_carrier_hold_carrier_id_from_on", "carrier_hold", ["carrier_id", "from_on"])
    op.create_index(op.f("ix_carrier_hold_enterprise_id"), "carrier_hold", ["enterprise_id"])
    op.create_index(op.f("ix_carrier_hold_project_id"), "carrier_hold", ["project_id"])


def _site_need_up() -> None:
    op.create_table(
        "site_need",
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("floor", sa.BigInteger()),
        sa.Column("ceiling", sa.BigInteger()),
        sa.Column("load", sa.BigInteger()),
        sa.Column("power", sa.BigInteger()),
        sa.Column("energy", sa.BigInteger()),
        sa.Column("building", sa.BigInteger()),
        sa.Column("price", sa.BigInteger()),
        sa.Column("tax", sa.BigInteger()),
        sa.Column("updated_by", BIG, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_site_need_project_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["user_account.id"], name=op.f("fk_site_need_updated_by")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_site_need")),
    )


def _idle_case_up() -> None:
    op.create_table(
        "idle_case",
        sa.Column("id", BIG, nullable=False),
        sa.Column("hold_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("kind", _enum("kind", "circled occupied"), nullable=False),
        sa.Column("last", _enum("last", "found remind deadline extend fee reclaim resolve"), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("closed_on", sa.Date()),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_idle_case_created_by")),
        sa.ForeignKeyConstraint(["hold_id"], ["carrier_hold.id"], name=op.f("fk_idle_case_hold_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_idle_case_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idle_case")),
    )
    op.create_index("ix_idle_case_closed_on_id", "idle_case", ["closed_on", "id"])
    op.create_index(op.f("ix_idle_case_unit_id"), "idle_case", ["unit_id"])
    op.create_index(
        "uq_idle_case_open",
        "idle_case",
        ["hold_id"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )


def _idle_step_up() -> None:
    op.create_table(
        "idle_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("kind", _enum("kind", "found remind deadline extend fee reclaim resolve"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("document_no", sa.String(80)),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint('due_on IS NULL OR due_on > "on"', name=op.f("ck_idle_step_due")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_idle_step_by")),
        sa.ForeignKeyConstraint(["case_id"], ["idle_case.id"], name=op.f("fk_idle_step_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idle_step")),
    )
    op.create_index("ix_idle_step_case_id", "idle_step", ["case_id"])
    op.create_index(
        "uq_idle_step_document_no",
        "idle_step",
        ["document_no"],
        unique=True,
        sqlite_where=sa.text("document_no IS NOT NULL"),
        postgresql_where=sa.text("document_no IS NOT NULL"),
    )


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
