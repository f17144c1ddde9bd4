"""Books of rules in versions, assessments with their units and values, adjustments, supervision slips."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.assessment.books.rules import RunState, SlipState
from crm.auth.models import OrgUnit
from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, JsonDict, Line, LongText, Money, Short, enum_type


class RuleBook(Base):
    """One version of a book of rules (考核办法): its rules as the engine reads them and the sources of indicators."""

    __tablename__ = "rule_book"
    __table_args__ = (
        UniqueConstraint("name", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("(published_at IS NULL) = (published_by IS NULL)", name="published"),
    )

    id: Mapped[IntPk]
    name: Mapped[Short]
    number: Mapped[int]
    body: Mapped[JsonDict]
    feeds: Mapped[JsonDict]
    note: Mapped[LongText | None]
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    published_at: Mapped[Instant | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class AssessmentRun(Base):
    """One assessment (一次考核) of units by a version of a book for some days, as known at a cut-off."""

    __tablename__ = "assessment_run"
    __table_args__ = (
        CheckConstraint("end_on >= start_on", name="dates"),
        CheckConstraint("(state = 'confirmed') = (confirmed_by IS NOT NULL)", name="confirmed"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed_at"),
        Index(None, "end_on"),
    )

    id: Mapped[IntPk]
    book_id: Mapped[int] = mapped_column(ForeignKey("rule_book.id"), index=True)
    name: Mapped[Short]
    start_on: Mapped[Day]
    end_on: Mapped[Day]
    cutoff_at: Mapped[Instant | None]
    state: Mapped[RunState] = mapped_column(enum_type(RunState, "state"))
    computed_at: Mapped[Instant | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    confirmed_at: Mapped[Instant | None]

    book: Mapped[RuleBook] = relationship()


class AssessedUnit(Base):
    """A unit in an assessment with its result; ``detail`` holds every line as it was reckoned."""

    __tablename__ = "assessed_unit"
    __table_args__ = (UniqueConstraint("run_id", "unit_id"), Index(None, "run_id", "rank"))

    id: Mapped[IntPk]
    run_id: Mapped[int] = mapped_column(ForeignKey("assessment_run.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    group: Mapped[Short] = mapped_column("group_name", default="")
    total: Mapped[Money | None]
    rank: Mapped[int | None]
    of: Mapped[int | None] = mapped_column("rank_of")
    grade: Mapped[Code] = mapped_column(default="")
    honour: Mapped[bool] = mapped_column(default=False)
    bottom: Mapped[bool] = mapped_column(default=False)
    bottom_runs: Mapped[int] = mapped_column(default=0)
    detail: Mapped[JsonDict | None]

    unit: Mapped[OrgUnit] = relationship()


class AssessedValue(Base):
    """A value a person typed for a unit, with its note; the newest of a name counts, older ones stay."""

    __tablename__ = "assessed_value"
    __table_args__ = (Index(None, "run_id", "unit_id", "name"),)

    id: Mapped[IntPk]
    run_id: Mapped[int] = mapped_column(ForeignKey("assessment_run.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    name: Mapped[Short]
    text: Mapped[Short]
    note: Mapped[Line | None]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class AssessmentAdjustment(Base):
    """A signed entry beside the rules (调整): points, why, who signed."""

    __tablename__ = "assessment_adjustment"
    __table_args__ = (CheckConstraint("points <> 0", name="points"), Index(None, "run_id", "unit_id"))

    id: Mapped[IntPk]
    run_id: Mapped[int] = mapped_column(ForeignKey("assessment_run.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    points: Mapped[Money]
    reason: Mapped[LongText]
    signed_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    signed_at: Mapped[Instant]


class SupervisionSlip(Base):
    """A supervision slip (后进督办单) to a unit at the bottom: what is asked, till when, what it answered."""

    __tablename__ = "supervision_slip"
    __table_args__ = (
        UniqueConstraint("run_id", "unit_id"),
        UniqueConstraint("year", "number"),
        CheckConstraint("(state = 'issued') = (reply IS NULL)", name="reply"),
        CheckConstraint("(state = 'closed') = (closed_by IS NOT NULL)", name="closed"),
        Index(None, "state", "due_on"),
    )

    id: Mapped[IntPk]
    run_id: Mapped[int] = mapped_column(ForeignKey("assessment_run.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    year: Mapped[int]
    number: Mapped[int]
    demand: Mapped[LongText]
    due_on: Mapped[Day]
    state: Mapped[SlipState] = mapped_column(enum_type(SlipState, "state"))
    reply: Mapped[LongText | None]
    replied_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    replied_at: Mapped[Instant | None]
    issued_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    issued_at: Mapped[Instant]
    template_id: Mapped[int | None] = mapped_column(ForeignKey("office_template.id"))
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[Instant | None]
    verdict: Mapped[LongText | None]

    unit: Mapped[OrgUnit] = relationship()
    run: Mapped[AssessmentRun] = relationship()
