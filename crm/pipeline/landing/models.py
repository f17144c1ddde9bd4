"""The delivery plan of a signed project, its nodes and what happened to them; the gates after signing read them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, JsonDict, Line, LongText, Short, enum_type
from crm.pipeline.landing.nodes import FactKind, NodeKind, NodeState
from crm.pipeline.models import Project


class DeliveryPlan(Base):
    """The plan of one signed project (项目推进计划), with the person who runs its errands (代办员)."""

    __tablename__ = "delivery_plan"

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), unique=True)
    signed_on: Mapped[Day]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    opened_on: Mapped[Day]
    opened_at: Mapped[Instant]

    project: Mapped[Project] = relationship()
    agent: Mapped[User | None] = relationship(foreign_keys=[agent_id])


class PlanNode(Base):
    """One node of a plan: who answers for it, until when, and what proves it.

    ``clock_days`` are working days from acceptance (受理) in which the department decides by law or by its own
    promise, ``paused_days`` working days in between that do not count. ``carried``: done before there was a plan.
    """

    __tablename__ = "plan_node"
    __table_args__ = (
        CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name="done_on"),
        CheckConstraint("state <> 'accepted' OR accepted_on IS NOT NULL", name="accepted_on"),
        CheckConstraint("state <> 'exempt' OR reason IS NOT NULL", name="reason"),
        CheckConstraint("done_on IS NULL OR accepted_on IS NULL OR done_on >= accepted_on", name="days"),
        CheckConstraint("clock_days IS NULL OR clock_days > 0", name="clock_days"),
        CheckConstraint("paused_days >= 0 AND (paused_days = 0 OR pause_reason IS NOT NULL)", name="paused_days"),
        Index("uq_plan_node_kind", "plan_id", "kind", unique=True),
        Index("ix_plan_node_project_id", "project_id"),
        Index("ix_plan_node_state_due_on", "state", "due_on"),
        Index("ix_plan_node_unit_id_done_on", "unit_id", "done_on"),
    )

    id: Mapped[IntPk]
    plan_id: Mapped[int] = mapped_column(ForeignKey("delivery_plan.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[NodeKind] = mapped_column(enum_type(NodeKind, "kind"))
    position: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    due_on: Mapped[Day]
    clock_days: Mapped[int | None]
    state: Mapped[NodeState] = mapped_column(enum_type(NodeState, "state"), default=NodeState.OPEN)
    accepted_on: Mapped[Day | None]
    done_on: Mapped[Day | None]
    paused_days: Mapped[int] = mapped_column(default=0, server_default="0")
    pause_reason: Mapped[Line | None]
    number: Mapped[Short | None]
    reason: Mapped[LongText | None]
    carried: Mapped[bool] = mapped_column(default=False, server_default="0")

    plan: Mapped[DeliveryPlan] = relationship()
    unit: Mapped[OrgUnit] = relationship()


class PlanFact(Base):
    """One thing that happened, on the day it happened; never edited."""

    __tablename__ = "plan_fact"
    __table_args__ = (Index("ix_plan_fact_plan_id_id", "plan_id", "id"),)

    id: Mapped[IntPk]
    plan_id: Mapped[int] = mapped_column(ForeignKey("delivery_plan.id"))
    node_id: Mapped[int | None] = mapped_column(ForeignKey("plan_node.id"))
    kind: Mapped[FactKind] = mapped_column(enum_type(FactKind, "kind"))
    on: Mapped[Day]
    detail: Mapped[JsonDict]
    by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
