"""The office's own people as talent (招商人才库): skills, languages, trainings; rotation is the roster's history."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.auth.rules import SkillKind
from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, Line, Short, enum_type


class StaffSkill(Base):
    """Something a colleague can do: a language, an industry, a certificate, a skill."""

    __tablename__ = "staff_skill"
    __table_args__ = (UniqueConstraint("user_id", "kind", "name"),)

    id: Mapped[IntPk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    kind: Mapped[SkillKind] = mapped_column(enum_type(SkillKind, "kind"))
    name: Mapped[Short]
    level: Mapped[Code | None]
    since: Mapped[Day | None]
    note: Mapped[Line | None]
    created_at: Mapped[Instant]


class Training(Base):
    """A training that was held (定期培训)."""

    __tablename__ = "training"
    __table_args__ = (CheckConstraint("hours IS NULL OR hours > 0", name="hours"),)

    id: Mapped[IntPk]
    title: Mapped[Line]
    held_on: Mapped[Day]
    hours: Mapped[int | None]
    place: Mapped[Line | None]
    topic: Mapped[Line | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]


class TrainingPlace(Base):
    """Who took part in a training."""

    __tablename__ = "training_place"

    training_id: Mapped[int] = mapped_column(ForeignKey("training.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    result: Mapped[Short | None]
