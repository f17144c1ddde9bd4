"""What a contract binds both sides to, and the deposit that backs it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, LongText, Money, Short, enum_type
from crm.pipeline.deals.rules import ObligationState, Side


class Obligation(Base):
    """One promise of one side (两边义务), captured at signing and settled with evidence."""

    __tablename__ = "obligation"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled"),
        CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name="settled_by"),
        CheckConstraint("state = 'open' OR evidence IS NOT NULL", name="evidence"),
        Index(None, "project_id", "state", "due_on"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), index=True)
    side: Mapped[Side] = mapped_column(enum_type(Side, "side"))
    body: Mapped[LongText]
    due_on: Mapped[Day | None]
    state: Mapped[ObligationState] = mapped_column(enum_type(ObligationState, "state"))
    evidence: Mapped[LongText | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    settled_at: Mapped[Instant | None]


class PerformanceDeposit(Base):
    """One instalment of the performance deposit (履约保证金): due, and paid with its voucher."""

    __tablename__ = "performance_deposit"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(paid_on IS NULL) = (voucher IS NULL)", name="voucher"),
        CheckConstraint("(paid_on IS NULL) = (recorded_by IS NULL)", name="recorded_by"),
        Index(None, "project_id", "due_on"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), index=True)
    amount: Mapped[Money]
    due_on: Mapped[Day]
    paid_on: Mapped[Day | None]
    voucher: Mapped[Short | None]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
