"""Inspections on site (现场督查): the visit, who went, what was found, each recheck."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, Line, LongText, Short
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import FollowUp


class SiteInspection(Base):
    """One visit of inspectors to a site; photos hang on it as attachments."""

    __tablename__ = "site_inspection"
    __table_args__ = (
        Index(None, "inspected_at", "id"),
        CheckConstraint("enterprise_id IS NOT NULL OR place IS NOT NULL", name="target"),
        CheckConstraint("project_id IS NULL OR enterprise_id IS NOT NULL", name="project"),
        CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="voided"),
    )

    id: Mapped[IntPk]
    client_id: Mapped[Short] = mapped_column(unique=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    place: Mapped[Line | None]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    inspected_at: Mapped[Instant]
    outside_people: Mapped[Line | None]
    summary: Mapped[LongText]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[Instant]
    voided_at: Mapped[Instant | None]
    void_reason: Mapped[Line | None]

    enterprise: Mapped[Enterprise | None] = relationship()
    unit: Mapped[OrgUnit] = relationship()
    inspectors: Mapped[list[User]] = relationship(secondary="site_inspector", order_by="User.name")
    findings: Mapped[list[SiteFinding]] = relationship(back_populates="inspection", order_by="SiteFinding.id")


class SiteInspector(Base):
    """Who went to the site."""

    __tablename__ = "site_inspector"

    inspection_id: Mapped[int] = mapped_column(ForeignKey("site_inspection.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)


class SiteFinding(Base):
    """Something found: one responsible person, one deadline; mended when the follow-up is done, closed by a recheck."""

    __tablename__ = "site_finding"
    __table_args__ = (
        Index(None, "closed_at", "due_on"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
    )

    id: Mapped[IntPk]
    inspection_id: Mapped[int] = mapped_column(ForeignKey("site_inspection.id"), index=True)
    body: Mapped[LongText]
    responsible_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    due_on: Mapped[Day]
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"), unique=True)
    closed_at: Mapped[Instant | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    inspection: Mapped[SiteInspection] = relationship(back_populates="findings")
    responsible: Mapped[User] = relationship(foreign_keys=[responsible_id])
    follow_up: Mapped[FollowUp] = relationship()
    rechecks: Mapped[list[SiteRecheck]] = relationship(order_by="SiteRecheck.id")


class SiteRecheck(Base):
    """A look at a finding that was said to be mended: passed, or a new deadline."""

    __tablename__ = "site_recheck"
    __table_args__ = (CheckConstraint("passed = (new_due_on IS NULL)", name="new_due_on"),)

    id: Mapped[IntPk]
    finding_id: Mapped[int] = mapped_column(ForeignKey("site_finding.id"), index=True)
    at: Mapped[Instant]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    passed: Mapped[bool]
    note: Mapped[Line]
    new_due_on: Mapped[Day | None]

    checker: Mapped[User] = relationship()
