"""Scores: dated facts with two clocks, running sums, models, overrides, passes; more columns for what is stored.

Rows of before stay as they are; the next pass renews the current ones. A change of history is refused.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ("score_model", "score_fact", "score_sum", "score_override", "score_pass")
KNOWN = sa.text("dropped_at IS NULL")
REFUSED = "the history of scores is never changed"
THERE = "EXISTS (SELECT 1 FROM enterprise WHERE id = OLD.enterprise_id)"
NEVER = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
REFUSE = f"""
    CREATE FUNCTION score_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'UPDATE' OR {THERE} THEN
      RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD; END $$
"""
GUARD = """
    CREATE TRIGGER score_event_guard BEFORE UPDATE OR DELETE ON score_event
    FOR EACH ROW EXECUTE FUNCTION score_event_refuse()
"""
GUARDS = {
    "sqlite": (
        f"CREATE TRIGGER score_event_update BEFORE UPDATE ON score_event {NEVER}",
        f"CREATE TRIGGER score_event_delete BEFORE DELETE ON score_event WHEN {THERE} {NEVER}",
    ),
    "postgresql": (REFUSE, GUARD),
}
UNGUARDED = {
    "sqlite": ("DROP TRIGGER score_event_update", "DROP TRIGGER score_event_delete"),
    "postgresql": ("DROP TRIGGER score_event_guard ON score_event", "DROP FUNCTION score_event_refuse()"),
}


def upgrade() -> None:
    """Build it."""
    _models_up()
    _facts_up()
    _people_up()
    _columns_up()
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Take it away."""
    for statement in UNGUARDED[op.get_bind().dialect.name]:
        op.execute(statement)
    with op.batch_alter_table("score_event") as batch:
        batch.drop_constraint(op.f("fk_score_event_model_id"), type_="foreignkey")
        for name in ("z", "model_id", "codes", "cause_kind", "cause_id"):
            batch.drop_column(name)
    op.drop_index("ix_enterprise_score_as_of", "enterprise_score")
    op.drop_index("ix_enterprise_score_grade_points", "enterprise_score")
    with op.batch_alter_table("enterprise_score") as batch:
        batch.drop_constraint(op.f("fk_enterprise_score_model_id"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_enterprise_score_probability"), type_="check")
        batch.drop_constraint(op.f("ck_enterprise_score_band"), type_="check")
        for name in (
            "z",
            "model_id",
            "codes",
            "mode",
            "probability",
            "band_low",
            "band_high",
            "points_30d",
            "logged_at",
        ):
            batch.drop_column(name)
    for table in reversed(TABLES):
        op.drop_table(table)


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}", ondelete=ondelete)


def _models_up() -> None:
    live = sa.text("state = 'live'")
    op.create_table(
        "score_model",
        sa.Column("id", BIG, nullable=False),
        sa.Column("version", sa.String(80), nullable=False),
        sa.Column("kind", _enum("kind", "expert fitted"), nullable=False),
        sa.Column("state", _enum("state", "draft live retired"), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("table", JSON, nullable=False),
        sa.Column("report", JSON),
        sa.Column("window_from", sa.Date()),
        sa.Column("window_to", sa.Date()),
        sa.Column("won", sa.Integer()),
        sa.Column("lost", sa.Integer()),
        sa.Column("parent_id", BIG),
        sa.Column("note", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG),
        sa.Column("published_at", MOMENT),
        sa.Column("published_by_id", BIG),
        sa.CheckConstraint("state = 'draft' OR published_at IS NOT NULL", name="published"),
        _key("score_model", "parent_id", "score_model"),
        _key("score_model", "created_by_id", "user_account"),
        _key("score_model", "published_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_score_model"),
        sa.UniqueConstraint("version", name="uq_score_model_version"),
    )
    op.create_index(
        "uq_score_model_live", "score_model", ["state"], unique=True, sqlite_where=live, postgresql_where=live
    )


def _facts_up() -> None:
    op.create_table(
        "score_fact",
        sa.Column("id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(200)),
        sa.Column("known_at", MOMENT, nullable=False),
        sa.Column("dropped_at", MOMENT),
        _key("score_fact", "enterprise_id", "enterprise", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_score_fact"),
    )
    op.create_index("ix_score_fact_enterprise_id_kind", "score_fact", ["enterprise_id", "kind"])
    op.create_index(
        "uq_score_fact_known",
        "score_fact",
        ["enterprise_id", "kind", "source_id", "key"],
        unique=True,
        sqlite_where=KNOWN,
        postgresql_where=KNOWN,
    )
    op.create_table(
        "score_sum",
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("landmark", MOMENT, nullable=False),
        sa.Column("half_life", sa.Double(), nullable=False),
        sa.Column("newest_at", MOMENT, nullable=False),
        sa.Column("newest_id", BIG, nullable=False),
        _key("score_sum", "enterprise_id", "enterprise", "CASCADE"),
        sa.PrimaryKeyConstraint("enterprise_id", "kind", name="pk_score_sum"),
    )


def _people_up() -> None:
    opened = sa.text("ended_at IS NULL")
    op.create_table(
        "score_override",
        sa.Column("id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by_id", BIG, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by_id", BIG),
        sa.CheckConstraint("points BETWEEN 1 AND 99", name="points"),
        sa.CheckConstraint("expires_at > set_at", name="validity"),
        _key("score_override", "enterprise_id", "enterprise", "CASCADE"),
        _key("score_override", "set_by_id", "user_account"),
        _key("score_override", "ended_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_score_override"),
    )
    op.create_index("ix_score_override_enterprise_id", "score_override", ["enterprise_id"])
    op.create_index("ix_score_override_expires_at", "score_override", ["expires_at"])
    op.create_index(
        "uq_score_override_open",
        "score_override",
        ["enterprise_id"],
        unique=True,
        sqlite_where=opened,
        postgresql_where=opened,
    )
    op.create_table(
        "score_pass",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cause", sa.String(40), nullable=False),
        sa.Column("model_id", BIG),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by_id", BIG),
        sa.Column("reached", BIG, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("cancelled_at", MOMENT),
        _key("score_pass", "model_id", "score_model"),
        _key("score_pass", "started_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_score_pass"),
    )


def _columns_up() -> None:
    with op.batch_alter_table("enterprise_score") as batch:
        batch.add_column(sa.Column("z", sa.Double()))
        batch.add_column(sa.Column("model_id", BIG))
        batch.add_column(sa.Column("codes", JSON))
        batch.add_column(sa.Column("mode", sa.String(40), server_default="expert", nullable=False))
        for name in ("probability", "band_low", "band_high"):
            batch.add_column(sa.Column(name, sa.Double()))
        batch.add_column(sa.Column("points_30d", sa.Integer()))
        batch.add_column(sa.Column("logged_at", MOMENT))
        batch.create_foreign_key("fk_enterprise_score_model_id", "score_model", ["model_id"], ["id"])
        batch.create_check_constraint("probability", "probability IS NULL OR probability BETWEEN 0 AND 1")
        batch.create_check_constraint("band", "(band_low IS NULL) = (band_high IS NULL)")
    op.create_index("ix_enterprise_score_grade_points", "enterprise_score", ["grade", "points"])
    op.create_index("ix_enterprise_score_as_of", "enterprise_score", ["as_of"])
    with op.batch_alter_table("score_event") as batch:
        batch.add_column(sa.Column("z", sa.Double()))
        batch.add_column(sa.Column("model_id", BIG))
        batch.add_column(sa.Column("codes", JSON))
        batch.add_column(sa.Column("cause_kind", sa.String(40)))
        batch.add_column(sa.Column("cause_id", BIG))
        batch.create_foreign_key("fk_score_event_model_id", "score_model", ["model_id"], ["id"])
