"""Complaint cases, the units responsible for them, and their steps, which are only added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.aftercare.cases.words import CaseKind, CaseState, CaseStepKind, Channel, Refusal, Topic, Verdict
from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, Line, LongText, enum_type
from crm.core.vault import Sealed
from crm.enterprises.models import Enterprise

if TYPE_CHECKING:
    from collections.abc import Sequence

ENDED = "state IN ('closed', 'refused', 'withdrawn')"


class ServiceCase(Base):
    """One demand or complaint of a firm (诉求、投诉), from its receipt to the firm's verdict.

    ``next_due`` is the day by which the office has to do what comes next, ``due_on`` the day by which the firm is
    answered; ``late`` and ``accept_late`` stay once a day was missed. Who complained is sealed.
    """

    __tablename__ = "service_case"
    __table_args__ = (
        CheckConstraint(f"({ENDED}) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint(f"({ENDED}) = (next_due IS NULL)", name="next_due"),
        CheckConstraint("(accepted_on IS NULL) = (due_on IS NULL)", name="accepted"),
        CheckConstraint("(state = 'closed') = (verdict IS NOT NULL)", name="judged"),
        CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name="refused"),
        Index("uq_service_case_touch_id", "touch_id", unique=True),
        Index("ix_service_case_state_next_due_id", "state", "next_due", "id"),
        Index("ix_service_case_received_on", "received_on"),
        Index("ix_service_case_ended_at", "ended_at"),
    )

    id: Mapped[IntPk]
    kind: Mapped[CaseKind] = mapped_column(enum_type(CaseKind, "kind"))
    topic: Mapped[Topic] = mapped_column(enum_type(Topic, "topic"))
    channel: Mapped[Channel] = mapped_column(enum_type(Channel, "channel"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    touch_id: Mapped[int | None] = mapped_column(ForeignKey("touch.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    title: Mapped[Line]
    body: Mapped[LongText]
    person: Mapped[str | None] = mapped_column(Sealed())
    phone: Mapped[str | None] = mapped_column(Sealed())
    confidential: Mapped[bool] = mapped_column(default=False)
    received_on: Mapped[Day]
    accept_due: Mapped[Day]
    asked: Mapped[bool] = mapped_column(default=False)
    state: Mapped[CaseState] = mapped_column(enum_type(CaseState, "state"), default=CaseState.RECEIVED)
    next_due: Mapped[Day | None]
    accepted_on: Mapped[Day | None]
    accepted_at: Mapped[Instant | None]
    accept_late: Mapped[bool] = mapped_column(default=False)
    due_on: Mapped[Day | None]
    replied_at: Mapped[Instant | None]
    replied_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    late: Mapped[bool] = mapped_column(default=False)
    escalated: Mapped[bool] = mapped_column(default=False)
    rounds: Mapped[int] = mapped_column(default=1)
    refusal: Mapped[Refusal | None] = mapped_column(enum_type(Refusal, "refusal"))
    verdict: Mapped[Verdict | None] = mapped_column(enum_type(Verdict, "verdict"))
    ended_at: Mapped[Instant | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)

    enterprise: Mapped[Enterprise] = relationship()
    units: Mapped[list[CaseUnit]] = relationship(
        cascade="all, delete-orphan", order_by="CaseUnit.lead.desc(), CaseUnit.unit_id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)

    @property
    def unit_ids(self) -> Sequence[int]:
        """Responsible units, the leading one first."""
        return [one.unit_id for one in self.units]


class CaseUnit(Base):
    """A unit responsible for a case; one of them leads."""

    __tablename__ = "case_unit"
    __table_args__ = (Index("ix_case_unit_unit_id", "unit_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("service_case.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), primary_key=True)
    lead: Mapped[bool]


class CaseStep(Base):
    """One step of a case; ``due_on`` where it set the day by which the firm is answered."""

    __tablename__ = "case_step"
    __table_args__ = (Index("ix_case_step_case_id_id", "case_id", "id"),)

    id: Mapped[IntPk]
    case_id: Mapped[int] = mapped_column(ForeignKey("service_case.id"))
    kind: Mapped[CaseStepKind] = mapped_column(enum_type(CaseStepKind, "kind"))
    body: Mapped[LongText | None]
    due_on: Mapped[Day | None]
    verdict: Mapped[Verdict | None] = mapped_column(enum_type(Verdict, "verdict"))
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
