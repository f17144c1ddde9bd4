"""Editions of the counting rules, rulings by hand, and the marks that say what does not count."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, JsonDict, LongText, enum_type
from crm.pipeline.counting.words import Rule


class CountingEdition(Base):
    """All rules as the office set them, from a day on; who set them, when and on what ground. Never changed."""

    __tablename__ = "counting_edition"
    __table_args__ = (Index(None, "effective_on"),)

    id: Mapped[IntPk]
    effective_on: Mapped[Day]
    rules: Mapped[JsonDict]
    reason: Mapped[LongText]
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[Instant]


class CountingRuling(Base):
    """What was ruled by hand of a project under one rule; the newest holds. Never changed."""

    __tablename__ = "counting_ruling"
    __table_args__ = (Index(None, "project_id"),)

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    rule: Mapped[Rule] = mapped_column(enum_type(Rule, "rule"))
    counts: Mapped[bool]
    reason: Mapped[LongText]
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[Instant]


class CountingMark(Base):
    """Why a project does not count: all of it, one contract, or what happens from ``from_at`` on.

    In force from ``noted_at`` until ``lifted_at``, so that a figure as of an earlier moment stays what it was.
    """

    __tablename__ = "counting_mark"
    __table_args__ = (Index("ix_counting_mark_project_id", "project_id", "noted_at"),)

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"), index=True)
    rule: Mapped[Rule] = mapped_column(enum_type(Rule, "rule"))
    ruled: Mapped[bool]
    params: Mapped[JsonDict]
    from_at: Mapped[Instant | None]
    noted_at: Mapped[Instant]
    lifted_at: Mapped[Instant | None]
