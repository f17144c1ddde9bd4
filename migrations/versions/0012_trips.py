"""Trips, visit briefs, receptions and their itineraries.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
CODE, SHORT, LINE = sa.String(40), sa.String(80), sa.String(200)


def upgrade() -> None:
    """Build it."""
    _trips()
    _receptions()


def downgrade() -> None:
    """Take it away."""
    for table in (
        "reception_slot", "reception_person", "reception", "trip_agreed", "trip_touch", "trip_cost", "trip_stop",
        "trip_member", "trip",
    ):  # fmt: skip
        op.drop_table(table)


def _enum(table: str, name: str, *keys: str) -> sa.CheckConstraint:
    rule = f"{name} IN ({', '.join(repr(key) for key in keys)})"
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _trips() -> None:
    op.create_table(
        "trip",
        sa.Column("id", BIG, nullable=False),
        sa.Column("title", LINE, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", CODE, nullable=False),
        sa.Column("leader_level", CODE, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("approved_by", SHORT, nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("paper_no", SHORT, nullable=True),
        sa.Column("approval_note", sa.Text(), nullable=True),
        sa.Column("minutes", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(approved_on IS NULL) = (approved_by IS NULL)", name=op.f("ck_trip_approved")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_trip_dates")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name="fk_trip_created_by"),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name="fk_trip_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_trip"),
        _enum("trip", "state", "planned", "under_way", "back", "closed", "cancelled"),
        _enum("trip", "leader_level", "staff", "team", "department", "county"),
    )
    op.create_index("ix_trip_starts_on_id", "trip", ["starts_on", "id"])
    op.create_index("ix_trip_unit_id_starts_on", "trip", ["unit_id", "starts_on"])
    op.create_table(
        "trip_member",
        sa.Column("id", BIG, nullable=False),
        sa.Column("trip_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("name", SHORT, nullable=True),
        sa.Column("post", SHORT, nullable=True),
        sa.Column("role", CODE, nullable=False),
        sa.Column("level", CODE, nullable=False),
        sa.CheckConstraint("user_id IS NOT NULL OR name IS NOT NULL", name=op.f("ck_trip_member_who")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_trip_member_trip_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_trip_member_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_trip_member"),
        sa.UniqueConstraint("trip_id", "user_id", name="uq_trip_member_trip_id_user_id"),
        _enum("trip_member", "role", "leader", "deputy", "member", "staff", "guest"),
        _enum("trip_member", "level", "staff", "team", "department", "county"),
    )
    op.create_index("ix_trip_member_user_id", "trip_member", ["user_id"])
    op.create_table(
        "trip_stop",
        sa.Column("id", BIG, nullable=False),
        sa.Column("trip_id", BIG, nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at_clock", CODE, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=True),
        sa.Column("title", LINE, nullable=True),
        sa.Column("place", LINE, nullable=True),
        sa.Column("meets", LINE, nullable=True),
        sa.Column("points", sa.Text(), nullable=True),
        sa.Column("proposals", sa.Text(), nullable=True),
        sa.Column("sites", sa.Text(), nullable=True),
        sa.Column("policies", sa.Text(), nullable=True),
        sa.Column("skipped", LINE, nullable=True),
        sa.CheckConstraint("enterprise_id IS NOT NULL OR title IS NOT NULL", name=op.f("ck_trip_stop_whom")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_trip_stop_enterprise_id"),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_trip_stop_trip_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_trip_stop"),
    )
    op.create_index("ix_trip_stop_enterprise_id", "trip_stop", ["enterprise_id"])
    op.create_index("ix_trip_stop_trip_id_on_day", "trip_stop", ["trip_id", "on_day"])
    op.create_table(
        "trip_cost",
        sa.Column("id", BIG, nullable=False),
        sa.Column("trip_id", BIG, nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("spent", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("budget IS NULL OR budget >= 0", name=op.f("ck_trip_cost_budget")),
        sa.CheckConstraint("spent IS NULL OR spent >= 0", name=op.f("ck_trip_cost_spent")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_trip_cost_trip_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_trip_cost"),
        sa.UniqueConstraint("trip_id", "kind", name="uq_trip_cost_trip_id_kind"),
        _enum("trip_cost", "kind", "transport", "lodging", "meals", "venue", "materials", "other"),
    )
    op.create_table(
        "trip_touch",
        sa.Column("touch_id", BIG, nullable=False),
        sa.Column("trip_id", BIG, nullable=True),
        sa.Column("by", BIG, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name="fk_trip_touch_by"),
        sa.ForeignKeyConstraint(["touch_id"], ["touch.id"], name="fk_trip_touch_touch_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_trip_touch_trip_id"),
        sa.PrimaryKeyConstraint("touch_id", name="pk_trip_touch"),
    )
    op.create_index("ix_trip_touch_trip_id", "trip_touch", ["trip_id"])
    op.create_table(
        "trip_agreed",
        sa.Column("follow_up_id", BIG, nullable=False),
        sa.Column("trip_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_up.id"], name="fk_trip_agreed_follow_up_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_trip_agreed_trip_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("follow_up_id", name="pk_trip_agreed"),
    )
    op.create_index("ix_trip_agreed_trip_id", "trip_agreed", ["trip_id"])


def _receptions() -> None:
    op.create_table(
        "reception",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("title", LINE, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=True),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("place", LINE, nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("state", CODE, nullable=False),
        sa.Column("leader_level", CODE, nullable=False),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("touch_id", BIG, nullable=True),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'held') = (touch_id IS NOT NULL)", name=op.f("ck_reception_held")),
        sa.CheckConstraint("kind IN ('reception', 'inspection')", name=op.f("ck_reception_sort")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_reception_times")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name="fk_reception_created_by"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_reception_enterprise_id"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_reception_project_id"),
        sa.ForeignKeyConstraint(["touch_id"], ["touch.id"], name="fk_reception_touch_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name="fk_reception_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reception"),
        sa.UniqueConstraint("touch_id", name="uq_reception_touch_id"),
        _enum(
            "reception", "kind", "visit", "reception", "inspection", "negotiation", "call", "letter", "mail", "wechat"
        ),
        _enum("reception", "state", "planned", "held", "cancelled"),
        _enum("reception", "leader_level", "staff", "team", "department", "county"),
    )
    op.create_index("ix_reception_enterprise_id", "reception", ["enterprise_id"])
    op.create_index("ix_reception_project_id", "reception", ["project_id"])
    op.create_index("ix_reception_starts_at_id", "reception", ["starts_at", "id"])
    op.create_index("ix_reception_unit_id_starts_at", "reception", ["unit_id", "starts_at"])
    op.create_table(
        "reception_person",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reception_id", BIG, nullable=False),
        sa.Column("side", CODE, nullable=False),
        sa.Column("role", CODE, nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("contact_id", BIG, nullable=True),
        sa.Column("name", SHORT, nullable=True),
        sa.Column("post", SHORT, nullable=True),
        sa.Column("level", CODE, nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.CheckConstraint("heads > 0", name=op.f("ck_reception_person_heads")),
        sa.CheckConstraint("user_id IS NULL OR contact_id IS NULL", name=op.f("ck_reception_person_one")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_reception_person_contact_id"),
        sa.ForeignKeyConstraint(
            ["reception_id"], ["reception.id"], name="fk_reception_person_reception_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_reception_person_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reception_person"),
        _enum("reception_person", "side", "visitor", "host"),
        _enum(
            "reception_person",
            "role",
            "decider",
            "manager",
            "technical",
            "finance",
            "legal",
            "adviser",
            "leader",
            "escort",
            "explainer",
            "staff",
            "other",
        ),
        _enum("reception_person", "level", "staff", "team", "department", "county"),
    )
    op.create_index("ix_reception_person_contact_id", "reception_person", ["contact_id"])
    op.create_index("ix_reception_person_reception_id", "reception_person", ["reception_id"])
    op.create_index("ix_reception_person_user_id", "reception_person", ["user_id"])
    op.create_table(
        "reception_slot",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reception_id", BIG, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("title", LINE, nullable=False),
        sa.Column("place", LINE, nullable=True),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("responsible", SHORT, nullable=True),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_reception_slot_times")),
        sa.ForeignKeyConstraint(
            ["reception_id"], ["reception.id"], name="fk_reception_slot_reception_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_reception_slot_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reception_slot"),
        _enum("reception_slot", "kind", "site", "talk", "meal", "road", "other"),
    )
    op.create_index("ix_reception_slot_reception_id_starts_at", "reception_slot", ["reception_id", "starts_at"])
