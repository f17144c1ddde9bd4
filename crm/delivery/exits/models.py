"""Exit cases: what was late, which letters were sent, who signed, and what credit was taken back."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import BigInt, Day, Instant, IntPk, JsonList, Line, LongText, Money, enum_type
from crm.delivery.exits.rules import Cause, ReversalKind, StepKind

OPEN = "closed_on IS NULL"


class ExitCase(Base):
    """One way out of a contract; a project has one open case at most. Who proposes to terminate never signs."""

    __tablename__ = "exit_case"
    __table_args__ = (
        CheckConstraint("signed_by IS NULL OR signed_by <> proposed_by", name="second"),
        CheckConstraint("last <> 'terminate' OR signed_by IS NOT NULL", name="signed"),
        CheckConstraint("(last IN ('terminate', 'resolve')) = (closed_on IS NOT NULL)", name="closed"),
        Index("uq_exit_case_open", "project_id", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("ix_exit_case_closed_on_id", "closed_on", "id"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    cause: Mapped[Cause] = mapped_column(enum_type(Cause, "cause"))
    grounds: Mapped[JsonList]
    last: Mapped[StepKind] = mapped_column(enum_type(StepKind, "last"))
    last_on: Mapped[Day]
    due_on: Mapped[Day | None]
    closed_on: Mapped[Day | None]
    opened_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    opened_at: Mapped[Instant]
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


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
