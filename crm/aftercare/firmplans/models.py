"""一企一策: the plan for one firm, and its items with owner and day."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import User
from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, Line, LongText
from crm.enterprises.models import Enterprise


class FirmPlan(Base):
    """What the office wants to do for one firm; a firm has one plan."""

    __tablename__ = "firm_plan"
    __table_args__ = (Index("uq_firm_plan_enterprise_id", "enterprise_id", unique=True),)

    id: Mapped[IntPk]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    goal: Mapped[LongText]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]

    enterprise: Mapped[Enterprise] = relationship()
    items: Mapped[list[FirmPlanItem]] = relationship(order_by="FirmPlanItem.due_on, FirmPlanItem.id")


class FirmPlanItem(Base):
    """One thing to do for the firm: by whom, until when, what came of it."""

    __tablename__ = "firm_plan_item"
    __table_args__ = (
        CheckConstraint("(done_on IS NULL) = (result IS NULL)", name="done"),
        Index("ix_firm_plan_item_plan_id", "plan_id"),
        Index("ix_firm_plan_item_owner_id", "owner_id"),
    )

    id: Mapped[IntPk]
    plan_id: Mapped[int] = mapped_column(ForeignKey("firm_plan.id"))
    title: Mapped[Line]
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    due_on: Mapped[Day]
    done_on: Mapped[Day | None]
    result: Mapped[Line | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]

    owner: Mapped[User] = relationship(foreign_keys=[owner_id])
