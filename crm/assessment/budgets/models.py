"""Budgets of units by year, and entries of what was spent beside what trips and events record themselves."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.assessment.budgets.rules import SpendKind
from crm.auth.models import OrgUnit
from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, Line, Money, Short, enum_type


class UnitBudget(Base):
    """The budget of a unit for a year, in 万元."""

    __tablename__ = "unit_budget"
    __table_args__ = (
        UniqueConstraint("unit_id", "year"),
        CheckConstraint("amount >= 0", name="amount"),
        Index(None, "year"),
    )

    id: Mapped[IntPk]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    year: Mapped[int]
    amount: Mapped[Money]
    basis: Mapped[Line | None]
    set_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    set_at: Mapped[Instant]


class Spending(Base):
    """Money a unit spent, in 万元; voided with a reason, never changed."""

    __tablename__ = "spending"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("trip_id IS NULL OR event_id IS NULL", name="one_cause"),
        CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="voided"),
        CheckConstraint("(voided_at IS NULL) = (voided_by IS NULL)", name="voided_by"),
        Index(None, "unit_id", "spent_on"),
        Index(None, "spent_on", "id"),
    )

    id: Mapped[IntPk]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    spent_on: Mapped[Day]
    kind: Mapped[SpendKind] = mapped_column(enum_type(SpendKind, "kind"))
    amount: Mapped[Money]
    purpose: Mapped[Line]
    receipt: Mapped[Short | None]
    trip_id: Mapped[int | None] = mapped_column(ForeignKey("trip.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    touch_id: Mapped[int | None] = mapped_column(ForeignKey("touch.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    entered_at: Mapped[Instant]
    voided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    voided_at: Mapped[Instant | None]
    void_reason: Mapped[Line | None]

    unit: Mapped[OrgUnit] = relationship()
