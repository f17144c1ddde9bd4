"""Weekly reports and their figures, each with the rows behind it."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.db import Base
from crm.core.types import Code, Instant, IntPk, JsonDict, JsonList, Line, Short, enum_type


class ReportState(StrEnum):
    """A report is edited until it is frozen; then it regenerates identically."""

    DRAFT = "draft"
    FROZEN = "frozen"


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
    version: Mapped[int] = mapped_column(default=1)

    figures: Mapped[list[ReportFigure]] = relationship(
        back_populates="report", order_by="ReportFigure.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class ReportFigure(Base):
    """One number of a report: value, unit, counting basis and the ids of its rows."""

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
    row_ids: Mapped[JsonList]

    report: Mapped[WeeklyReport] = relationship(back_populates="figures")
