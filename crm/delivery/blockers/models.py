"""Blockers, what was done about each, and which rungs of the ladder a late one has climbed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import BigInt, Code, Day, Instant, IntPk, Line, LongText, Short, enum_type
from crm.delivery.blockers.rules import BlockerSource, StepKind, Way
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import FollowUp
from crm.pipeline.models import Project


class Blocker(Base):
    """Something in the way of a project or an enterprise: one unit and person to clear it, one deadline.

    Its follow-up is the task of the responsible person; that one is done when the unit reports the blocker as solved,
    the blocker itself is closed by the firm's word alone. ``first_due_on`` is the deadline it was raised with: what is
    closed in time is measured by it. ``ref_id`` names the visit, meeting item, finding or instruction it came from.
    """

    __tablename__ = "blocker"
    __table_args__ = (
        CheckConstraint("project_id IS NOT NULL OR enterprise_id IS NOT NULL", name="subject"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed_by"),
        CheckConstraint("(closed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed_by"),
        CheckConstraint("(closed_at IS NULL) = (confirmed_on IS NULL)", name="confirmed_on"),
        CheckConstraint("(closed_at IS NULL) = (confirmed_way IS NULL)", name="confirmed_way_given"),
        CheckConstraint("closed_by IS NULL OR closed_by <> responsible_id", name="separation"),
        CheckConstraint("closed_at IS NULL OR coordinate_at IS NULL", name="coordinated"),
        Index(None, "closed_at", "due_on", "id"),
        Index(None, "source", "ref_id"),
        Index(None, "raised_on"),
        Index(None, "confirmed_on"),
    )

    id: Mapped[IntPk]
    client_id: Mapped[Short] = mapped_column(unique=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    title: Mapped[Line]
    detail: Mapped[LongText | None]
    category: Mapped[Code] = mapped_column(index=True)
    source: Mapped[BlockerSource] = mapped_column(enum_type(BlockerSource, "source"))
    ref_id: Mapped[BigInt | None]
    owner_unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    responsible_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    due_on: Mapped[Day]
    first_due_on: Mapped[Day]
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"), unique=True)
    coordinate_at: Mapped[Instant | None]
    raised_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    raised_at: Mapped[Instant]
    raised_on: Mapped[Day]
    closed_at: Mapped[Instant | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    confirmed_by: Mapped[Short | None]
    confirmed_on: Mapped[Day | None]
    confirmed_way: Mapped[Way | None] = mapped_column(enum_type(Way, "confirmed_way"))

    project: Mapped[Project | None] = relationship()
    enterprise: Mapped[Enterprise | None] = relationship()
    unit: Mapped[OrgUnit] = relationship(foreign_keys=[unit_id])
    responsible: Mapped[User] = relationship(foreign_keys=[responsible_id])
    raiser: Mapped[User] = relationship(foreign_keys=[raised_by])
    follow_up: Mapped[FollowUp] = relationship()


class BlockerStep(Base):
    """One thing that happened; never changed.

    ``by`` is empty for what the clock did, ``link`` leads to a decision; ``day`` is the deadline that was set, or the
    day of the firm's word.
    """

    __tablename__ = "blocker_step"
    __table_args__ = (Index(None, "blocker_id", "id"),)

    id: Mapped[IntPk]
    blocker_id: Mapped[int] = mapped_column(ForeignKey("blocker.id"))
    kind: Mapped[StepKind] = mapped_column(enum_type(StepKind, "kind"))
    body: Mapped[LongText | None]
    day: Mapped[Day | None]
    link: Mapped[Line | None]
    by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]

    author: Mapped[User | None] = relationship()


class BlockerAlarm(Base):
    """A rung that a late blocker has climbed; a new deadline begins from the ground."""

    __tablename__ = "blocker_alarm"
    __table_args__ = (Index("uq_blocker_alarm_rung", "blocker_id", "due_on", "day", unique=True),)

    id: Mapped[IntPk]
    blocker_id: Mapped[int] = mapped_column(ForeignKey("blocker.id"))
    due_on: Mapped[Day]
    day: Mapped[int]
    at: Mapped[Instant]
