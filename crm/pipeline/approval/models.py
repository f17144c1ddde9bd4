"""Papers on their way to signing: steps, clauses, consultations, landing conditions. A correction is a new row."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, JsonList, Line, LongText, Short, enum_type
from crm.pipeline.approval.rules import Category, Finding, PaperState, Readiness, Stance, Station, StepResult


class Approval(Base):
    """A paper (agreement draft) sent along its chain; ``station`` says where it lies and since when."""

    __tablename__ = "approval"
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        CheckConstraint("(state = 'running') = (station IS NOT NULL)", name="station"),
        CheckConstraint("(state = 'running') = (closed_at IS NULL)", name="closed_at"),
        Index(
            "uq_approval_running",
            "project_id",
            "framework",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        Index(None, "state", "station_since", "id"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]
    title: Mapped[Line]
    category: Mapped[Category] = mapped_column(enum_type(Category, "category"))
    framework: Mapped[bool]
    state: Mapped[PaperState] = mapped_column(enum_type(PaperState, "state"), default=PaperState.RUNNING)
    station: Mapped[Station | None] = mapped_column(enum_type(Station, "station_key"))
    station_since: Mapped[Day]
    chain: Mapped[JsonList]
    checklist: Mapped[JsonList]
    started_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    started_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    closed_reason: Mapped[LongText | None]


class ApprovalStep(Base):
    """What a station did with a paper, with minutes where a meeting decided."""

    __tablename__ = "approval_step"
    __table_args__ = (
        CheckConstraint(
            "station NOT IN ('soe_board', 'invest_board', 'city', 'standing', 'committee', 'land_board')"
            " OR minutes_no IS NOT NULL",
            name="minutes_no",
        ),
        CheckConstraint("(result = 'returned') = (back_to IS NOT NULL)", name="back_to"),
        UniqueConstraint("project_id", "station", "year", "minutes_no"),
        Index(None, "approval_id", "id"),
    )

    id: Mapped[IntPk]
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    station: Mapped[Station] = mapped_column(enum_type(Station, "station"))
    result: Mapped[StepResult] = mapped_column(enum_type(StepResult, "result"))
    back_to: Mapped[Station | None] = mapped_column(enum_type(Station, "back_to_key"))
    decided_on: Mapped[Day]
    year: Mapped[int]
    minutes_no: Mapped[Short | None]
    body: Mapped[LongText | None]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class IncentiveClause(Base):
    """One clause that promises something (优惠条款)."""

    __tablename__ = "incentive_clause"
    __table_args__ = (Index(None, "approval_id"),)

    id: Mapped[IntPk]
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"))
    body: Mapped[LongText]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class ClauseFinding(Base):
    """What the fair-competition review says of a clause, and on which basis; the newest row is in force."""

    __tablename__ = "clause_finding"
    __table_args__ = (Index(None, "clause_id", "id"),)

    id: Mapped[IntPk]
    clause_id: Mapped[int] = mapped_column(ForeignKey("incentive_clause.id"))
    finding: Mapped[Finding] = mapped_column(enum_type(Finding, "finding"))
    basis: Mapped[LongText]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class Consultation(Base):
    """A department asked for its opinion on a draft, and its answer, given once."""

    __tablename__ = "consultation"
    __table_args__ = (
        UniqueConstraint("approval_id", "department_id"),
        CheckConstraint("(stance IS NULL) = (answered_at IS NULL)", name="answered_at"),
        CheckConstraint("(stance IS NULL) = (answered_by IS NULL)", name="answered_by"),
    )

    id: Mapped[IntPk]
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    due_on: Mapped[Day]
    asked_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[Instant]
    stance: Mapped[Stance | None] = mapped_column(enum_type(Stance, "stance"))
    body: Mapped[LongText | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[Instant | None]


class ReadinessCheck(Base):
    """How a landing condition stands (落地条件); the newest row of an item counts."""

    __tablename__ = "readiness_check"
    __table_args__ = (Index(None, "approval_id", "id"),)

    id: Mapped[IntPk]
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"))
    item: Mapped[Short]
    readiness: Mapped[Readiness] = mapped_column(enum_type(Readiness, "readiness"))
    note: Mapped[Line | None]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
