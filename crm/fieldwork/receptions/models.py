"""Receptions and inspections with visitors, hosts and the itinerary."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import Instant, IntPk, Line, LongText, Short, enum_type
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork.models import Touch
from crm.fieldwork.receptions.rules import PersonRole, ReceptionState, Side, SlotKind
from crm.fieldwork.rules import LeaderLevel, TouchKind


class Reception(Base):
    """Guests who come to us; when it took place, ``touch_id`` is the touch that figures and gates count."""

    __tablename__ = "reception"
    __table_args__ = (
        CheckConstraint("kind IN ('reception', 'inspection')", name="sort"),
        CheckConstraint("ends_at > starts_at", name="times"),
        CheckConstraint("(state = 'held') = (touch_id IS NOT NULL)", name="held"),
        Index(None, "unit_id", "starts_at"),
        Index(None, "starts_at", "id"),
    )

    id: Mapped[IntPk]
    kind: Mapped[TouchKind] = mapped_column(enum_type(TouchKind, "kind"))
    title: Mapped[Line]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    place: Mapped[Line | None]
    purpose: Mapped[LongText | None]
    state: Mapped[ReceptionState] = mapped_column(enum_type(ReceptionState, "state"), default=ReceptionState.PLANNED)
    leader_level: Mapped[LeaderLevel] = mapped_column(enum_type(LeaderLevel, "leader_level"), default=LeaderLevel.STAFF)
    feedback: Mapped[LongText | None]
    touch_id: Mapped[int | None] = mapped_column(ForeignKey("touch.id"), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)

    enterprise: Mapped[Enterprise] = relationship()
    unit: Mapped[OrgUnit] = relationship()
    author: Mapped[User] = relationship()
    touch: Mapped[Touch | None] = relationship()
    people: Mapped[list[ReceptionPerson]] = relationship(order_by="ReceptionPerson.id")
    slots: Mapped[list[ReceptionSlot]] = relationship(order_by="ReceptionSlot.starts_at, ReceptionSlot.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class ReceptionPerson(Base):
    """A visitor or a host; some people of a role may stand without names."""

    __tablename__ = "reception_person"
    __table_args__ = (
        CheckConstraint("heads > 0", name="heads"),
        CheckConstraint("user_id IS NULL OR contact_id IS NULL", name="one"),
    )

    id: Mapped[IntPk]
    reception_id: Mapped[int] = mapped_column(ForeignKey("reception.id", ondelete="CASCADE"), index=True)
    side: Mapped[Side] = mapped_column(enum_type(Side, "side"))
    role: Mapped[PersonRole] = mapped_column(enum_type(PersonRole, "role"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    name: Mapped[Short | None]
    post: Mapped[Short | None]
    level: Mapped[LeaderLevel] = mapped_column(enum_type(LeaderLevel, "level"))
    heads: Mapped[int] = mapped_column(default=1)

    user: Mapped[User | None] = relationship()
    contact: Mapped[Contact | None] = relationship()

    @property
    def called(self) -> str:
        """Return the name; blank for people without names."""
        if self.user:
            return self.user.name
        return self.contact.name if self.contact else self.name or ""

    @property
    def title(self) -> str:
        """Return the post, from the register where it is known there."""
        return self.post or (self.contact.post if self.contact else None) or ""


class ReceptionSlot(Base):
    """One item of the itinerary, with place and the person responsible; a site may have its feedback."""

    __tablename__ = "reception_slot"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="times"),
        Index(None, "reception_id", "starts_at"),
    )

    id: Mapped[IntPk]
    reception_id: Mapped[int] = mapped_column(ForeignKey("reception.id", ondelete="CASCADE"))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    kind: Mapped[SlotKind] = mapped_column(enum_type(SlotKind, "kind"))
    title: Mapped[Line]
    place: Mapped[Line | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    responsible: Mapped[Short | None]
    feedback: Mapped[LongText | None]

    user: Mapped[User | None] = relationship()

    @property
    def keeper(self) -> str:
        """Return who is responsible."""
        return self.user.name if self.user else self.responsible or ""
