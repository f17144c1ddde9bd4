"""Half-monthly checks of a plan, and opinions asked of departments inside the office."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import OrgUnit
from crm.core.db import Base
from crm.core.types import BigInt, Day, Instant, IntPk, JsonList, Line, LongText, Short, enum_type
from crm.delivery.plans.lights import Light
from crm.delivery.plans.rules import OpinionState


class PlanCheck(Base):
    """One half-monthly check (每半月跟踪) as it was filled in: what had changed, and what people said; never edited.

    ``upto`` is the newest fact it has seen: the next form begins after it.
    """

    __tablename__ = "plan_check"
    __table_args__ = (
        CheckConstraint("upto >= 0", name="upto"),
        Index("uq_plan_check_after", "plan_id", "after", unique=True),
        Index("ix_plan_check_plan_id_checked_on", "plan_id", "checked_on"),
    )

    id: Mapped[IntPk]
    plan_id: Mapped[int] = mapped_column(ForeignKey("delivery_plan.id"))
    after: Mapped[BigInt]  # the check before this one, 0 for the first: nobody fills in the same form twice
    checked_on: Mapped[Day]
    progress: Mapped[LongText]
    problem: Mapped[LongText | None]
    next_step: Mapped[LongText]
    light: Mapped[Light] = mapped_column(enum_type(Light, "light"))
    changes: Mapped[JsonList]
    upto: Mapped[BigInt]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class PlanOpinion(Base):
    """An opinion asked of a department inside the office; the only thing its silence may stand for (超时默认)."""

    __tablename__ = "plan_opinion"
    __table_args__ = (
        CheckConstraint("due_on > noticed_on", name="due_on"),
        CheckConstraint("(state = 'asked') = (answered_on IS NULL)", name="answered_on"),
        CheckConstraint("(state = 'deemed') = (responsible_id IS NOT NULL)", name="responsible"),
        Index("ix_plan_opinion_plan_id", "plan_id"),
    )

    id: Mapped[IntPk]
    plan_id: Mapped[int] = mapped_column(ForeignKey("delivery_plan.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    matter: Mapped[Line]
    noticed_on: Mapped[Day]
    notice: Mapped[Short]
    due_on: Mapped[Day]
    state: Mapped[OpinionState] = mapped_column(enum_type(OpinionState, "state"))
    answered_on: Mapped[Day | None]
    answer: Mapped[LongText | None]
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]

    unit: Mapped[OrgUnit] = relationship()
