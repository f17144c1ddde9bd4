"""What a project asks of a place beside its land and money; what fitted each project when all were matched."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import BigInt, Day, Instant, IntPk, Money, Mu, enum_type


class RunState(StrEnum):
    """How a run stands."""

    QUEUED = "queued"
    DONE = "done"
    STOPPED = "stopped"


UNDER_WAY = text("state = 'queued'")


class SiteNeed(Base):
    """What a project needs of a place (选址需求): floors in 平方米, power in 千伏安, energy in 吨标煤 a year."""

    __tablename__ = "site_need"

    project_id: Mapped[BigInt] = mapped_column(ForeignKey("project.id"), primary_key=True)
    floor: Mapped[Mu | None]
    ceiling: Mapped[Mu | None]
    load: Mapped[Mu | None]
    power: Mapped[Mu | None]
    energy: Mapped[Mu | None]
    building: Mapped[Mu | None]
    price: Mapped[Money | None]
    tax: Mapped[Money | None]
    updated_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    updated_at: Mapped[Instant]


class MatchRun(Base):
    """One matching of all open projects; at most one is under way. ``after_id`` is the last project done."""

    __tablename__ = "match_run"
    __table_args__ = (
        CheckConstraint("(state = 'queued') = (finished_at IS NULL)", name="finished"),
        Index("uq_match_run_queued", "state", unique=True, sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY),
    )

    id: Mapped[IntPk]
    state: Mapped[RunState] = mapped_column(enum_type(RunState, "state"), default=RunState.QUEUED)
    day: Mapped[Day]
    total: Mapped[int]
    looked: Mapped[int] = mapped_column(default=0)
    after_id: Mapped[BigInt] = mapped_column(default=0)
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]


class MatchLine(Base):
    """What fitted a project when it was matched last: best carrier, how many carriers and clauses."""

    __tablename__ = "match_line"
    __table_args__ = (CheckConstraint("(carrier_id IS NULL) = (points IS NULL)", name="best"),)

    project_id: Mapped[BigInt] = mapped_column(ForeignKey("project.id"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("match_run.id"), index=True)
    carrier_id: Mapped[int | None] = mapped_column(ForeignKey("carrier.id"))
    points: Mapped[int | None]
    carriers: Mapped[int]
    clauses: Mapped[int]
    at: Mapped[Instant]
