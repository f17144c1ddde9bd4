"""Targets per unit and campaigns (百日会战) with their tasks."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.assessment.rules import Metric, TargetLevel
from crm.auth.models import OrgUnit
from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, JsonDict, Line, LongText, Short, enum_type


class Target(Base):
    """A target of one unit for one metric and year."""

    __tablename__ = "target"
    __table_args__ = (
        UniqueConstraint("unit_id", "metric", "year", "level"),
        CheckConstraint("value > 0", name="value"),
    )

    id: Mapped[IntPk]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    metric: Mapped[Metric] = mapped_column(enum_type(Metric, "metric"))
    year: Mapped[int]
    level: Mapped[TargetLevel] = mapped_column(enum_type(TargetLevel, "level"), default=TargetLevel.ENSURE)
    value: Mapped[int]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]

    unit: Mapped[OrgUnit] = relationship()


class Campaign(Base):
    """A campaign between two dates, both included."""

    __tablename__ = "campaign"
    __table_args__ = (CheckConstraint("end_on >= start_on", name="dates"),)

    id: Mapped[IntPk]
    name: Mapped[Short] = mapped_column(unique=True)
    start_on: Mapped[Day]
    end_on: Mapped[Day]
    slogan: Mapped[LongText | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]

    tasks: Mapped[list[CampaignTask]] = relationship(back_populates="campaign")


class CampaignTask(Base):
    """What one unit must achieve in a campaign for one metric."""

    __tablename__ = "campaign_task"
    __table_args__ = (
        UniqueConstraint("campaign_id", "unit_id", "metric"),
        CheckConstraint("value > 0", name="value"),
    )

    id: Mapped[IntPk]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    metric: Mapped[Metric] = mapped_column(enum_type(Metric, "metric"))
    value: Mapped[int]

    campaign: Mapped[Campaign] = relationship(back_populates="tasks")
    unit: Mapped[OrgUnit] = relationship()


class CampaignBulletin(Base):
    """A numbered bulletin of a campaign (活动简报): figures and their rows as they were, words a person may edit."""

    __tablename__ = "campaign_bulletin"
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        CheckConstraint("(number IS NULL) = (issued_at IS NULL)", name="issued"),
        CheckConstraint("(issued_at IS NULL) = (issued_by IS NULL)", name="issued_by"),
    )

    id: Mapped[IntPk]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int | None]
    as_of: Mapped[Day]
    title: Mapped[Line]
    body: Mapped[LongText]
    figures: Mapped[JsonDict]
    built_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    built_at: Mapped[Instant]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    issued_at: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1)

    campaign: Mapped[Campaign] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)
