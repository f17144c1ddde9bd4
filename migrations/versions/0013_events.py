"""Events and meetings, with invitations, agendas and decisions; numbered bulletins of campaigns.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
INSTANT = sa.DateTime(timezone=True)
CODE, SHORT, LINE = sa.String(40), sa.String(80), sa.String(200)
TABLES = (
    "event", "event_delegate", "event_guest", "event_credit", "meeting_series", "meeting_member", "meeting",
    "meeting_person", "agenda_item", "meeting_decision", "campaign_bulletin",
)  # fmt: skip


def upgrade() -> None:
    """Build it."""
    _event()
    _event_delegate()
    _event_guest()
    _event_credit()
    _meeting_series()
    _meeting_member()
    _meeting()
    _meeting_person()
    _agenda_item()
    _meeting_decision()
    _campaign_bulletin()


def downgrade() -> None:
    """Take it away."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _col(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:  # noqa: ANN401 (any column type)
    return sa.Column(name, kind, nullable=null)


def _refs(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")
        for column, target in columns.items()
    ]


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _enum(table: str, name: str, *keys: str) -> sa.CheckConstraint:
    return _check(table, name, f"{name} IN ({', '.join(repr(key) for key in keys)})")


def _event() -> None:
    op.create_table(
        "event",
        _col("id", BIG),
        _col("kind", CODE),
        _col("name", LINE),
        _col("start_on", sa.Date()),
        _col("end_on", sa.Date()),
        _col("hours", SHORT, null=True),
        _col("place", LINE, null=True),
        _col("host", LINE, null=True),
        _col("partners", sa.Text(), null=True),
        _col("theme", sa.Text(), null=True),
        _col("channel", CODE),
        _col("unit_id", BIG),
        _col("owner_id", BIG),
        _col("budget", sa.BigInteger(), null=True),
        _col("cost", sa.BigInteger(), null=True),
        _col("cancelled_at", INSTANT, null=True),
        _col("cancel_reason", LINE, null=True),
        _col("created_by", BIG),
        _col("created_at", INSTANT),
        _col("updated_at", INSTANT),
        _col("version", sa.Integer()),
        _enum("event", "kind", "promotion", "roundtable", "festival", "forum", "month", "tea", "other"),
        _check("event", "budget", "budget IS NULL OR budget >= 0"),
        _check("event", "cancelled", "(cancelled_at IS NULL) = (cancel_reason IS NULL)"),
        _check("event", "cost", "cost IS NULL OR cost >= 0"),
        _check("event", "dates", "end_on >= start_on"),
        *_refs("event", unit_id="org_unit", owner_id="user_account", created_by="user_account"),
        sa.UniqueConstraint("unit_id", "name", "start_on", name="uq_event_unit_id_name_start_on"),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
    )
    op.create_index("ix_event_start_on_id", "event", ["start_on", "id"])
    op.create_index("ix_event_unit_id", "event", ["unit_id"])


def _event_delegate() -> None:
    op.create_table(
        "event_delegate",
        _col("id", BIG),
        _col("event_id", BIG),
        _col("user_id", BIG, null=True),
        _col("name", SHORT),
        _col("post", SHORT, null=True),
        _col("speech", LINE, null=True),
        _col("added_by", BIG),
        _col("added_at", INSTANT),
        *_refs("event_delegate", event_id="event", user_id="user_account", added_by="user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_event_delegate"),
    )
    op.create_index("ix_event_delegate_event_id", "event_delegate", ["event_id"])


