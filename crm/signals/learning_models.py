"""What people teach the reader of signals: answers on kinds, rules of the office, runs that try or train."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Code, Instant, IntPk, JsonDict, JsonList, Line, LongText, enum_type


class RunState(StrEnum):
    """Where a trial of a rule or a training stands."""

    QUEUED = "queued"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class SignalAnswer(Base):
    """What a person said of the kind of a signal: ``right_kinds`` are the kinds of the sentence, none when empty.

    The sentence and the reasons are copied, so that the answer outlives the signal and the article.
    """

    __tablename__ = "signal_answer"
    __table_args__ = (CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone"),)

    id: Mapped[IntPk]
    signal_id: Mapped[int | None] = mapped_column(ForeignKey("signal.id", ondelete="SET NULL"), index=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id", ondelete="SET NULL"), index=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id", ondelete="SET NULL"), index=True)
    quote: Mapped[LongText]
    kind: Mapped[Code]
    right_kinds: Mapped[JsonList]
    reasons: Mapped[JsonList]
    answered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[Instant] = mapped_column(index=True)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    undone_at: Mapped[Instant | None]

    @property
    def right(self) -> bool:
        """Whether the machine's kind was among the right ones."""
        return self.kind in self.right_kinds


class OfficeRule(Base):
    """A rule of kinds the office wrote, or what it changed of a packaged one (then without a pattern).

    ``examples`` holds ``yes`` and ``no``: sentences that must match and must not.
    """

    __tablename__ = "office_rule"
    __table_args__ = (CheckConstraint("weight > 0 AND weight <= 1", name="weight"),)

    id: Mapped[IntPk]
    key: Mapped[Code] = mapped_column(unique=True)
    kind: Mapped[Code]
    weight: Mapped[float]
    pattern: Mapped[LongText | None]
    not_pattern: Mapped[LongText | None]
    enabled: Mapped[bool] = mapped_column(default=True)
    examples: Mapped[JsonDict]
    note: Mapped[Line | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    updated_at: Mapped[Instant]


class LearningRun(Base):
    """A job a person asked for: a rule tried on past articles, or a training; its result can be found again."""

    __tablename__ = "learning_run"
    __table_args__ = (Index(None, "purpose", "subject", "id"),)

    id: Mapped[IntPk]
    purpose: Mapped[Code]
    subject: Mapped[Code]
    state: Mapped[RunState] = mapped_column(enum_type(RunState, "state"), default=RunState.QUEUED)
    counts: Mapped[JsonDict]
    result: Mapped[JsonDict]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
