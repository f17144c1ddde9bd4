"""Targets in trees with milestones; campaigns with items and phases; closing reports.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
FIVE = ("leads", "visits", "inspections", "signings", "starts")
SCALE = 1_000_000
CLOSING = sa.text("kind = 'closing'")


def upgrade() -> None:
    """Build it."""
    held = _take("target")
    op.create_table("target", *_new_target())
    op.create_index("ix_target_parent_id", "target", ["parent_id"])
    op.create_index("ix_target_unit_id", "target", ["unit_id"])
    op.create_index("ix_target_person_id", "target", ["person_id"])
    op.create_index("ix_target_year_level_metric", "target", ["year", "level", "metric"])
    _put("target", [{**row, **_widened(row)} for row in held])
    op.create_table("target_milestone", *_milestone())
    held = _take("campaign_task")
    op.create_table("campaign_task", *_task(sa.String(40), sa.BigInteger()))
    _put("campaign_task", [{**row, "value": row["value"] * SCALE} for row in held])
    op.create_table("campaign_item", *_item())
    _put_items(held)
    op.create_table("campaign_phase", *_phase())
    with op.batch_alter_table("campaign_bulletin") as batch:
        batch.add_column(sa.Column("kind", sa.String(40), server_default="bulletin", nullable=False))
        batch.create_check_constraint("kind", "kind IN ('bulletin', 'closing')")
    op.create_index(
        "uq_campaign_bulletin_closing",
        "campaign_bulletin",
        ["campaign_id"],
        unique=True,
        sqlite_where=CLOSING,
        postgresql_where=CLOSING,
    )


def downgrade() -> None:
    """Take it away: parts of targets and tasks of other measures than the five go."""
    op.drop_index("uq_campaign_bulletin_closing", "campaign_bulletin")
    with op.batch_alter_table("campaign_bulletin") as batch:
        batch.drop_constraint(op.f("ck_campaign_bulletin_kind"), type_="check")
        batch.drop_column("kind")
    op.drop_table("campaign_phase")
    op.drop_table("campaign_item")
    held = [row for row in _take("campaign_task") if row["metric"] in FIVE]
    op.create_table("campaign_task", *_task(_enum("metric", *FIVE), sa.Integer()))
    _put("campaign_task", [{**row, "value": max(row["value"] // SCALE, 1)} for row in held])
    op.drop_table("target_milestone")
    kept = [row for row in _take("target") if row["slot"] == _slot(row) and row["metric"] in FIVE]
    op.create_table("target", *_old_target())
    names = ("id", "unit_id", "metric", "year", "level", "created_by", "created_at")
    _put("target", [{**{name: row[name] for name in names}, "value": max(row["value"] // SCALE, 1)} for row in kept])


def _take(table: str) -> list[dict[str, Any]]:
    bind = op.get_bind()
    known = sa.Table(table, sa.MetaData(), autoload_with=bind, resolve_fks=False)
    rows = [dict(row) for row in bind.execute(sa.select(known).order_by(known.c.id)).mappings()]
    op.drop_table(table)
    return rows


def _put(table: str, rows: list[dict[str, Any]]) -> None:
    bind = op.get_bind()
    known = sa.Table(table, sa.MetaData(), autoload_with=bind, resolve_fks=False)
    if rows:
        op.bulk_insert(known, rows)
    if rows and bind.dialect.name == "postgresql":
        bind.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"))  # noqa: S608 (a table of ours)


def _slot(row: dict[str, Any]) -> str:
    return f"{row['year']}year|{row['metric']}|{row['level']}|u{row['unit_id']}|p||||"


def _widened(row: dict[str, Any]) -> dict[str, Any]:
    plain = {"period": "year", "size": "total", "currency": "", "sector": "", "site": "", "version": 1}
    return {**plain, "slot": _slot(row), "value": row["value"] * SCALE}


def _put_items(tasks: list[dict[str, Any]]) -> None:
    pairs = sorted({(row["campaign_id"], FIVE.index(row["metric"])) for row in tasks})
    rows = [
        {
            "id": number,
            "campaign_id": campaign,
            "position": place,
            "key": FIVE[place],
            "metric": FIVE[place],
            "size": "total",
            "currency": "",
            "sector": "",
        }
        for number, (campaign, place) in enumerate(pairs, start=1)
    ]
    _put("campaign_item", rows)


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}", ondelete=ondelete)


def _col(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:  # noqa: ANN401 (any column type)
    return sa.Column(name, kind, nullable=null)


def _new_target() -> list[Any]:
    return [
        _col("id", BIG),
        _col("slot", sa.String(200)),
        _col("parent_id", BIG, null=True),
        _col("split_by", _enum("split_by", "unit", "person", "period", "band", "site"), null=True),
        _col("unit_id", BIG, null=True),
        _col("person_id", BIG, null=True),
        _col("metric", sa.String(40)),
        _col("year", sa.Integer()),
        _col("period", sa.String(40)),
        _col("level", _enum("level", "ensure", "strive")),
        _col("low", sa.BigInteger(), null=True),
        _col("high", sa.BigInteger(), null=True),
        _col("size", _enum("size", "total", "fixed")),
        _col("currency", sa.String(40)),
        _col("sector", sa.String(40)),
        _col("site", sa.String(80)),
        _col("value", sa.BigInteger()),
        _col("note", sa.String(200), null=True),
        _col("created_by", BIG),
        _col("created_at", MOMENT),
        _col("version", sa.Integer()),
        sa.CheckConstraint("value > 0", name=op.f("ck_target_value")),
        sa.CheckConstraint("high IS NULL OR low IS NULL OR high > low", name=op.f("ck_target_band")),
        sa.CheckConstraint("person_id IS NULL OR unit_id IS NOT NULL", name=op.f("ck_target_person")),
        _key("target", "parent_id", "target", "CASCADE"),
        _key("target", "unit_id", "org_unit"),
        _key("target", "person_id", "user_account"),
        _key("target", "created_by", "user_account"),
        sa.UniqueConstraint("slot", name="uq_target_slot"),
        sa.PrimaryKeyConstraint("id", name="pk_target"),
    ]


def _old_target() -> list[Any]:
    return [
        _col("id", BIG),
        _col("unit_id", BIG),
        _col("metric", _enum("metric", *FIVE)),
        _col("year", sa.Integer()),
        _col("level", _enum("level", "ensure", "strive")),
        _col("value", sa.Integer()),
        _col("created_by", BIG),
        _col("created_at", MOMENT),
        sa.CheckConstraint("value > 0", name=op.f("ck_target_value")),
        _key("target", "created_by", "user_account"),
        _key("target", "unit_id", "org_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_target"),
        sa.UniqueConstraint("unit_id", "metric", "year", "level", name="uq_target_unit_id_metric_year_level"),
    ]


def _milestone() -> list[Any]:
    return [
        _col("target_id", BIG),
        _col("on_day", sa.Date()),
        _col("percent", sa.BigInteger()),
        sa.CheckConstraint("percent > 0 AND percent <= 100000000", name=op.f("ck_target_milestone_percent")),
        _key("target_milestone", "target_id", "target", "CASCADE"),
        sa.PrimaryKeyConstraint("target_id", "on_day", name="pk_target_milestone"),
    ]


def _task(metric: Any, value: Any) -> list[Any]:  # noqa: ANN401 (column types)
    return [
        _col("id", BIG),
        _col("campaign_id", BIG),
        _col("unit_id", BIG),
        _col("metric", metric),
        _col("value", value),
        sa.CheckConstraint("value > 0", name=op.f("ck_campaign_task_value")),
        _key("campaign_task", "campaign_id", "campaign", "CASCADE"),
        _key("campaign_task", "unit_id", "org_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_task"),
        sa.UniqueConstraint("campaign_id", "unit_id", "metric", name="uq_campaign_task_campaign_id_unit_id_metric"),
    ]


def _item() -> list[Any]:
    return [
        _col("id", BIG),
        _col("campaign_id", BIG),
        _col("position", sa.Integer()),
        _col("key", sa.String(40)),
        _col("metric", sa.String(40)),
        _col("label", sa.String(80), null=True),
        _col("low", sa.BigInteger(), null=True),
        _col("high", sa.BigInteger(), null=True),
        _col("size", _enum("size", "total", "fixed")),
        _col("currency", sa.String(40)),
        _col("sector", sa.String(40)),
        sa.CheckConstraint("high IS NULL OR low IS NULL OR high > low", name=op.f("ck_campaign_item_band")),
        _key("campaign_item", "campaign_id", "campaign", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_item"),
        sa.UniqueConstraint("campaign_id", "key", name="uq_campaign_item_campaign_id_key"),
    ]


def _phase() -> list[Any]:
    return [
        _col("id", BIG),
        _col("campaign_id", BIG),
        _col("name", sa.String(80)),
        _col("start_on", sa.Date()),
        _col("end_on", sa.Date()),
        _col("percent", sa.Integer(), null=True),
        _col("plan", sa.Text(), null=True),
        sa.CheckConstraint("end_on >= start_on", name=op.f("ck_campaign_phase_dates")),
        sa.CheckConstraint("percent IS NULL OR percent BETWEEN 1 AND 100", name=op.f("ck_campaign_phase_percent")),
        _key("campaign_phase", "campaign_id", "campaign", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_phase"),
        sa.UniqueConstraint("campaign_id", "start_on", name="uq_campaign_phase_campaign_id_start_on"),
    ]