def _event_guest() -> None:
    op.create_table(
        "event_guest",
        _col("id", BIG),
        _col("event_id", BIG),
        _col("enterprise_id", BIG, null=True),
        _col("contact_id", BIG, null=True),
        _col("firm", LINE, null=True),
        _col("person", LINE, null=True),
        _col("state", CODE),
        _col("unit_id", BIG),
        _col("invited_by", BIG),
        _col("invited_at", INSTANT),
        _col("changed_by", BIG, null=True),
        _col("changed_at", INSTANT, null=True),
        _col("tip_id", BIG, null=True),
        _enum("event_guest", "state", "invited", "accepted", "declined", "attended", "absent", "walk_in"),
        _check("event_guest", "person", "contact_id IS NULL OR person IS NULL"),
        _check("event_guest", "who", "enterprise_id IS NOT NULL OR firm IS NOT NULL OR person IS NOT NULL"),
        *_refs(
            "event_guest",
            event_id="event",
            enterprise_id="enterprise",
            contact_id="contact",
            unit_id="org_unit",
            invited_by="user_account",
            changed_by="user_account",
            tip_id="lead_tip",
        ),
        sa.UniqueConstraint(
            "event_id", "enterprise_id", "contact_id", name="uq_event_guest_event_id_enterprise_id_contact_id"
        ),
        sa.UniqueConstraint("tip_id", name="uq_event_guest_tip_id"),
        sa.PrimaryKeyConstraint("id", name="pk_event_guest"),
    )
    op.create_index("ix_event_guest_contact_id", "event_guest", ["contact_id"])
    op.create_index("ix_event_guest_enterprise_id", "event_guest", ["enterprise_id"])
    op.create_index("ix_event_guest_event_id_state", "event_guest", ["event_id", "state"])


def _event_credit() -> None:
    op.create_table(
        "event_credit",
        _col("id", BIG),
        _col("event_id", BIG),
        _col("project_id", BIG),
        _col("guest_id", BIG, null=True),
        _col("reason", LINE, null=True),
        _col("by", BIG),
        _col("at", INSTANT),
        _check("event_credit", "reason", "guest_id IS NOT NULL OR reason IS NOT NULL"),
        *_refs("event_credit", event_id="event", project_id="project", guest_id="event_guest", by="user_account"),
        sa.UniqueConstraint("event_id", "project_id", name="uq_event_credit_event_id_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_event_credit"),
    )
    op.create_index("ix_event_credit_guest_id", "event_credit", ["guest_id"])
    op.create_index("ix_event_credit_project_id", "event_credit", ["project_id"])


