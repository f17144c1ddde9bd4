"""Site tours (观摩拉练) with stops, judges, one sheet a judge a stop, and results once closed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.assessment.tours.rules import TourState
from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, JsonDict, JsonList, Line, LongText, Money, Short, enum_type


class SiteTour(Base):
    """One tour of a quarter; ``criteria`` are rows of key, label, full and weight; ``trim`` drops both extremes."""

    __tablename__ = "site_tour"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter"),
        CheckConstraint("(state = 'draft') = (opened_at IS NULL)", name="opened"),
        CheckConstraint("(state = 'closed') = (closed_by IS NOT NULL)", name="closed"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed_at"),
        Index(None, "held_on", "id"),
    )

    id: Mapped[IntPk]
    name: Mapped[Short]
    year: Mapped[int]
    quarter: Mapped[int]
    held_on: Mapped[Day]
    note: Mapped[LongText | None]
    criteria: Mapped[JsonList]
    trim: Mapped[bool] = mapped_column(default=False)
    state: Mapped[TourState] = mapped_column(enum_type(TourState, "state"))
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    opened_at: Mapped[Instant | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1)

    stops: Mapped[list[TourStop]] = relationship(order_by="TourStop.position, TourStop.id", back_populates="tour")
    judges: Mapped[list[TourJudge]] = relationship(order_by="TourJudge.id", back_populates="tour")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class TourStop(Base):
    """A place on the way: what a unit shows, one of its projects if it is in the register."""

    __tablename__ = "tour_stop"
    __table_args__ = (UniqueConstraint("tour_id", "unit_id", "title"),)

    id: Mapped[IntPk]
    tour_id: Mapped[int] = mapped_column(ForeignKey("site_tour.id", ondelete="CASCADE"))
    position: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    title: Mapped[Line]

    tour: Mapped[SiteTour] = relationship(back_populates="stops")
    unit: Mapped[OrgUnit] = relationship()


class TourJudge(Base):
    """A person who judges."""

    __tablename__ = "tour_judge"
    __table_args__ = (UniqueConstraint("tour_id", "user_id"), Index(None, "user_id"))

    id: Mapped[IntPk]
    tour_id: Mapped[int] = mapped_column(ForeignKey("site_tour.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))

    tour: Mapped[SiteTour] = relationship(back_populates="judges")
    user: Mapped[User] = relationship()


class TourSheet(Base):
    """The sheet of a judge for a stop: a mark for each criterion as typed, and the points of a hundred."""

    __tablename__ = "tour_sheet"
    __table_args__ = (
        UniqueConstraint("stop_id", "judge_id"),
        CheckConstraint("points >= 0 AND points <= 100000000", name="points"),
    )

    id: Mapped[IntPk]
    stop_id: Mapped[int] = mapped_column(ForeignKey("tour_stop.id", ondelete="CASCADE"))
    judge_id: Mapped[int] = mapped_column(ForeignKey("tour_judge.id", ondelete="CASCADE"), index=True)
    marks: Mapped[JsonDict]
    points: Mapped[Money]
    remark: Mapped[LongText | None]
    at: Mapped[Instant]

    stop: Mapped[TourStop] = relationship()
    judge: Mapped[TourJudge] = relationship()


class TourResult(Base):
    """What a unit got, fixed when the tour is closed."""

    __tablename__ = "tour_result"
    __table_args__ = (UniqueConstraint("tour_id", "unit_id"),)

    id: Mapped[IntPk]
    tour_id: Mapped[int] = mapped_column(ForeignKey("site_tour.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    points: Mapped[Money]
    rank: Mapped[int]
    stops: Mapped[int]

    unit: Mapped[OrgUnit] = relationship()
