"""Roles of a project with their dates, task forces and their members."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, Line, LongText, enum_type
from crm.pipeline.team.rules import UNIT_ROLES, ForceRole, TeamRole

UNITS = ", ".join(f"'{role}'" for role in sorted(UNIT_ROLES))
HELD = text("valid_to IS NULL")
STAYS = text("left_at IS NULL")


class ProjectRole(Base):
    """Who held a role of a project from when to when; the present holder has no end."""

    __tablename__ = "project_role"
    __table_args__ = (
        CheckConstraint(f"(role IN ({UNITS})) = (unit_id IS NOT NULL)", name="unit"),
        CheckConstraint("(user_id IS NULL) = (unit_id IS NOT NULL)", name="holder"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
        Index(None, "project_id"),
        Index("uq_project_role_held", "project_id", "role", unique=True, sqlite_where=HELD, postgresql_where=HELD),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    role: Mapped[TeamRole] = mapped_column(enum_type(TeamRole, "role"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    valid_from: Mapped[Day]
    valid_to: Mapped[Day | None]
    set_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    set_at: Mapped[Instant]


class TaskForce(Base):
    """An ad-hoc group (专班) for one project or for one enterprise, with people of any unit."""

    __tablename__ = "task_force"
    __table_args__ = (
        CheckConstraint("(project_id IS NULL) = (enterprise_id IS NOT NULL)", name="target"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
    )

    id: Mapped[IntPk]
    name: Mapped[Line]
    purpose: Mapped[LongText]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    leader_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    starts_on: Mapped[Day]
    ends_on: Mapped[Day | None]
    set_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    set_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class TaskForceMember(Base):
    """A person of a task force; while there, the person may read what the force works on."""

    __tablename__ = "task_force_member"
    __table_args__ = (
        Index("uq_task_force_member", "force_id", "user_id", unique=True, sqlite_where=STAYS, postgresql_where=STAYS),
    )

    id: Mapped[IntPk]
    force_id: Mapped[int] = mapped_column(ForeignKey("task_force.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[ForceRole] = mapped_column(
        enum_type(ForceRole, "role"), default=ForceRole.MEMBER, server_default=ForceRole.MEMBER.value
    )
    added_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    added_at: Mapped[Instant]
    left_at: Mapped[Instant | None]
