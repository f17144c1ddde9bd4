"""Tips, the road of a lead before work begins, hand-overs, referrers, and leaders linked to things."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, Line, LongText, Short, enum_type
from crm.pipeline.intake.dimensions import LinkKind, ReferrerKind
from crm.pipeline.intake.rules import Answer, LeadState, TipSource, TipState
from crm.pipeline.models import Project


class LeadIntake(Base):
    """Where the lead of a project stands: one row per project."""

    __tablename__ = "lead_intake"
    __table_args__ = (
        CheckConstraint("(state = 'pooled') = (pooled_at IS NOT NULL)", name="pooled"),
        CheckConstraint("(claimed_by IS NULL) = (claimed_at IS NULL)", name="claimed"),
        Index("ix_lead_intake_state_since", "state", "since"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), unique=True)
    state: Mapped[LeadState] = mapped_column(enum_type(LeadState, "state"))
    since: Mapped[Instant]
    first_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    pooled_at: Mapped[Instant | None]
    pooled_from: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    claimed_at: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1)

    project: Mapped[Project] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class LeadEvent(Base):
    """One change of a lead's state: who (nobody: the clock), when, from, to, why. Never edited."""

    __tablename__ = "lead_event"
    __table_args__ = (Index(None, "project_id", "at"),)

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    at: Mapped[Instant]
    by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    from_state: Mapped[Code | None]
    to_state: Mapped[Code]
    reason: Mapped[LongText | None]


class Handover(Base):
    """A hand-over of a project to another person or unit; at most one is open."""

    __tablename__ = "handover"
    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        CheckConstraint("answer IS NULL OR answer <> 'refused' OR answer_reason IS NOT NULL", name="answer_reason"),
        Index(
            "uq_handover_open",
            "project_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index(None, "project_id", "asked_at"),
        Index(None, "to_user_id", "answered_at"),
        Index(None, "to_unit_id", "answered_at"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    from_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    from_unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    to_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    to_unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    reason: Mapped[LongText]
    asked_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[Instant]
    answer: Mapped[Answer | None] = mapped_column(enum_type(Answer, "answer_key"))
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[Instant | None]
    answer_reason: Mapped[LongText | None]

    project: Mapped[Project] = relationship()
    asker: Mapped[User] = relationship(foreign_keys=[asked_by])
    receiver: Mapped[User | None] = relationship(foreign_keys=[to_user_id])
    giver: Mapped[User | None] = relationship(foreign_keys=[from_user_id])
    to_unit: Mapped[OrgUnit] = relationship(foreign_keys=[to_unit_id])


class Referrer(Base):
    """Who brings projects: an agent with a contract, a chamber, a firm, an ambassador, a person (引荐人)."""

    __tablename__ = "referrer"
    __table_args__ = (
        CheckConstraint("contract_to IS NULL OR contract_from IS NOT NULL", name="contract_from"),
        CheckConstraint("contract_to IS NULL OR contract_to >= contract_from", name="contract_order"),
    )

    id: Mapped[IntPk]
    name: Mapped[Line] = mapped_column(unique=True)
    kind: Mapped[ReferrerKind] = mapped_column(enum_type(ReferrerKind, "kind"))
    contract_no: Mapped[Short | None]
    contract_from: Mapped[Day | None]
    contract_to: Mapped[Day | None]
    note: Mapped[LongText | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]


class LeadTip(Base):
    """What anybody of the office heard (随手报): kept until it is answered, and then too."""

    __tablename__ = "lead_tip"
    __table_args__ = (
        CheckConstraint("(state = 'registered') = (project_id IS NOT NULL)", name="project"),
        CheckConstraint("(state = 'new') = (answered_at IS NULL)", name="answered"),
        CheckConstraint("state <> 'returned' OR answer IS NOT NULL", name="answer"),
        Index("ix_lead_tip_state_reported_at", "state", "reported_at"),
        Index(None, "reported_by", "reported_at"),
    )

    id: Mapped[IntPk]
    client_id: Mapped[Short] = mapped_column(unique=True)
    text: Mapped[LongText]
    enterprise_name: Mapped[Line | None]
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))
    source: Mapped[TipSource] = mapped_column(enum_type(TipSource, "source"))
    reported_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    reported_at: Mapped[Instant]
    state: Mapped[TipState] = mapped_column(enum_type(TipState, "state"))
    answer: Mapped[LongText | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[Instant | None]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))

    reporter: Mapped[User] = relationship(foreign_keys=[reported_by])
    answerer: Mapped[User | None] = relationship(foreign_keys=[answered_by])
    unit: Mapped[OrgUnit] = relationship()


class LeaderLink(Base):
    """A leader linked to a region, a project or a squad for a time (挂钩联系)."""

    __tablename__ = "leader_link"
    __table_args__ = (
        CheckConstraint("(kind = 'region') = (region IS NOT NULL)", name="region"),
        CheckConstraint("(kind = 'project') = (project_id IS NOT NULL)", name="project"),
        CheckConstraint("(kind = 'squad') = (unit_id IS NOT NULL)", name="squad"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        Index(None, "leader_id", "kind"),
    )

    id: Mapped[IntPk]
    leader_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[LinkKind] = mapped_column(enum_type(LinkKind, "kind_key"))
    region: Mapped[Short | None]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    valid_from: Mapped[Day]
    valid_to: Mapped[Day | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]

    leader: Mapped[User] = relationship(foreign_keys=[leader_id])
    project: Mapped[Project | None] = relationship()
    unit: Mapped[OrgUnit | None] = relationship()
