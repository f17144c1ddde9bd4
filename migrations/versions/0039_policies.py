"""Policies in versions with clauses and their review; answers of the handbook.

Revision ID: 0039
Revises: 0038
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ("policy", "policy_version", "policy_clause", "office_answer")
KINDS = "investment land rent loan research talent jobs foreign listing service other"
BASES = "none fixed_investment equipment foreign_usd land_mu floor_sqm loan_interest research_cost staff"
DRAFT = sa.text("published_at IS NULL")


def upgrade() -> None:
    """Build it."""
    op.create_table(
        "policy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *_keys("policy", unit_id="org_unit", created_by="user_account"),
    )
    op.create_index(op.f("ix_policy_unit_id"), "policy", ["unit_id"])
    _version_up()
    _clause_up()
    op.create_table(
        "office_answer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        *_keys("office_answer", by="user_account"),
    )
    op.create_index("ix_office_answer_key_id", "office_answer", ["key", "id"])


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _version_up() -> None:
    op.create_table(
        "policy_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("policy_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("document_no", sa.String(80), nullable=False),
        sa.Column("issuer", sa.String(200), nullable=False),
        sa.Column("level", _enum("level", "nation province city county"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        sa.Column("industries", JSON, nullable=False),
        sa.Column("summary", sa.Text()),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("published_by", BIG),
        sa.Column("published_at", MOMENT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_policy_version_days")),
        sa.CheckConstraint("(published_at IS NULL) = (published_by IS NULL)", name=op.f("ck_policy_version_published")),
        sa.UniqueConstraint("policy_id", "number", name=op.f("uq_policy_version_policy_id_number")),
        *_keys("policy_version", policy_id="policy", created_by="user_account", published_by="user_account"),
    )
    op.create_index(
        "uq_policy_version_draft",
        "policy_version",
        ["policy_id"],
        unique=True,
        sqlite_where=DRAFT,
        postgresql_where=DRAFT,
    )


def _clause_up() -> None:
    op.create_table(
        "policy_clause",
        sa.Column("id", BIG, nullable=False),
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("kind", _enum("kind", KINDS), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("basis", _enum("basis", BASES)),
        sa.Column("rate", sa.BigInteger()),
        sa.Column("cap", sa.BigInteger()),
        sa.Column("years", sa.Integer()),
        sa.Column("industries", JSON, nullable=False),
        sa.Column("only_foreign", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.BigInteger()) for name in _limits()),
        sa.Column("review", _enum("review", "pending passed excepted failed"), nullable=False),
        sa.Column("review_basis", sa.Text()),
        sa.Column("review_organ", sa.String(200)),
        sa.Column("reviewed_on", sa.Date()),
        sa.Column("reviewed_by", BIG),
        sa.CheckConstraint("(basis IS NULL) = (rate IS NULL)", name=op.f("ck_policy_clause_rate")),
        sa.CheckConstraint("(review = 'pending') = (review_basis IS NULL)", name=op.f("ck_policy_clause_reviewed")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["policy_version.id"], name=op.f("fk_policy_clause_version_id"), ondelete="CASCADE"
        ),
        *_keys("policy_clause", reviewed_by="user_account"),
    )
    op.create_index("ix_policy_clause_version_id", "policy_clause", ["version_id"])


def _limits() -> tuple[str, ...]:
    return ("min_fixed", "min_intensity", "min_tax", "min_staff", "min_foreign")


def _keys(table: str, **columns: str) -> list[sa.Constraint]:
    found: list[sa.Constraint] = [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in columns.items()
    ]
    return [*found, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
