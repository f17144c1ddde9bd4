"""What units said about a week without news, and which were reminded of a week's report."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Instant, IntPk


class WeeklySilence(Base):
    """A unit's word that it has nothing to report for a week (本周无动态)."""

    __tablename__ = "weekly_silence"
    __table_args__ = (UniqueConstraint("iso_year", "iso_week", "unit_id"),)

    id: Mapped[IntPk]
    iso_year: Mapped[int]
    iso_week: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    said_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    said_at: Mapped[Instant]


class WeeklyChase(Base):
    """A reminder of a unit: so many hours before the cut-off, one of each at most, or by a person's hand."""

    __tablename__ = "weekly_chase"
    __table_args__ = (
        UniqueConstraint("iso_year", "iso_week", "unit_id", "hours"),
        CheckConstraint("hours > 0", name="hours"),
        CheckConstraint("(hours IS NULL) = (told_by IS NOT NULL)", name="told_by"),
    )

    id: Mapped[IntPk]
    iso_year: Mapped[int]
    iso_week: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    hours: Mapped[int | None]
    told_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    told_at: Mapped[Instant]
    people: Mapped[int]
