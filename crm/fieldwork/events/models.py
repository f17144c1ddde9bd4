"""Events with their delegation, their guests, and the projects they brought."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, Line, LongText, Money, Short, enum_type
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork.events.rules import EventKind, GuestState


class Event(Base):
    """An event between two days, both included; money in 万元."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("unit_id", "name", "start_on"),
        CheckConstraint("end_on >= start_on", name="dates"),
        CheckConstraint("budget IS NULL OR budget >= 0", name="budget"),
        CheckConstraint("cost IS NULL OR cost >= 0", name="cost"),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name="cancelled"),
        Index(None, "start_on", "id"),
    )

    id: Mapped[IntPk]
    kind: Mapped[EventKind] = mapped_column(enum_type(EventKind, "kind"))
    name: Mapped[Line]
    start_on: Mapped[Day]
    end_on: Mapped[Day]
    hours: Mapped[Short | None]
    place: Mapped[Line | None]
    host: Mapped[Line | None]
    partners: Mapped[LongText | None]
    theme: Mapped[LongText | None]
    channel: Mapped[Code]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    budget: Mapped[Money | None]
    cost: Mapped[Money | None]
    cancelled_at: Mapped[Instant | None]
    cancel_reason: Mapped[Line | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[OrgUnit] = relationship()
    owner: Mapped[User] = relationship(foreign_keys=[owner_id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class EventDelegate(Base):
    """One of our delegation, with the topic of a speech if there is one."""

    __tablename__ = "event_delegate"
    __table_args__ = (Index(None, "event_id"),)

    id: Mapped[IntPk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[Short]
    post: Mapped[Short | None]
    speech: Mapped[Line | None]
    added_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    added_at: Mapped[Instant]


class EventGuest(Base):
    """An invitation, or somebody who came without one; the names typed stand only where the register has none."""

    __tablename__ = "event_guest"
    __table_args__ = (
        UniqueConstraint("event_id", "enterprise_id", "contact_id"),
        CheckConstraint("enterprise_id IS NOT NULL OR firm IS NOT NULL OR person IS NOT NULL", name="who"),
        CheckConstraint("contact_id IS NULL OR person IS NULL", name="person"),
        Index(None, "event_id", "state"),
    )

    id: Mapped[IntPk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    firm: Mapped[Line | None]
    person: Mapped[Line | None]
    state: Mapped[GuestState] = mapped_column(enum_type(GuestState, "state"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    invited_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    invited_at: Mapped[Instant]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    changed_at: Mapped[Instant | None]
    tip_id: Mapped[int | None] = mapped_column(ForeignKey("lead_tip.id"), unique=True)

    enterprise: Mapped[Enterprise | None] = relationship()
    contact: Mapped[Contact | None] = relationship()


class EventCredit(Base):
    """A project that an event brought: out of an attendance, or by hand with a reason."""

    __tablename__ = "event_credit"
    __table_args__ = (
        UniqueConstraint("event_id", "project_id"),
        CheckConstraint("guest_id IS NOT NULL OR reason IS NOT NULL", name="reason"),
    )

    id: Mapped[IntPk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    guest_id: Mapped[int | None] = mapped_column(ForeignKey("event_guest.id"), index=True)
    reason: Mapped[Line | None]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
