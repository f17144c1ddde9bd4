"""The project bank: planned projects and their steps, catalogues, proposals, public links and their visits.

Revision ID: 0042
Revises: 0041
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
STATES = "draft reviewed published matched withdrawn"
LIVE = sa.text("state <> 'withdrawn'")
TABLES = (
    "bank_project",
    "bank_project_carrier",
    "bank_step",
    "bank_edition",
    "bank_proposal",
    "bank_proposal_text",
    "bank_link",
    "bank_link_visit",
)


def upgrade() -> None:
    """Build it."""
    _projects_up()
    _editions_up()
    _proposals_up()
    _links_up()


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _projects_up() -> None:
    op.create_table(
        "bank_project",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("folded_name", sa.String(200), nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("node_id", BIG),
        sa.Column("industry", sa.String(200)),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("investment", sa.BigInteger(), nullable=False),
        sa.Column("land_mu", sa.BigInteger()),
        sa.Column("floor_sqm", sa.BigInteger()),
        sa.Column("conditions", sa.Text()),
        sa.Column("benefit", sa.Text()),
        sa.Column("output", sa.BigInteger()),
        sa.Column("tax", sa.BigInteger()),
        sa.Column("contact_post", sa.String(200), nullable=False),
        sa.Column("state", _enum("state"), nullable=False),
        sa.Column("reviewed_on", sa.Date()),
        sa.Column("published_on", sa.Date()),
        sa.Column("matched_enterprise_id", BIG),
        sa.Column("matched_project_id", BIG),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_by", BIG, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("investment > 0", name=op.f("ck_bank_project_investment")),
        sa.CheckConstraint("land_mu IS NULL OR land_mu > 0", name=op.f("ck_bank_project_land")),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR reviewed_on IS NOT NULL", name=op.f("ck_bank_project_reviewed")
        ),
        sa.CheckConstraint(
            "(state = 'matched') = (matched_enterprise_id IS NOT NULL OR matched_project_id IS NOT NULL)",
            name=op.f("ck_bank_project_matched"),
        ),
        *_keys(
            "bank_project",
            unit_id="org_unit",
            node_id="industry_node",
            matched_enterprise_id="enterprise",
            matched_project_id="project",
            created_by="user_account",
            updated_by="user_account",
        ),
    )
    for column in ("unit_id", "node_id", "matched_enterprise_id", "matched_project_id", "reviewed_on"):
        op.create_index(op.f(f"ix_bank_project_{column}"), "bank_project", [column])
    op.create_index("ix_bank_project_state_id", "bank_project", ["state", "id"])
    op.create_index(
        "uq_bank_project_folded_name",
        "bank_project",
        ["folded_name"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_table(
        "bank_project_carrier",
        sa.Column("bank_project_id", BIG, nullable=False),
        sa.Column("carrier_id", BIG, nullable=False),
        *_keys(
            "bank_project_carrier",
            primary=("bank_project_id", "carrier_id"),
            bank_project_id="bank_project",
            carrier_id="carrier",
        ),
    )
    op.create_index(op.f("ix_bank_project_carrier_carrier_id"), "bank_project_carrier", ["carrier_id"])
    op.create_table(
        "bank_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("bank_project_id", BIG, nullable=False),
        sa.Column("from_state", _enum("from_state")),
        sa.Column("to_state", _enum("to_state"), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        *_keys("bank_step", bank_project_id="bank_project", by="user_account"),
    )
    op.create_index("ix_bank_step_bank_project_id_id", "bank_step", ["bank_project_id", "id"])


def _editions_up() -> None:
    op.create_table(
        "bank_edition",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("projects", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_bank_edition_number")),
        sa.UniqueConstraint("number", name=op.f("uq_bank_edition_number")),
        *_keys("bank_edition", created_by="user_account"),
    )


def _proposals_up() -> None:
    op.create_table(
        "bank_proposal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("project_id", BIG),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *_keys(
            "bank_proposal",
            enterprise_id="enterprise",
            project_id="project",
            unit_id="org_unit",
            created_by="user_account",
        ),
    )
    op.create_index("ix_bank_proposal_enterprise_id_id", "bank_proposal", ["enterprise_id", "id"])
    for column in ("project_id", "unit_id"):
        op.create_index(op.f(f"ix_bank_proposal_{column}"), "bank_proposal", [column])
    op.create_table(
        "bank_proposal_text",
        sa.Column("id", BIG, nullable=False),
        sa.Column("proposal_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("proposal_id", "number", name=op.f("uq_bank_proposal_text_proposal_id_number")),
        *_keys("bank_proposal_text", proposal_id="bank_proposal", by="user_account"),
    )


def _links_up() -> None:
    op.create_table(
        "bank_link",
        sa.Column("id", BIG, nullable=False),
        sa.Column("token_hash", sa.String(80), nullable=False),
        sa.Column("tail", sa.String(40), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("edition_id", BIG),
        sa.Column("text_id", BIG),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_by", BIG),
        sa.Column("revoked_at", MOMENT),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("filled_at", MOMENT, nullable=False),
        sa.CheckConstraint("(edition_id IS NULL) <> (text_id IS NULL)", name=op.f("ck_bank_link_one")),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_bank_link_revoked")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_bank_link_token_hash")),
        *_keys(
            "bank_link",
            edition_id="bank_edition",
            text_id="bank_proposal_text",
            created_by="user_account",
            revoked_by="user_account",
        ),
    )
    for column in ("edition_id", "text_id"):
        op.create_index(op.f(f"ix_bank_link_{column}"), "bank_link", [column])
    op.create_table(
        "bank_link_visit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("link_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("address", sa.String(40), nullable=False),
        sa.Column("page", sa.String(80), nullable=False),
        *_keys("bank_link_visit", link_id="bank_link"),
    )
    op.create_index("ix_bank_link_visit_link_id_id", "bank_link_visit", ["link_id", "id"])


def _keys(table: str, primary: tuple[str, ...] = ("id",), **columns: str) -> list[sa.Constraint]:
    found: list[sa.Constraint] = [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in columns.items()
    ]
    return [*found, sa.PrimaryKeyConstraint(*primary, name=op.f(f"pk_{table}"))]


def _enum(name: str) -> sa.Enum:
    return sa.Enum(*STATES.split(), name=name, native_enum=False, create_constraint=True, length=40)
