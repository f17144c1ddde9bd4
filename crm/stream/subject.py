"""What a stream is about, and who may see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from crm.auth.models import OrgUnit, Roster, User
from crm.auth.queries import subtree, valid_on
from crm.auth.rules import ROLE_PERMISSIONS, ROLE_SCOPES, Permission, Role, Scope
from crm.enterprises import queries as enterprises
from crm.enterprises.groups import subsidiaries
from crm.fieldwork import secrecy
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project
from crm.pipeline.team.models import TaskForce, TaskForceMember
from crm.stream.rules import Hearer

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.models import Enterprise

MOST_PROJECTS = 500
MOST_PEOPLE = 2000


@dataclass(frozen=True, slots=True)
class Subject:
    """An enterprise with those below it, or one project; ``projects`` are those of it the person may see."""

    enterprise: Enterprise | None
    project: Project | None
    below: dict[int, str] = field(default_factory=dict)
    projects: dict[int, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[int | None, int | None]:
        """Return (enterprise id, project id), one of them None."""
        return (self.enterprise.id if self.enterprise else None, self.project.id if self.project else None)

    @property
    def enterprise_ids(self) -> tuple[int, ...]:
        """Return the ids of the enterprise and of those below it; none for a project."""
        return (self.enterprise.id, *self.below) if self.enterprise else ()

    @property
    def href(self) -> str:
        """Return where the stream is read."""
        enterprise_id, project_id = self.key
        return f"/projects/{project_id}/stream" if project_id else f"/enterprises/{enterprise_id}/stream"


def of_enterprise(session: Session, actor: Actor, enterprise_id: int) -> Subject:
    """Find an enterprise with its group and the projects of it that the person may see; raise NotFoundError."""
    row = enterprises.enterprise(session, enterprise_id)
    below = {kin.id: kin.name for kin in subsidiaries(session, enterprise_id)}
    statement = (
        select(Project.id, Project.name)
        .where(Project.enterprise_id.in_((row.id, *below)), pipeline.visible_to(actor))
        .order_by(Project.id.desc())
        .limit(MOST_PROJECTS)
    )
    found = session.execute(statement).all()
    return Subject(row, None, below, {project.id: project.name for project in found})


def of_project(session: Session, actor: Actor, project_id: int) -> Subject:
    """Find a project the person may see; raise NotFoundError."""
    row = pipeline.get(session, actor, project_id)
    return Subject(None, row, {}, {row.id: row.name})


def hearers(session: Session, subject: Subject, today: date, q: str = "", limit: int = MOST_PEOPLE) -> list[Hearer]:
    """People who may see the subject and so be called, by name; ``q`` narrows to names that hold it."""
    statement = _people(today, limit).where(_reads(session, subject))
    if q:
        statement = statement.where(User.name.contains(q, autoescape=True))
    return _distinct(session, statement)


def everybody(session: Session, today: date) -> frozenset[str]:
    """Names of all people of the office."""
    return frozenset(one.name for one in _distinct(session, _people(today, MOST_PEOPLE)))


def _people(today: date, limit: int) -> Select[int, str, str]:
    return (
        select(User.id, User.name, OrgUnit.name)
        .join(Roster, Roster.user_id == User.id)
        .join(OrgUnit, OrgUnit.id == Roster.unit_id)
        .where(User.active, valid_on(Roster, today), valid_on(OrgUnit, today))
        .order_by(User.name, User.id, Roster.id)
        .limit(limit)
    )


def _distinct(session: Session, statement: Select[int, str, str]) -> list[Hearer]:
    found: dict[int, Hearer] = {}
    for user_id, name, unit in session.execute(statement):
        found.setdefault(user_id, Hearer(user_id, name, unit))
    return list(found.values())


def _holding(permission: Permission) -> list[Role]:
    return [role for role in Role if permission in ROLE_PERMISSIONS[role]]


def _reads(session: Session, subject: Subject) -> ColumnElement[bool]:
    """Condition on people and posts: the same as the conditions on rows, seen from the other side."""
    if subject.project is None:
        return Roster.role.in_(_holding(Permission.ENTERPRISE_READ))
    project = subject.project
    readers = _holding(Permission.PROJECT_READ)
    everywhere = [role for role in readers if ROLE_SCOPES[role] is Scope.ALL]
    units = sorted(unit_id for unit_id, covers in subtree(session).items() if project.unit_id in covers)
    forced = (
        select(TaskForceMember.user_id)
        .join(TaskForce, TaskForce.id == TaskForceMember.force_id)
        .where(
            or_(TaskForce.project_id == project.id, TaskForce.enterprise_id == project.enterprise_id),
            TaskForce.ended_at.is_(None),
            TaskForceMember.left_at.is_(None),
        )
    )
    reading = or_(
        Roster.role.in_(everywhere),
        and_(Roster.role.in_(readers), Roster.unit_id.in_(units)),
        and_(Roster.role.in_(readers), User.id.in_(forced)),
    )
    if not project.confidential:
        return reading
    named = select(secrecy.INSIDER.c.user_id).where(secrecy.INSIDER.c.project_id == project.id)
    return reading & or_(User.id == project.owner_id, User.id.in_(named))
