"""What proves that obligations were kept: dated records with evidence, payouts with what they rest on."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, LongText, Money, Short


class PayoutNeed(Base):
    """What a firm must have done before a payout (兑现条件)."""

    __tablename__ = "payout_need"
    __table_args__ = (CheckConstraint("payout_id <> needs_id", name="itself"),)

    payout_id: Mapped[int] = mapped_column(ForeignKey("obligation.id"), primary_key=True, autoincrement=False)
    needs_id: Mapped[int] = mapped_column(
        ForeignKey("obligation.id"), primary_key=True, autoincrement=False, index=True
    )


class ObligationRecord(Base):
    """A dated record of how far an obligation is, with its evidence. Never changed."""

    __tablename__ = "obligation_record"
    __table_args__ = (
        CheckConstraint("value IS NULL OR value >= 0", name="value"),
        Index("ix_obligation_record_obligation_id", "obligation_id", "id"),
    )

    id: Mapped[IntPk]
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligation.id"))
    on: Mapped[Day]
    value: Mapped[Money | None]
    evidence: Mapped[LongText]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class Payout(Base):
    """Money paid to a firm (奖补兑现) in 万元; a voucher is used once, and what unlocked it is written down with it."""

    __tablename__ = "payout"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("paid_on >= needs_met_on", name="unlocked"),
        Index("ix_payout_obligation_id", "obligation_id", "id"),
    )

    id: Mapped[IntPk]
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligation.id"))
    amount: Mapped[Money]
    paid_on: Mapped[Day]
    voucher: Mapped[Short] = mapped_column(unique=True)
    needs_met_on: Mapped[Day]
    review_basis: Mapped[LongText]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
