"""Current score of an enterprise and its append-only history with causes."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Code, Instant, IntPk, JsonList, Short


class EnterpriseScore(Base):
    """The score shown: 50 + signed reasons, which add up exactly."""

    __tablename__ = "enterprise_score"
    __table_args__ = (CheckConstraint("fit + intent + 50 = points", name="adds_up"), Index(None, "points"))

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"), primary_key=True)
    points: Mapped[int]
    fit: Mapped[int]
    intent: Mapped[int]
    grade: Mapped[Code]
    reasons: Mapped[JsonList]
    table_version: Mapped[Short]
    as_of: Mapped[Instant]


class ScoreEvent(Base):
    """One change of a score: what it was worth then, and why it moved."""

    __tablename__ = "score_event"
    __table_args__ = (Index(None, "enterprise_id", "scored_at"),)

    id: Mapped[IntPk]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"))
    scored_at: Mapped[Instant]
    points: Mapped[int]
    grade: Mapped[Code]
    cause: Mapped[Short]
    reasons: Mapped[JsonList]
    table_version: Mapped[Short]
