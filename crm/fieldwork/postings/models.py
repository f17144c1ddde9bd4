"""Posts (驻点), who is sent there, signed notes of being there, absences."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, Line, LongText, Short, enum_type
from crm.fieldwork.postings.guards import watch
from crm.fieldwork.postings.rules import AbsenceReason, PostRole, Rank


class StationedPost(Base):
    """A place away from home where people of the office stay; closed ones keep their rows."""

    __tablename__ = "stationed_post"
    __table_args__ = (
        CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="dates"),
        CheckConstraint("(closed_on IS NULL) = (close_reason IS NULL)", name="closed"),
        CheckConstraint("target_people > 0", name="target_people"),
    )

    id: Mapped[IntPk]
    name: Mapped[Short] = mapped_column(unique=True)
    region: Mapped[Short] = mapped_column(index=True)
    address: Mapped[Line | None]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    managing_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    opened_on: Mapped[Day]
    closed_on: Mapped[Day | None]
    close_reason: Mapped[Line | None]
    target_people: Mapped[int]
    target_rank: Mapped[Rank] = mapped_column(enum_type(Rank, "target_rank"))
    note: Mapped[LongText | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]

    unit: Mapped[OrgUnit] = relationship(foreign_keys=[unit_id])
    managing_unit: Mapped[OrgUnit | None] = relationship(foreign_keys=[managing_unit_id])


class Posting(Base):
    """Who is at which post from when to when; nobody is at two posts full time on one day."""

    __tablename__ = "posting"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
        CheckConstraint("role <> 'rotating' OR NOT full_time", name="rotating"),
        Index(None, "post_id", "valid_from"),
        Index(None, "user_id", "valid_from"),
    )

    id: Mapped[IntPk]
    post_id: Mapped[int] = mapped_column(ForeignKey("stationed_post.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    role: Mapped[PostRole] = mapped_column(enum_type(PostRole, "role"))
    rank: Mapped[Rank] = mapped_column(enum_type(Rank, "rank"))
    full_time: Mapped[bool]
    valid_from: Mapped[Day]
    valid_to: Mapped[Day | None]
    end_reason: Mapped[Line | None]
    set_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    set_at: Mapped[Instant]

    post: Mapped[StationedPost] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])


class CheckIn(Base):
    """A note signed by hand: I am here today; no place is read."""

    __tablename__ = "check_in"
    __table_args__ = (Index("uq_check_in_day", "posting_id", "day", unique=True),)

    id: Mapped[IntPk]
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    day: Mapped[Day] = mapped_column(index=True)
    note: Mapped[Line]
    signed_at: Mapped[Instant]


class Absence(Base):
    """Days on which somebody of a post was elsewhere, with the reason."""

    __tablename__ = "absence"
    __table_args__ = (CheckConstraint("to_day >= from_day", name="dates"),)

    id: Mapped[IntPk]
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"), index=True)
    reason: Mapped[AbsenceReason] = mapped_column(enum_type(AbsenceReason, "reason"))
    from_day: Mapped[Day]
    to_day: Mapped[Day]
    note: Mapped[Line | None]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[Instant]


if isinstance(Posting.__table__, Table):
    watch(Posting.__table__)
