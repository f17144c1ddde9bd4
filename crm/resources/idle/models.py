"""Cases of idle land and their steps, which are only added."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, LongText, Money, Mu, Short, enum_type
from crm.resources.idle.clocks import DelayCause
from crm.resources.idle.rules import IdleKind, IdleStepKind

OPEN = "closed_on IS NULL"


class IdleCase(Base):
    """One piece of idle land: a hold that is looked into; a hold has one open case at most."""

    __tablename__ = "idle_case"
    __table_args__ = (
        Index("uq_idle_case_open", "hold_id", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("ix_idle_case_closed_on_id", "closed_on", "id"),
    )

    id: Mapped[IntPk]
    hold_id: Mapped[int] = mapped_column(ForeignKey("carrier_hold.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    kind: Mapped[IdleKind] = mapped_column(enum_type(IdleKind, "kind"))
    last: Mapped[IdleStepKind] = mapped_column(enum_type(IdleStepKind, "last"))
    last_on: Mapped[Day]
    due_on: Mapped[Day | None]
    closed_on: Mapped[Day | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class IdleStep(Base):
    """One step of a case; its letter is written from it at any time."""

    __tablename__ = "idle_step"
    __table_args__ = (
        CheckConstraint('due_on IS NULL OR due_on > "on"', name="due"),
        Index("ix_idle_step_case_id", "case_id"),
        Index(
            "uq_idle_step_document_no",
            "document_no",
            unique=True,
            sqlite_where=text("document_no IS NOT NULL"),
            postgresql_where=text("document_no IS NOT NULL"),
        ),
    )

    id: Mapped[IntPk]
    case_id: Mapped[int] = mapped_column(ForeignKey("idle_case.id"))
    kind: Mapped[IdleStepKind] = mapped_column(enum_type(IdleStepKind, "kind"))
    on: Mapped[Day]
    due_on: Mapped[Day | None]
    document_no: Mapped[Short | None]
    detail: Mapped[LongText]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class LandDelay(Base):
    """A delay of a start that the holder does not answer for; its days do not count."""

    __tablename__ = "land_delay"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="days"),
        Index("ix_land_delay_hold_id", "hold_id"),
    )

    id: Mapped[IntPk]
    hold_id: Mapped[int] = mapped_column(ForeignKey("carrier_hold.id"))
    cause: Mapped[DelayCause] = mapped_column(enum_type(DelayCause, "cause"))
    from_on: Mapped[Day]
    until_on: Mapped[Day | None]
    document_no: Mapped[Short | None]
    detail: Mapped[LongText]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class LandProgress(Base):
    """What was found of a piece of land on a day; only added, the latest rules."""

    __tablename__ = "land_progress"
    __table_args__ = (
        CheckConstraint("stopped_on IS NULL OR stopped_on >= begun_on", name="stopped"),
        CheckConstraint("built >= 0 AND invested >= 0", name="amounts"),
        Index("ix_land_progress_hold_id", "hold_id"),
    )

    id: Mapped[IntPk]
    hold_id: Mapped[int] = mapped_column(ForeignKey("carrier_hold.id"))
    on: Mapped[Day]
    begun_on: Mapped[Day | None]
    stopped_on: Mapped[Day | None]
    built: Mapped[Mu]
    invested: Mapped[Money]
    planned: Mapped[Money | None]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
