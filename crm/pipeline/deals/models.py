"""What a contract binds both sides to, and the deposit that backs it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, Line, LongText, Money, Short, enum_type
from crm.pipeline.deals.duties import Duty
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


class ObligationTerm(Base):
    """What makes an obligation measurable: its kind, how much of what, in which currency at which rate of the day.

    ``met_on`` is the day of the fact that fulfilled it; a stage or land tells its own day and leaves it empty.
    """

    __tablename__ = "obligation_term"
    __table_args__ = (
        CheckConstraint("amount IS NULL OR amount > 0", name="amount"),
        CheckConstraint("(currency = 'CNY') = (rate IS NULL)", name="rate"),
        CheckConstraint(
            "(rate IS NULL) = (original_amount IS NULL) AND (rate IS NULL) = (rate_on IS NULL) "
            "AND (rate IS NULL) = (rate_source IS NULL)",
            name="rate_used",
        ),
        CheckConstraint("kind = 'payout' OR clause_id IS NULL", name="clause"),
    )

    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligation.id"), primary_key=True, autoincrement=False)
    kind: Mapped[Duty] = mapped_column(enum_type(Duty, "kind"))
    amount: Mapped[Money | None]
    currency: Mapped[Code] = mapped_column(default="CNY", server_default="CNY")
    original_amount: Mapped[Money | None]
    rate: Mapped[Money | None]
    rate_on: Mapped[Day | None]
    rate_source: Mapped[Line | None]
    clause_id: Mapped[int | None] = mapped_column(ForeignKey("policy_clause.id"), index=True)
    met_on: Mapped[Day | None]


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