def _meeting_series() -> None:
    op.create_table(
        "meeting_series",
        _col("id", BIG),
        _col("name", SHORT),
        _col("kind", CODE),
        _col("rhythm", CODE),
        _col("day", sa.Integer()),
        _col("first_on", sa.Date()),
        _col("starts_at", CODE),
        _col("place", LINE, null=True),
        _col("unit_id", BIG),
        _col("chair_id", BIG, null=True),
        _col("created_by", BIG),
        _col("created_at", INSTANT),
        _col("ended_on", sa.Date(), null=True),
        _enum(
            "meeting_series",
            "kind",
            "regular",
            "dispatch",
            "coordination",
            "joint",
            "on_site",
            "office",
            "showing",
            "exchange",
        ),
        _enum("meeting_series", "rhythm", "weekly", "fortnightly", "monthly"),
        _check("meeting_series", "day", "day BETWEEN 0 AND 31"),
        *_refs("meeting_series", unit_id="org_unit", chair_id="user_account", created_by="user_account"),
        sa.UniqueConstraint("unit_id", "name", name="uq_meeting_series_unit_id_name"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_series"),
    )


def _meeting_member() -> None:
    op.create_table(
        "meeting_member",
        _col("id", BIG),
        _col("series_id", BIG),
        _col("user_id", BIG),
        *_refs("meeting_member", series_id="meeting_series", user_id="user_account"),
        sa.UniqueConstraint("series_id", "user_id", name="uq_meeting_member_series_id_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_member"),
    )
    op.create_index("ix_meeting_member_user_id", "meeting_member", ["user_id"])


def _meeting() -> None:
    op.create_table(
        "meeting",
        _col("id", BIG),
        _col("series_id", BIG, null=True),
        _col("nominal_on", sa.Date(), null=True),
        _col("kind", CODE),
        _col("title", LINE),
        _col("held_on", sa.Date()),
        _col("starts_at", CODE),
        _col("place", LINE, null=True),
        _col("unit_id", BIG),
        _col("chair_id", BIG, null=True),
        _col("state", CODE),
        _col("year", sa.Integer(), null=True),
        _col("number", sa.Integer(), null=True),
        _col("guests", sa.Text(), null=True),
        _col("minutes", sa.Text(), null=True),
        _col("cancel_reason", LINE, null=True),
        _col("created_by", BIG),
        _col("created_at", INSTANT),
        _col("issued_by", BIG, null=True),
        _col("issued_at", INSTANT, null=True),
        _col("version", sa.Integer()),
        _enum(
            "meeting",
            "kind",
            "regular",
            "dispatch",
            "coordination",
            "joint",
            "on_site",
            "office",
            "showing",
            "exchange",
        ),
        _enum("meeting", "state", "planned", "held", "issued", "cancelled"),
        _check("meeting", "cancelled", "(state = 'cancelled') = (cancel_reason IS NOT NULL)"),
        _check("meeting", "issued", "(state = 'issued') = (issued_at IS NOT NULL)"),
        _check("meeting", "number", "(state IN ('held', 'issued')) = (number IS NOT NULL)"),
        *_refs(
            "meeting",
            series_id="meeting_series",
            unit_id="org_unit",
            chair_id="user_account",
            created_by="user_account",
            issued_by="user_account",
        ),
        sa.UniqueConstraint("series_id", "nominal_on", name="uq_meeting_series_id_nominal_on"),
        sa.UniqueConstraint("unit_id", "kind", "year", "number", name="uq_meeting_unit_id_kind_year_number"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting"),
    )
    op.create_index("ix_meeting_held_on_id", "meeting", ["held_on", "id"])
    op.create_index("ix_meeting_unit_id", "meeting", ["unit_id"])


def _meeting_person() -> None:
    op.create_table(
        "meeting_person",
        _col("id", BIG),
        _col("meeting_id", BIG),
        _col("user_id", BIG),
        _col("presence", CODE),
        _col("changed_by", BIG, null=True),
        _col("changed_at", INSTANT, null=True),
        _enum("meeting_person", "presence", "expected", "present", "leave", "absent"),
        *_refs("meeting_person", meeting_id="meeting", user_id="user_account", changed_by="user_account"),
        sa.UniqueConstraint("meeting_id", "user_id", name="uq_meeting_person_meeting_id_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_person"),
    )
    op.create_index("ix_meeting_person_user_id", "meeting_person", ["user_id"])


def _agenda_item() -> None:
    op.create_table(
        "agenda_item",
        _col("id", BIG),
        _col("meeting_id", BIG),
        _col("position", sa.Integer()),
        _col("source", CODE),
        _col("ref_id", BIG, null=True),
        _col("title", LINE),
        _col("detail", sa.Text(), null=True),
        _col("due_on", sa.Date(), null=True),
        _col("href", LINE, null=True),
        _col("project_id", BIG, null=True),
        _col("enterprise_id", BIG, null=True),
        _col("note", sa.Text(), null=True),
        _col("added_by", BIG),
        _col("added_at", INSTANT),
        _enum(
            "agenda_item",
            "source",
            "decision",
            "instruction",
            "exception",
            "review",
            "dispute",
            "stalled",
            "follow_up",
            "manual",
        ),
        _check("agenda_item", "ref", "(source = 'manual') = (ref_id IS NULL)"),
        *_refs(
            "agenda_item",
            meeting_id="meeting",
            project_id="project",
            enterprise_id="enterprise",
            added_by="user_account",
        ),
        sa.UniqueConstraint("meeting_id", "source", "ref_id", name="uq_agenda_item_meeting_id_source_ref_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agenda_item"),
    )
    op.create_index("ix_agenda_item_enterprise_id", "agenda_item", ["enterprise_id"])
    op.create_index("ix_agenda_item_meeting_id_position", "agenda_item", ["meeting_id", "position"])
    op.create_index("ix_agenda_item_project_id", "agenda_item", ["project_id"])


def _meeting_decision() -> None:
    op.create_table(
        "meeting_decision",
        _col("id", BIG),
        _col("meeting_id", BIG),
        _col("item_id", BIG, null=True),
        _col("seq", sa.Integer()),
        _col("text", sa.Text()),
        _col("project_id", BIG, null=True),
        _col("enterprise_id", BIG, null=True),
        _col("unit_id", BIG),
        _col("owner_id", BIG),
        _col("due_on", sa.Date()),
        _col("follow_up_id", BIG),
        _col("state", CODE),
        _col("note", sa.Text(), null=True),
        _col("drop_number", SHORT, null=True),
        _col("dropped_on", sa.Date(), null=True),
        _col("closed_by", BIG, null=True),
        _col("closed_at", INSTANT, null=True),
        _col("created_by", BIG),
        _col("created_at", INSTANT),
        _enum("meeting_decision", "state", "open", "done", "dropped"),
        _check("meeting_decision", "closed_at", "(state = 'open') = (closed_at IS NULL)"),
        _check("meeting_decision", "closed_by", "(state = 'open') = (closed_by IS NULL)"),
        _check("meeting_decision", "drop_number", "(state = 'dropped') = (drop_number IS NOT NULL)"),
        _check("meeting_decision", "dropped_on", "(drop_number IS NULL) = (dropped_on IS NULL)"),
        _check("meeting_decision", "note", "(state = 'open') = (note IS NULL)"),
        *_refs(
            "meeting_decision",
            meeting_id="meeting",
            item_id="agenda_item",
            project_id="project",
            enterprise_id="enterprise",
            unit_id="org_unit",
            owner_id="user_account",
            follow_up_id="follow_up",
            closed_by="user_account",
            created_by="user_account",
        ),
        sa.UniqueConstraint("follow_up_id", name="uq_meeting_decision_follow_up_id"),
        sa.UniqueConstraint("meeting_id", "seq", name="uq_meeting_decision_meeting_id_seq"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_decision"),
    )
    op.create_index("ix_meeting_decision_enterprise_id", "meeting_decision", ["enterprise_id"])
    op.create_index("ix_meeting_decision_item_id", "meeting_decision", ["item_id"])
    op.create_index("ix_meeting_decision_owner_id_state", "meeting_decision", ["owner_id", "state"])
    op.create_index("ix_meeting_decision_project_id", "meeting_decision", ["project_id"])
    op.create_index("ix_meeting_decision_state_due_on_id", "meeting_decision", ["state", "due_on", "id"])


def _campaign_bulletin() -> None:
    op.create_table(
        "campaign_bulletin",
        _col("id", BIG),
        _col("campaign_id", BIG),
        _col("number", sa.Integer(), null=True),
        _col("as_of", sa.Date()),
        _col("title", LINE),
        _col("body", sa.Text()),
        _col("figures", JSON),
        _col("built_by", BIG),
        _col("built_at", INSTANT),
        _col("issued_by", BIG, null=True),
        _col("issued_at", INSTANT, null=True),
        _col("version", sa.Integer()),
        _check("campaign_bulletin", "issued", "(number IS NULL) = (issued_at IS NULL)"),
        _check("campaign_bulletin", "issued_by", "(issued_at IS NULL) = (issued_by IS NULL)"),
        *_refs("campaign_bulletin", campaign_id="campaign", built_by="user_account", issued_by="user_account"),
        sa.UniqueConstraint("campaign_id", "number", name="uq_campaign_bulletin_campaign_id_number"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_bulletin"),
    )
