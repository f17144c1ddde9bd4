"""Weekly reports with the steps of their road, and their figures, each with the rows behind it."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import User
from crm.core.db import Base
from crm.core.types import BigInt, Code, Instant, IntPk, JsonDict, JsonList, Line, LongText, Short, enum_type


class ReportState(StrEnum):
    """A report is edited until it is frozen; then it regenerates identically."""

    DRAFT = "draft"
    FROZEN = "frozen"


class RoadStep(StrEnum):
    """What was done with a report on its way."""

    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    RETURNED = "returned"
    FROZEN = "frozen"


class Standing(StrEnum):
    """Where a report lies: with who writes it, with who approves, approved, or frozen."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    FROZEN = "frozen"


STEP_LABELS: dict[RoadStep, str] = {
    RoadStep.SUBMITTED: "提交审批",
    RoadStep.WITHDRAWN: "撤回送审",
    RoadStep.APPROVED: "同意定稿",
    RoadStep.RETURNED: "退回修改",
    RoadStep.FROZEN: "定稿",
}
LEADS_TO: dict[RoadStep, Standing] = {
    RoadStep.SUBMITTED: Standing.SUBMITTED,
    RoadStep.APPROVED: Standing.APPROVED,
    RoadStep.FROZEN: Standing.FROZEN,
}


class WeeklyReport(Base):
    """One 动态信息周报: built as of a cut-off, edited, numbered, frozen."""

    __tablename__ = "weekly_report"
    __table_args__ = (
        UniqueConstraint("iso_year", "iso_week"),
        UniqueConstraint("total_no"),
        CheckConstraint("iso_week BETWEEN 1 AND 53", name="iso_week"),
        CheckConstraint("(state = 'frozen') = (frozen_at IS NOT NULL)", name="frozen"),
        CheckConstraint("state <> 'frozen' OR (issue_no IS NOT NULL AND total_no IS NOT NULL)", name="numbered"),
    )

    id: Mapped[IntPk]
    iso_year: Mapped[int]
    iso_week: Mapped[int]
    cutoff_at: Mapped[Instant]
    state: Mapped[ReportState] = mapped_column(enum_type(ReportState, "state"), default=ReportState.DRAFT)
    issue_no: Mapped[int | None]
    total_no: Mapped[int | None]
    issuer: Mapped[Short]
    texts: Mapped[JsonDict]
    edited: Mapped[JsonDict]
    built_at: Mapped[Instant]
    built_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    frozen_at: Mapped[Instant | None]
    frozen_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    template_id: Mapped[int | None] = mapped_column(ForeignKey("office_template.id"))
    version: Mapped[int] = mapped_column(default=1)

    figures: Mapped[list[ReportFigure]] = relationship(
        back_populates="report", order_by="ReportFigure.id", cascade="all, delete-orphan"
    )

    steps: Mapped[list[WeeklyStep]] = relationship(
        back_populates="report", order_by="WeeklyStep.id", cascade="all, delete-orphan"
    )

    @property
    def standing(self) -> Standing:
        """Where it lies, from the last step of its road."""
        if self.state is ReportState.FROZEN:
            return Standing.FROZEN
        return LEADS_TO.get(self.steps[-1].step, Standing.DRAFT) if self.steps else Standing.DRAFT

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class WeeklyStep(Base):
    """One step of a report's road: who did what when, and why it was sent back."""

    __tablename__ = "weekly_step"
    __table_args__ = (CheckConstraint("step <> 'returned' OR reason IS NOT NULL", name="reason"),)

    id: Mapped[IntPk]
    report_id: Mapped[int] = mapped_column(ForeignKey("weekly_report.id", ondelete="CASCADE"), index=True)
    step: Mapped[RoadStep] = mapped_column(enum_type(RoadStep, "step"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
    reason: Mapped[LongText | None]

    report: Mapped[WeeklyReport] = relationship(back_populates="steps")
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class ReportFigure(Base):
    """One number of a report: value, unit, counting basis, and what its rows show (``columns``: name and kind)."""

    __tablename__ = "report_figure"
    __table_args__ = (UniqueConstraint("report_id", "key"),)

    id: Mapped[IntPk]
    report_id: Mapped[int] = mapped_column(ForeignKey("weekly_report.id", ondelete="CASCADE"))
    key: Mapped[Short]
    label: Mapped[Line]
    unit: Mapped[Code]
    basis: Mapped[Line]
    value: Mapped[Line]
    row_kind: Mapped[Code]
    columns: Mapped[JsonList]
    row_count: Mapped[int]

    report: Mapped[WeeklyReport] = relationship(back_populates="figures")
    pieces: Mapped[list[ReportRows]] = relationship(
        order_by="ReportRows.piece, ReportRows.id", cascade="all, delete-orphan", passive_deletes=True
    )


class ReportRows(Base):
    """Rows behind a figure, frozen: those of one unit in one piece, as JSON text; see :mod:`crm.reports.frozen`."""

    __tablename__ = "report_rows"
    __table_args__ = (Index(None, "figure_id", "piece"),)

    id: Mapped[IntPk]
    figure_id: Mapped[int] = mapped_column(ForeignKey("report_figure.id", ondelete="CASCADE"))
    piece: Mapped[int]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    size: Mapped[int]
    amount: Mapped[BigInt]
    rows: Mapped[LongText]
