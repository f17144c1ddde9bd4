"""Targets in trees and campaigns (百日会战) with their tasks, phases and bulletins."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.assessment.goals import WHOLE_YEAR, SplitBy
from crm.assessment.rules import BulletinKind, TargetLevel
from crm.assessment.window import Size
from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, JsonDict, Line, LongText, Money, Short, enum_type


class Target(Base):
    """What is asked of a unit, a person or the whole office (no unit) for one metric and part of a year.

    ``slot`` is its whole scope in one text (:class:`crm.assessment.goals.Scope`). A part points to the target it is
    a part of; ``split_by`` says along what the parts differ, and they always sum to the whole.
    """

    __tablename__ = "target"
    __table_args__ = (
        CheckConstraint("value > 0", name="value"),
        CheckConstraint("high IS NULL OR low IS NULL OR high > low", name="band"),
        CheckConstraint("person_id IS NULL OR unit_id IS NOT NULL", name="person"),
        Index(None, "year", "level", "metric"),
    )

    id: Mapped[IntPk]
    slot: Mapped[Line] = mapped_column(unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("target.id", ondelete="CASCADE"), index=True)
    split_by: Mapped[SplitBy | None] = mapped_column(enum_type(SplitBy, "split_by"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    metric: Mapped[Code]
    year: Mapped[int]
    period: Mapped[Code] = mapped_column(default=WHOLE_YEAR)
    level: Mapped[TargetLevel] = mapped_column(enum_type(TargetLevel, "level"), default=TargetLevel.ENSURE)
    low: Mapped[Money | None]
    high: Mapped[Money | None]
    size: Mapped[Size] = mapped_column(enum_type(Size, "size"), default=Size.TOTAL)
    currency: Mapped[Code] = mapped_column(default="")
    sector: Mapped[Code] = mapped_column(default="")
    site: Mapped[Short] = mapped_column(default="")
    value: Mapped[Money]
    note: Mapped[Line | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[OrgUnit | None] = relationship()
    person: Mapped[User | None] = relationship(foreign_keys=[person_id])
    milestones: Mapped[list[TargetMilestone]] = relationship(order_by="TargetMilestone.on")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class TargetPast(Base):
    """What a unit was asked for until it was changed or taken back; ``since`` is when the target was put down."""

    __tablename__ = "target_past"
    __table_args__ = (Index(None, "year", "level", "until"),)

    id: Mapped[IntPk]
    slot: Mapped[Line]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    metric: Mapped[Code]
    year: Mapped[int]
    level: Mapped[TargetLevel] = mapped_column(enum_type(TargetLevel, "level"))
    value: Mapped[Money]
    since: Mapped[Instant]
    until: Mapped[Instant]


class TargetMilestone(Base):
    """So much percent of a target is due by the end of a day (里程碑)."""

    __tablename__ = "target_milestone"
    __table_args__ = (CheckConstraint("percent > 0 AND percent <= 100000000", name="percent"),)

    target_id: Mapped[int] = mapped_column(ForeignKey("target.id", ondelete="CASCADE"), primary_key=True)
    on: Mapped[Day] = mapped_column("on_day", primary_key=True)
    percent: Mapped[Money]


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
    items: Mapped[list[CampaignItem]] = relationship(order_by="CampaignItem.position", cascade="all, delete-orphan")
    phases: Mapped[list[CampaignPhase]] = relationship(order_by="CampaignPhase.start_on", cascade="all, delete-orphan")


class CampaignItem(Base):
    """One task of a campaign as it is counted: a measure, perhaps only of projects from a size on or of a sector."""

    __tablename__ = "campaign_item"
    __table_args__ = (
        UniqueConstraint("campaign_id", "key"),
        CheckConstraint("high IS NULL OR low IS NULL OR high > low", name="band"),
    )

    id: Mapped[IntPk]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    position: Mapped[int]
    key: Mapped[Code]
    metric: Mapped[Code]
    label: Mapped[Short | None]
    low: Mapped[Money | None]
    high: Mapped[Money | None]
    size: Mapped[Size] = mapped_column(enum_type(Size, "size"), default=Size.TOTAL)
    currency: Mapped[Code] = mapped_column(default="")
    sector: Mapped[Code] = mapped_column(default="")


class CampaignPhase(Base):
    """A phase of a campaign (阶段): its days, what is done in it, and how much of the tasks is due by its end."""

    __tablename__ = "campaign_phase"
    __table_args__ = (
        UniqueConstraint("campaign_id", "start_on"),
        CheckConstraint("end_on >= start_on", name="dates"),
        CheckConstraint("percent IS NULL OR percent BETWEEN 1 AND 100", name="percent"),
    )

    id: Mapped[IntPk]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    name: Mapped[Short]
    start_on: Mapped[Day]
    end_on: Mapped[Day]
    percent: Mapped[int | None]
    plan: Mapped[LongText | None]


class CampaignTask(Base):
    """What one unit must achieve in a campaign; ``metric`` is the key of the item."""

    __tablename__ = "campaign_task"
    __table_args__ = (
        UniqueConstraint("campaign_id", "unit_id", "metric"),
        CheckConstraint("value > 0", name="value"),
    )

    id: Mapped[IntPk]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    metric: Mapped[Code]
    value: Mapped[Money]

    campaign: Mapped[Campaign] = relationship(back_populates="tasks")
    unit: Mapped[OrgUnit] = relationship()


class CampaignBulletin(Base):
    """A numbered bulletin of a campaign (活动简报), or its one closing report: figures and their rows as they were.

    The words may be edited until it is issued.
    """

    __tablename__ = "campaign_bulletin"
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        Index(
            "uq_campaign_bulletin_closing",
            "campaign_id",
            unique=True,
            sqlite_where=text("kind = 'closing'"),
            postgresql_where=text("kind = 'closing'"),
        ),
        CheckConstraint("(number IS NULL) = (issued_at IS NULL)", name="issued"),
        CheckConstraint("(issued_at IS NULL) = (issued_by IS NULL)", name="issued_by"),
        CheckConstraint("(document IS NULL) = (digest IS NULL)", name="digest"),
        CheckConstraint("document IS NULL OR number IS NOT NULL", name="document"),
    )

    id: Mapped[IntPk]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[BulletinKind] = mapped_column(
        enum_type(BulletinKind, "kind"), default=BulletinKind.BULLETIN, server_default="bulletin"
    )
    number: Mapped[int | None]
    as_of: Mapped[Day]
    title: Mapped[Line]
    body: Mapped[LongText]
    figures: Mapped[JsonDict]
    document: Mapped[bytes | None] = mapped_column(LargeBinary(), deferred=True)
    digest: Mapped[str | None] = mapped_column(String(64))
    template_id: Mapped[int | None] = mapped_column(ForeignKey("office_template.id"))
    built_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    built_at: Mapped[Instant]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    issued_at: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1)

    campaign: Mapped[Campaign] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)
