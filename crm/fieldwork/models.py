"""Touches (走访、接待、考察…) and the follow-ups promised in them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, Line, LongText, Short, enum_type
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork.rules import Intention, LeaderLevel, TouchKind

OPEN = text("done_at IS NULL")


class Touch(Base):
    """One dated contact with an enterprise, a fact that figures count."""

    __tablename__ = "touch"
    __table_args__ = (
        Index("ix_touch_enterprise_id_occurred_at", "enterprise_id", "occurred_at"),
        Index("ix_touch_unit_id_occurred_at", "unit_id", "occurred_at"),
        Index("ix_touch_kind_occurred_at", "kind", "occurred_at"),
        Index(None, "created_by", "id"),
        CheckConstraint("headcount IS NULL OR headcount > 0", name="headcount"),
        CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="voided"),
    )

    id: Mapped[IntPk]
    client_id: Mapped[Short] = mapped_column(unique=True)
    kind: Mapped[TouchKind] = mapped_column(enum_type(TouchKind, "kind"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    occurred_at: Mapped[Instant] = mapped_column(index=True)
    recorded_at: Mapped[Instant] = mapped_column(index=True)
    place: Mapped[Line | None]
    people: Mapped[Line | None]
    leader_level: Mapped[LeaderLevel] = mapped_column(enum_type(LeaderLevel, "leader_level"))
    headcount: Mapped[int | None]
    summary: Mapped[LongText]
    report: Mapped[LongText | None]
    intention: Mapped[Intention] = mapped_column(enum_type(Intention, "intention"))
    voided_at: Mapped[Instant | None]
    void_reason: Mapped[Line | None]

    enterprise: Mapped[Enterprise] = relationship()
    unit: Mapped[OrgUnit] = relationship()
    author: Mapped[User] = relationship()
    contacts: Mapped[list[Contact]] = relationship(secondary="touch_contact")


class TouchContact(Base):
    """Who of the register was met."""

    __tablename__ = "touch_contact"

    touch_id: Mapped[int] = mapped_column(ForeignKey("touch.id", ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True, index=True)


class FollowUp(Base):
    """Something promised: one owner, one date."""

    __tablename__ = "follow_up"
    __table_args__ = (
        Index("ix_follow_up_owner_id_done_at_due_on", "owner_id", "done_at", "due_on"),
        Index(None, "touch_id"),
        Index("ix_follow_up_open", "due_on", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done"),
    )

    id: Mapped[IntPk]
    title: Mapped[Line]
    kind: Mapped[Code] = mapped_column(default="todo")
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    touch_id: Mapped[int | None] = mapped_column(ForeignKey("touch.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    due_on: Mapped[Day | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    done_at: Mapped[Instant | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    done_note: Mapped[Line | None]

    enterprise: Mapped[Enterprise | None] = relationship()
    owner: Mapped[User] = relationship(foreign_keys=[owner_id])
