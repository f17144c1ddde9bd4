"""Lists typed for a unit in an assessment, and invitations to rate one another (互评) with their marks."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.assessment.books.models import AssessmentRun
from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, JsonList, Line, Money, Short


class AssessedList(Base):
    """A list (projects, events, marks) a person typed for a unit; the newest of a name counts, older ones stay."""

    __tablename__ = "assessed_list"
    __table_args__ = (Index(None, "run_id", "unit_id", "name"),)

    id: Mapped[IntPk]
    run_id: Mapped[int] = mapped_column(ForeignKey("assessment_run.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    name: Mapped[Short]
    rows: Mapped[JsonList]
    note: Mapped[Line | None]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class MutualRating(Base):
    """An invitation to rate the units of an assessment for one of its lists; its marks count once it is closed."""

    __tablename__ = "mutual_rating"
    __table_args__ = (
        UniqueConstraint("run_id", "name"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
    )

    id: Mapped[IntPk]
    run_id: Mapped[int] = mapped_column(ForeignKey("assessment_run.id", ondelete="CASCADE"))
    name: Mapped[Short]
    due_on: Mapped[Day]
    opened_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    opened_at: Mapped[Instant]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[Instant | None]

    run: Mapped[AssessmentRun] = relationship()
    rated: Mapped[list[MutualRated]] = relationship(order_by="MutualRated.unit_id")
    raters: Mapped[list[MutualRater]] = relationship(order_by="MutualRater.id", back_populates="rating")


class MutualRated(Base):
    """A unit that is rated."""

    __tablename__ = "mutual_rated"

    rating_id: Mapped[int] = mapped_column(ForeignKey("mutual_rating.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), primary_key=True)

    unit: Mapped[OrgUnit] = relationship()


class MutualRater(Base):
    """A person asked to rate, in which group of raters, and when the sheet was handed in."""

    __tablename__ = "mutual_rater"
    __table_args__ = (UniqueConstraint("rating_id", "user_id"), Index(None, "user_id"))

    id: Mapped[IntPk]
    rating_id: Mapped[int] = mapped_column(ForeignKey("mutual_rating.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    group: Mapped[Short] = mapped_column("group_name", default="")
    handed_at: Mapped[Instant | None]

    rating: Mapped[MutualRating] = relationship(back_populates="raters")
    user: Mapped[User] = relationship()


class MutualMark(Base):
    """A mark of a rater for a unit; no page shows it to anybody else."""

    __tablename__ = "mutual_mark"
    __table_args__ = (CheckConstraint("mark >= 0", name="mark"),)

    rater_id: Mapped[int] = mapped_column(ForeignKey("mutual_rater.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), primary_key=True)
    mark: Mapped[Money]
