"""Satisfaction surveys: a few questions, one answer of each firm."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, JsonList, Line, LongText
from crm.enterprises.models import Enterprise


class Survey(Base):
    """One survey: up to ten questions, each answered from 5 (very satisfied) to 1."""

    __tablename__ = "survey"

    id: Mapped[IntPk]
    title: Mapped[Line]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    questions: Mapped[JsonList]
    closes_on: Mapped[Day]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]


class SurveyAnswer(Base):
    """What one firm answered: by itself on its link (``typed_by`` is nobody), or typed in by one of us."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        Index("uq_survey_answer_survey_id_enterprise_id", "survey_id", "enterprise_id", unique=True),
        Index("ix_survey_answer_enterprise_id", "enterprise_id"),
    )

    id: Mapped[IntPk]
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    scores: Mapped[JsonList]
    remark: Mapped[LongText | None]
    typed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]

    enterprise: Mapped[Enterprise] = relationship()
