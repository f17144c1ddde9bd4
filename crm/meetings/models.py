"""Series of meetings, meetings, who came, agendas, and decisions followed to the end."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import BigInt, Code, Day, Instant, IntPk, Line, LongText, Short, enum_type
from crm.fieldwork.models import FollowUp
from crm.meetings.rules import DecisionState, MeetingKind, MeetingState, Presence, Rhythm, Source


class MeetingSeries(Base):
    """A meeting that recurs on the work calendar."""

    __tablename__ = "meeting_series"
    __table_args__ = (
        UniqueConstraint("unit_id", "name"),
        CheckConstraint("day BETWEEN 0 AND 31", name="day"),
    )

    id: Mapped[IntPk]
    name: Mapped[Short]
    kind: Mapped[MeetingKind] = mapped_column(enum_type(MeetingKind, "kind"))
    rhythm: Mapped[Rhythm] = mapped_column(enum_type(Rhythm, "rhythm"))
    day: Mapped[int]
    first_on: Mapped[Day]
    starts_at: Mapped[Code]
    place: Mapped[Line | None]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    chair_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    ended_on: Mapped[Day | None]

    unit: Mapped[OrgUnit] = relationship()


class MeetingMember(Base):
    """Who belongs to a series."""

    __tablename__ = "meeting_member"
    __table_args__ = (UniqueConstraint("series_id", "user_id"),)

    id: Mapped[IntPk]
    series_id: Mapped[int] = mapped_column(ForeignKey("meeting_series.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)


class Meeting(Base):
    """One meeting; ``nominal_on`` is the day its rhythm gave, ``number`` counts the meetings held in a year."""

    __tablename__ = "meeting"
    __table_args__ = (
        UniqueConstraint("series_id", "nominal_on"),
        UniqueConstraint("unit_id", "kind", "year", "number"),
        CheckConstraint("(state IN ('held', 'issued')) = (number IS NOT NULL)", name="number"),
        CheckConstraint("(state = 'issued') = (issued_at IS NOT NULL)", name="issued"),
        CheckConstraint("(state = 'cancelled') = (cancel_reason IS NOT NULL)", name="cancelled"),
        Index(None, "held_on", "id"),
    )

    id: Mapped[IntPk]
    series_id: Mapped[int | None] = mapped_column(ForeignKey("meeting_series.id"))
    nominal_on: Mapped[Day | None]
    kind: Mapped[MeetingKind] = mapped_column(enum_type(MeetingKind, "kind"))
    title: Mapped[Line]
    held_on: Mapped[Day]
    starts_at: Mapped[Code]
    place: Mapped[Line | None]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    chair_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    state: Mapped[MeetingState] = mapped_column(enum_type(MeetingState, "state"))
    year: Mapped[int | None]
    number: Mapped[int | None]
    guests: Mapped[LongText | None]
    minutes: Mapped[LongText | None]
    cancel_reason: Mapped[Line | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    issued_at: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[OrgUnit] = relationship()
    chair: Mapped[User | None] = relationship(foreign_keys=[chair_id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class MeetingPerson(Base):
    """Who is to come to a meeting, and whether they did."""

    __tablename__ = "meeting_person"
    __table_args__ = (UniqueConstraint("meeting_id", "user_id"),)

    id: Mapped[IntPk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    presence: Mapped[Presence] = mapped_column(enum_type(Presence, "presence"), default=Presence.EXPECTED)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    changed_at: Mapped[Instant | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id])


class AgendaItem(Base):
    """One item of an agenda; ``ref_id`` names the row it came from, ``project_id`` hides it from who may not see it."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        UniqueConstraint("meeting_id", "source", "ref_id"),
        CheckConstraint("(source = 'manual') = (ref_id IS NULL)", name="ref"),
        Index(None, "meeting_id", "position"),
    )

    id: Mapped[IntPk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    position: Mapped[int]
    source: Mapped[Source] = mapped_column(enum_type(Source, "source"))
    ref_id: Mapped[BigInt | None]
    title: Mapped[Line]
    detail: Mapped[LongText | None]
    due_on: Mapped[Day | None]
    href: Mapped[Line | None]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    note: Mapped[LongText | None]
    added_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    added_at: Mapped[Instant]


class MeetingDecision(Base):
    """What a meeting decided (议定事项): its number, owner and date; closed with a result, or dropped by a decision."""

    __tablename__ = "meeting_decision"
    __table_args__ = (
        UniqueConstraint("meeting_id", "seq"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at"),
        CheckConstraint("(state = 'open') = (closed_by IS NULL)", name="closed_by"),
        CheckConstraint("(state = 'open') = (note IS NULL)", name="note"),
        CheckConstraint("(state = 'dropped') = (drop_number IS NOT NULL)", name="drop_number"),
        CheckConstraint("(drop_number IS NULL) = (dropped_on IS NULL)", name="dropped_on"),
        Index(None, "state", "due_on", "id"),
        Index(None, "owner_id", "state"),
    )

    id: Mapped[IntPk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id"), index=True)
    seq: Mapped[int]
    text: Mapped[LongText]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    due_on: Mapped[Day]
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"), unique=True)
    state: Mapped[DecisionState] = mapped_column(enum_type(DecisionState, "state"), default=DecisionState.OPEN)
    note: Mapped[LongText | None]
    drop_number: Mapped[Short | None]
    dropped_on: Mapped[Day | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[Instant | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]

    meeting: Mapped[Meeting] = relationship()
    unit: Mapped[OrgUnit] = relationship()
    owner: Mapped[User] = relationship(foreign_keys=[owner_id])
    follow_up: Mapped[FollowUp] = relationship()
