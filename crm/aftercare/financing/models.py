"""Financing needs of firms and what was done about them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.aftercare.financing.rules import NeedState, NeedStepKind
from crm.core.db import Base
from crm.core.types import Instant, IntPk, Line, LongText, Money, enum_type
from crm.enterprises.models import Enterprise


class FinancingNeed(Base):
    """One sum a firm wants to borrow; amounts in 万元, ``term`` in months."""

    __tablename__ = "financing_need"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("term > 0", name="term"),
        CheckConstraint("(state = 'granted') = (granted IS NOT NULL)", name="granted"),
        CheckConstraint("granted IS NULL OR (granted > 0 AND granted <= amount)", name="granted_amount"),
        Index("ix_financing_need_state_id", "state", "id"),
    )

    id: Mapped[IntPk]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    amount: Mapped[Money]
    term: Mapped[int]
    purpose: Mapped[Line]
    pledge: Mapped[Line | None]
    state: Mapped[NeedState] = mapped_column(enum_type(NeedState, "state"), default=NeedState.OPEN)
    bank: Mapped[Line | None]
    granted: Mapped[Money | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)

    enterprise: Mapped[Enterprise] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class FinancingStep(Base):
    """One step about a need."""

    __tablename__ = "financing_step"
    __table_args__ = (Index("ix_financing_step_need_id_id", "need_id", "id"),)

    id: Mapped[IntPk]
    need_id: Mapped[int] = mapped_column(ForeignKey("financing_need.id"))
    kind: Mapped[NeedStepKind] = mapped_column(enum_type(NeedStepKind, "kind"))
    bank: Mapped[Line | None]
    granted: Mapped[Money | None]
    body: Mapped[LongText | None]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
