"""Each time a project left the road: where to, and what was learned of it; cases that end a contract."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, JsonList, Line, LongText, enum_type
from crm.pipeline.exits.rules import Cause, StepKind
from crm.pipeline.words import ExitKind, ExitReason

LASTS = text("restored_at IS NULL")
OPEN = text("closed_on IS NULL")


class ProjectExit(Base):
    """One exit; coming back ends it, and it stays in the history. A loss is reviewed (流失复盘) by a day."""

    __tablename__ = "project_exit"
    __table_args__ = (
        CheckConstraint("kind <> 'lost' OR (place IS NOT NULL AND learn_by IS NOT NULL)", name="place"),
        CheckConstraint("(kind = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into"),
        CheckConstraint("merged_into_id IS NULL OR merged_into_id <> project_id", name="merged_itself"),
        CheckConstraint("(kind = 'transferred') = (to_unit_id IS NOT NULL)", name="to_unit"),
        CheckConstraint("kind <> 'suspended' OR review_on IS NOT NULL", name="review_on"),
        CheckConstraint("(learned IS NULL) = (learned_by IS NULL)", name="learned"),
        CheckConstraint("(learned IS NULL) = (learned_at IS NULL)", name="learned_at"),
        Index("uq_project_exit_lasting", "project_id", unique=True, sqlite_where=LASTS, postgresql_where=LASTS),
        Index(None, "kind", "learn_by"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    kind: Mapped[ExitKind] = mapped_column(enum_type(ExitKind, "kind"))
    reason: Mapped[ExitReason] = mapped_column(enum_type(ExitReason, "reason"))
    detail: Mapped[LongText]
    place: Mapped[Line | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    to_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    review_on: Mapped[Day | None]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
    restored_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    restored_at: Mapped[Instant | None]
    learn_by: Mapped[Day | None]
    learned: Mapped[LongText | None]
    learned_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    learned_at: Mapped[Instant | None]


class ExitCase(Base):
    """One way out of a contract; a project has one open case at most. Who proposes to terminate never signs."""

    __tablename__ = "exit_case"
    __table_args__ = (
        CheckConstraint("signed_by IS NULL OR signed_by <> proposed_by", name="second"),
        CheckConstraint("last <> 'terminate' OR signed_by IS NOT NULL", name="signed"),
        CheckConstraint("(last IN ('terminate', 'resolve')) = (closed_on IS NOT NULL)", name="closed"),
        Index("uq_exit_case_open", "project_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
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
