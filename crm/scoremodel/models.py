"""Jobs people ask for on the models of scores: who would move, how well a model did; watched, stopped, found again."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Code, Instant, IntPk, JsonDict, Line, enum_type

OPEN = text("state = 'queued'")


class Purpose(StrEnum):
    """What a run is for."""

    PREVIEW = "preview"
    BACKTEST = "backtest"


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class ScoreRun(Base):
    """One run; at most one of a purpose and subject is open, whoever presses the button, and how often.

    ``subject`` is the version that is previewed (``model:7``), or ``office`` for the history of the office.
    ``beat_at`` is the last sign of life: a run that nobody heard of for long no longer stands in the way.
    """

    __tablename__ = "score_run"
    __table_args__ = (
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
        CheckConstraint("(state = 'queued') = (finished_at IS NULL)", name="finished"),
        Index(None, "purpose", "subject", "id"),
        Index("uq_score_run_open", "purpose", "subject", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[IntPk]
    purpose: Mapped[Purpose] = mapped_column(enum_type(Purpose, "purpose"))
    subject: Mapped[Code]
    state: Mapped[RunState] = mapped_column(enum_type(RunState, "state"), default=RunState.QUEUED)
    model_id: Mapped[int | None] = mapped_column(ForeignKey("score_model.id", ondelete="CASCADE"), index=True)
    percent: Mapped[int] = mapped_column(default=0)
    note: Mapped[Line | None]
    result: Mapped[JsonDict]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    beat_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]

    @property
    def going(self) -> bool:
        """Whether it still runs or waits."""
        return self.state is RunState.QUEUED
