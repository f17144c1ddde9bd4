"""Instructions of leaders and what was answered; never deleted."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, LongText, Short, enum_type
from crm.pipeline.instructions.rules import InstructionState, ReplyKind, Urgency


class Instruction(Base):
    """What a leader wants done about a project or an enterprise, by whom and until when."""

    __tablename__ = "instruction"
    __table_args__ = (
        CheckConstraint("(project_id IS NULL) <> (enterprise_id IS NULL)", name="subject"),
        CheckConstraint("given_by = leader_id OR paper_no IS NOT NULL", name="paper_no"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        Index(None, "state", "due_on", "id"),
        Index(None, "project_id"),
        Index(None, "enterprise_id"),
        Index(None, "unit_id", "state"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))
    body: Mapped[LongText]
    urgency: Mapped[Urgency] = mapped_column(enum_type(Urgency, "urgency"))
    paper_no: Mapped[Short | None]
    leader_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    given_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    given_at: Mapped[Instant]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    due_on: Mapped[Day]
    state: Mapped[InstructionState] = mapped_column(enum_type(InstructionState, "state"), default=InstructionState.OPEN)
    closed_at: Mapped[Instant | None]


class InstructionReply(Base):
    """Progress, a report of being done, acceptance, or sending back."""

    __tablename__ = "instruction_reply"
    __table_args__ = (Index(None, "instruction_id", "id"),)

    id: Mapped[IntPk]
    instruction_id: Mapped[int] = mapped_column(ForeignKey("instruction.id"))
    kind: Mapped[ReplyKind] = mapped_column(enum_type(ReplyKind, "kind"))
    body: Mapped[LongText | None]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
