"""Industry chains: nodes, links, places of enterprises, what nodes call for.

Revision ID: 0037
Revises: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = (
    "industry_chain",
    "industry_node",
    "industry_link",
    "industry_place",
    "industry_verdict",
)


def upgrade() -> None:
    """Build it."""
    _industry_chain_up()
    _industry_node_up()
    _industry_link_up()
    _industry_place_up()
    _industry_verdict_up()


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _industry_chain_up() -> None:
    op.create_table(
        "industry_chain",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("industry", sa.String(200)),
        sa.Column("summary", sa.Text()),
        sa.Column("leader", sa.String(200)),
        sa.Column("unit_id", BIG),
        sa.Column("team", sa.Text()),
        sa.Column("guide", sa.Text()),
        sa.Column("created_by", BIG),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("archived_at", MOMENT),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_industry_chain_created_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_industry_chain_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_industry_chain")),
    )
    op.create_index(op.f("ix_industry_chain_unit_id"), "industry_chain", ["unit_id"])
    op.create_index(
        "uq_industry_chain_name",
        "industry_chain",
        ["name"],
        unique=True,
        sqlite_where=sa.text("archived_at IS NULL"),
        postgresql_where=sa.text("archived_at IS NULL"),
    )


def _industry_node_up() -> None:
    op.create_table(
        "industry_node",
        sa.Column("id", BIG, nullable=False),
        sa.Column("chain_id", BIG, nullable=False),
        sa.Column("tier", _enum("tier", "upstream midstream downstream"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("words", JSON, nullable=False),
        sa.Column("codes", JSON, nullable=False),
        sa.Column("is_key", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("goal", sa.BigInteger()),
        sa.Column("note", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("archived_at", MOMENT),
        sa.CheckConstraint("goal IS NULL OR goal > 0", name=op.f("ck_industry_node_goal")),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["industry_chain.id"], name=op.f("fk_industry_node_chain_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_industry_node")),
    )
    op.create_index(
        "uq_industry_node_name",
        "industry_node",
        ["chain_id", "name"],
        unique=True,
        sqlite_where=sa.text("archived_at IS NULL"),
        postgresql_where=sa.text("archived_at IS NULL"),
    )


def _industry_link_up() -> None:
    op.create_table(
        "industry_link",
        sa.Column("id", BIG, nullable=False),
        sa.Column("from_id", BIG, nullable=False),
        sa.Column("to_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_industry_link_itself")),
        sa.ForeignKeyConstraint(
            ["from_id"], ["industry_node.id"], name=op.f("fk_industry_link_from_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["industry_node.id"], name=op.f("fk_industry_link_to_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_industry_link")),
        sa.UniqueConstraint("from_id", "to_id", name=op.f("uq_industry_link_from_id_to_id")),
    )
    op.create_index(op.f("ix_industry_link_to_id"), "industry_link", ["to_id"])


def _industry_place_up() -> None:
    op.create_table(
        "industry_place",
        sa.Column("id", BIG, nullable=False),
        sa.Column("node_id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("side", _enum("side", "local target"), nullable=False),
        sa.Column("state", _enum("state", "confirmed refused"), nullable=False),
        sa.Column("leading", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("scale", sa.BigInteger()),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("note", sa.String(200)),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", BIG),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", BIG),
        sa.Column("run_id", BIG),
        sa.CheckConstraint("scale IS NULL OR scale > 0", name=op.f("ck_industry_place_scale")),
        sa.CheckConstraint("until IS NULL OR until > since", name=op.f("ck_industry_place_validity")),
        sa.ForeignKeyConstraint(["ended_by"], ["user_account.id"], name=op.f("fk_industry_place_ended_by")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_industry_place_enterprise_id")),
        sa.ForeignKeyConstraint(
            ["node_id"], ["industry_node.id"], name=op.f("fk_industry_place_node_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_industry_place_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_industry_place")),
    )
    op.create_index(op.f("ix_industry_place_enterprise_id"), "industry_place", ["enterprise_id"])
    op.create_index(op.f("ix_industry_place_run_id"), "industry_place", ["run_id"])
    op.create_index(
        "uq_industry_place_open",
        "industry_place",
        ["node_id", "enterprise_id", "side"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _industry_verdict_up() -> None:
    op.create_table(
        "industry_verdict",
        sa.Column("id", BIG, nullable=False),
        sa.Column("node_id", BIG, nullable=False),
        sa.Column("call", _enum("call", "fill strengthen extend sound later"), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("by_hand", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", BIG),
        sa.Column("ended_at", MOMENT),
        sa.CheckConstraint("NOT by_hand OR reason IS NOT NULL", name=op.f("ck_industry_verdict_hand_reason")),
        sa.CheckConstraint("points BETWEEN 0 AND 100", name=op.f("ck_industry_verdict_points")),
        sa.ForeignKeyConstraint(
            ["node_id"], ["industry_node.id"], name=op.f("fk_industry_verdict_node_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_industry_verdict_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_industry_verdict")),
    )
    op.create_index("ix_industry_verdict_node_id_recorded_at", "industry_verdict", ["node_id", "recorded_at"])
    op.create_index(
        "uq_industry_verdict_open",
        "industry_verdict",
        ["node_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
