"""Projects that look like earlier ones, and the keys by which they are found."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Code, Instant, IntPk, JsonList, Line, LongText, Money, enum_type
from crm.pipeline.repeats.rules import Grade, RepeatState


class ProjectKey(Base):
    """One key of a project, folded: its investor's group, the investor's name, its place and product."""

    __tablename__ = "project_key"
    __table_args__ = (Index("ix_project_key_kind_value", "kind", "value", "project_id"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True, autoincrement=False)
    kind: Mapped[Code] = mapped_column(primary_key=True)
    value: Mapped[Line]


class ProjectRepeat(Base):
    """A project that may be an earlier one in new clothes, why, and what was ruled."""

    __tablename__ = "project_repeat"
    __table_args__ = (
        UniqueConstraint("project_id", "earlier_id"),
        CheckConstraint("earlier_id < project_id", name="earlier"),
        CheckConstraint("(state = 'open') = (ruled_by IS NULL)", name="ruled"),
        CheckConstraint("(ruled_by IS NULL) = (ruled_at IS NULL)", name="ruled_at"),
        CheckConstraint("(state = 'expansion') = (increment IS NOT NULL)", name="expansion"),
        CheckConstraint("increment IS NULL OR increment > 0", name="increment"),
        CheckConstraint("ruled_by IS NULL OR ruled_by <> registered_by", name="own"),
        Index("ix_project_repeat_state", "state", "id"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    earlier_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    registered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    grade: Mapped[Grade] = mapped_column(enum_type(Grade, "grade"))
    reasons: Mapped[JsonList]
    state: Mapped[RepeatState] = mapped_column(enum_type(RepeatState, "state"))
    found_at: Mapped[Instant]
    increment: Mapped[Money | None]
    ruled_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ruled_at: Mapped[Instant | None]
    reason: Mapped[LongText | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)
