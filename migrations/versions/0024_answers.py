"""What people teach: answers, verdicts on names, unknown names, rules of the office, learned weights.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = (
    "mention_answer",
    "name_verdict",
    "name_proposal",
    "name_sighting",
    "learned_model",
    "signal_answer",
    "office_rule",
    "learning_run",
)


def upgrade() -> None:
    """Build it."""
    _answers_up()
    _names_up()
    _kinds_up()
    _learning_up()


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}", ondelete=ondelete)


def _answers_up() -> None:
    op.create_table(
        "mention_answer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("article_id", BIG),
        sa.Column("in_title", sa.Boolean(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("surface", sa.String(200), nullable=False),
        sa.Column("folded", sa.String(200), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("proposed_id", BIG, nullable=False),
        sa.Column("right_one", sa.Boolean(), nullable=False),
        sa.Column("enterprise_id", BIG),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("features", JSON, nullable=False),
        sa.Column("before", sa.String(40), nullable=False),
        sa.Column("answered_by", BIG, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("undone_by", BIG),
        sa.Column("undone_at", MOMENT),
        sa.CheckConstraint("stop > start", name="span"),
        sa.CheckConstraint("enterprise_id IS NULL OR (NOT right_one AND enterprise_id <> proposed_id)", name="instead"),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone"),
        _key("mention_answer", "article_id", "article", "SET NULL"),
        _key("mention_answer", "proposed_id", "enterprise", "CASCADE"),
        _key("mention_answer", "enterprise_id", "enterprise", "CASCADE"),
        _key("mention_answer", "answered_by", "user_account"),
        _key("mention_answer", "undone_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_mention_answer"),
    )
    op.create_index("ix_mention_answer_proposed_id_folded", "mention_answer", ["proposed_id", "folded"])
    op.create_index(
        "ix_mention_answer_article_id_in_title_start", "mention_answer", ["article_id", "in_title", "start"]
    )
    op.create_index("ix_mention_answer_enterprise_id", "mention_answer", ["enterprise_id"])
    op.create_index("ix_mention_answer_answered_at", "mention_answer", ["answered_at"])
    op.create_table(
        "name_verdict",
        sa.Column("id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("folded", sa.String(200), nullable=False),
        sa.Column("surface", sa.String(200), nullable=False),
        sa.Column("verdict", _enum("verdict", "always cue never"), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("decided_by", BIG, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        _key("name_verdict", "enterprise_id", "enterprise", "CASCADE"),
        _key("name_verdict", "decided_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_name_verdict"),
        sa.UniqueConstraint("enterprise_id", "folded", name="uq_name_verdict_enterprise_id_folded"),
    )


def _names_up() -> None:
    op.create_table(
        "name_proposal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("folded", sa.String(200), nullable=False),
        sa.Column("surface", sa.String(200), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("hint", sa.String(200)),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("state", _enum("state", "open alias created ignored"), nullable=False),
        sa.Column("enterprise_id", BIG),
        sa.Column("alias_id", BIG),
        sa.Column("decided_by", BIG),
        sa.Column("decided_at", MOMENT),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        sa.CheckConstraint("stories >= 0", name="stories"),
        _key("name_proposal", "enterprise_id", "enterprise", "SET NULL"),
        _key("name_proposal", "decided_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_name_proposal"),
        sa.UniqueConstraint("folded", name="uq_name_proposal_folded"),
    )
    op.create_index("ix_name_proposal_state_stories_id", "name_proposal", ["state", "stories", "id"])
    op.create_index("ix_name_proposal_enterprise_id", "name_proposal", ["enterprise_id"])
    op.create_table(
        "name_sighting",
        sa.Column("proposal_id", BIG, nullable=False),
        sa.Column("cluster_id", BIG, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("context", sa.String(200), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        _key("name_sighting", "proposal_id", "name_proposal", "CASCADE"),
        _key("name_sighting", "cluster_id", "article_cluster", "CASCADE"),
        _key("name_sighting", "article_id", "article", "CASCADE"),
        sa.PrimaryKeyConstraint("proposal_id", "cluster_id", name="pk_name_sighting"),
    )
    op.create_index("ix_name_sighting_article_id", "name_sighting", ["article_id"])


def _kinds_up() -> None:
    op.create_table(
        "signal_answer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("signal_id", BIG),
        sa.Column("article_id", BIG),
        sa.Column("enterprise_id", BIG),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("right_kinds", JSON, nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("answered_by", BIG, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("undone_by", BIG),
        sa.Column("undone_at", MOMENT),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone"),
        _key("signal_answer", "signal_id", "signal", "SET NULL"),
        _key("signal_answer", "article_id", "article", "SET NULL"),
        _key("signal_answer", "enterprise_id", "enterprise", "SET NULL"),
        _key("signal_answer", "answered_by", "user_account"),
        _key("signal_answer", "undone_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_signal_answer"),
    )
    for column in ("signal_id", "article_id", "enterprise_id", "answered_at"):
        op.create_index(f"ix_signal_answer_{column}", "signal_answer", [column])
    op.create_table(
        "office_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("pattern", sa.Text()),
        sa.Column("not_pattern", sa.Text()),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("examples", JSON, nullable=False),
        sa.Column("note", sa.String(200)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_by", BIG, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("weight > 0 AND weight <= 1", name="weight"),
        _key("office_rule", "updated_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_office_rule"),
        sa.UniqueConstraint("key", name="uq_office_rule_key"),
    )


def _learning_up() -> None:
    op.create_table(
        "learned_model",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("numbers", JSON, nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("usable", sa.Boolean(), nullable=False),
        sa.Column("made_by", BIG),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("note", sa.String(80)),
        sa.CheckConstraint("answers >= 0", name="answers"),
        _key("learned_model", "made_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_learned_model"),
    )
    op.create_index("ix_learned_model_subject_id", "learned_model", ["subject", "id"])
    op.create_table(
        "learning_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("state", _enum("state", "queued done stopped failed"), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("result", JSON, nullable=False),
        sa.Column("created_by", BIG),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        _key("learning_run", "created_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_learning_run"),
    )
    op.create_index("ix_learning_run_purpose_subject_id", "learning_run", ["purpose", "subject", "id"])
