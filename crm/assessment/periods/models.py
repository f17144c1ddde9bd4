"""Periods, what units handed in, the figures frozen at closing with their rows, and corrections made later."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.assessment.periods.rules import PeriodKind, PeriodState
from crm.auth.models import OrgUnit
from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, JsonList, LongText, Money, Short, enum_type


class Period(Base):
    """One period of a kind (账期)."""

    __tablename__ = "period"
    __table_args__ = (
        UniqueConstraint("kind", "start_on"),
        CheckConstraint("end_on >= start_on", name="dates"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("state IN ('open', 'checked') OR cutoff_at IS NOT NULL", name="cutoff"),
        CheckConstraint("(state = 'open') = (checked_by IS NULL)", name="checked"),
    )

    id: Mapped[IntPk]
    kind: Mapped[PeriodKind] = mapped_column(enum_type(PeriodKind, "kind"))
    name: Mapped[Short]
    start_on: Mapped[Day]
    end_on: Mapped[Day]
    state: Mapped[PeriodState] = mapped_column(enum_type(PeriodState, "state"))
    waived: Mapped[LongText | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    checked_at: Mapped[Instant | None]
    closing_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    cutoff_at: Mapped[Instant | None]
    closed_at: Mapped[Instant | None]


class PeriodReturn(Base):
    """Whether a unit has handed in for a period."""

    __tablename__ = "period_return"
    __table_args__ = (
        UniqueConstraint("period_id", "unit_id"),
        CheckConstraint("(submitted_at IS NULL) = (submitted_by IS NULL)", name="submitted"),
    )

    id: Mapped[IntPk]
    period_id: Mapped[int] = mapped_column(ForeignKey("period.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    note: Mapped[LongText | None]
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    submitted_at: Mapped[Instant | None]

    unit: Mapped[OrgUnit] = relationship()


class PeriodFigure(Base):
    """A figure of a unit as it was at closing; never changed afterwards."""

    __tablename__ = "period_figure"
    __table_args__ = (UniqueConstraint("period_id", "measure", "unit_id"),)

    id: Mapped[IntPk]
    period_id: Mapped[int] = mapped_column(ForeignKey("period.id", ondelete="CASCADE"))
    measure: Mapped[Code]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    value: Mapped[Money]
    row_count: Mapped[int]


class PeriodRow(Base):
    """Rows behind a figure as they read at closing, some hundred to a piece: id, day, names, note, amount."""

    __tablename__ = "period_row"
    __table_args__ = (UniqueConstraint("period_id", "measure", "piece"),)

    id: Mapped[IntPk]
    period_id: Mapped[int] = mapped_column(ForeignKey("period.id", ondelete="CASCADE"))
    measure: Mapped[Code]
    piece: Mapped[int]
    rows: Mapped[JsonList]


class PeriodCorrection(Base):
    """What a closed figure came to later, dated and shown in a later period; snapshot + corrections = what is known."""

    __tablename__ = "period_correction"
    __table_args__ = (
        UniqueConstraint("in_period_id", "period_id", "measure", "unit_id"),
        CheckConstraint("difference <> 0", name="difference"),
        CheckConstraint("in_period_id <> period_id", name="later"),
        Index(None, "period_id"),
    )

    id: Mapped[IntPk]
    period_id: Mapped[int] = mapped_column(ForeignKey("period.id"))
    in_period_id: Mapped[int] = mapped_column(ForeignKey("period.id"))
    measure: Mapped[Code]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    difference: Mapped[Money]
    noted_at: Mapped[Instant]

    period: Mapped[Period] = relationship(foreign_keys=[period_id])
    unit: Mapped[OrgUnit] = relationship()
