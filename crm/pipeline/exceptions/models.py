"""Requests for exceptions and the decisions on them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, LongText, Short, enum_type
from crm.pipeline.exceptions.rules import NEVER, ExceptionKind, ExceptionState, FairReview

LAWFUL = ", ".join(f"'{key}'" for key in NEVER)
OPEN = text("state = 'asked' AND demand IS NOT NULL")


class GateException(Base):
    """A demand waived or a policy granted by a leader, until a day; kept whatever was decided."""

    __tablename__ = "gate_exception"
    __table_args__ = (
        CheckConstraint("(kind = 'special') = (demand IS NOT NULL)", name="demand"),
        CheckConstraint(f"demand IS NULL OR demand NOT IN ({LAWFUL})", name="never"),
        CheckConstraint("kind <> 'case' OR (granted IS NOT NULL AND legal_basis IS NOT NULL)", name="granted"),
        CheckConstraint("(state = 'asked') = (decided_by IS NULL)", name="decided"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="separation"),
        CheckConstraint("state NOT IN ('granted', 'revoked') OR decision_no IS NOT NULL", name="decision_no"),
        CheckConstraint("(state = 'revoked') = (revoked_at IS NOT NULL)", name="revoked"),
        Index(None, "project_id", "state"),
        Index("uq_gate_exception_open", "project_id", "demand", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[ExceptionKind] = mapped_column(enum_type(ExceptionKind, "kind"))
    demand: Mapped[Code | None]
    reason: Mapped[LongText]
    granted: Mapped[LongText | None]
    legal_basis: Mapped[LongText | None]
    fair_review: Mapped[FairReview] = mapped_column(enum_type(FairReview, "fair_review"))
    valid_until: Mapped[Day]
    expires_at: Mapped[Instant]
    state: Mapped[ExceptionState] = mapped_column(enum_type(ExceptionState, "state"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[Instant]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[Instant | None]
    decision_no: Mapped[Short | None]
    note: Mapped[LongText | None]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    revoked_at: Mapped[Instant | None]
