"""Exit cases: what was late, which letters were sent, who signed, and what credit was taken back."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import BigInt, Day, Instant, IntPk, Line, LongText, Money, enum_type
from crm.delivery.exits.rules import ReversalKind
from crm.pipeline.exits.models import ExitCase
from crm.pipeline.exits.rules import StepKind

__all__ = ["ExitCase"]  # read from here as well as from its own module


class ExitStep(Base):
    """One step of a case, with its letter. Never changed."""

    __tablename__ = "exit_step"
    __table_args__ = (Index("ix_exit_step_case_id", "case_id"),)

    id: Mapped[IntPk]
    case_id: Mapped[int] = mapped_column(ForeignKey("exit_case.id"))
    kind: Mapped[StepKind] = mapped_column(enum_type(StepKind, "kind"))
    on: Mapped[Day]
    due_on: Mapped[Day | None]
    detail: Mapped[LongText]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("delivery_letter.id"), unique=True)
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class ExitReversal(Base):
    """Credit that counted and is taken back on a day: a contract, capital or an entry of a stage (冲减)."""

    __tablename__ = "exit_reversal"
    __table_args__ = (Index("ix_exit_reversal_case_id", "case_id"),)

    id: Mapped[IntPk]
    case_id: Mapped[int] = mapped_column(ForeignKey("exit_case.id"))
    kind: Mapped[ReversalKind] = mapped_column(enum_type(ReversalKind, "kind"))
    ref_id: Mapped[BigInt]
    label: Mapped[Line]
    amount: Mapped[Money | None]
    counted_on: Mapped[Day]
    reversed_on: Mapped[Day]
