"""Reads of teams: who holds which role, who left meanwhile, task forces and what their people may read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, or_, select

from crm.auth.models import OrgUnit, Roster, User
from crm.auth.queries import units, valid_on
from crm.auth.rules import Role
from crm.pipeline.team.models import ProjectRole, TaskForce, TaskForceMember
from crm.pipeline.team.rules import ForceRole, TeamRole

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project

MOST = 500


@dataclass(frozen=True, slots=True)
class Held:
    """A role with the name of its holder; ``gone`` tells that the person or the unit is no longer there."""

    row: ProjectRole
    name: str
    gone: bool


@dataclass(slots=True)
class Force:
    """A task force with its people, leader first."""

    row: TaskForce
    people: list[tuple[int, str]] = field(default_factory=list)
    roles: dict[int, ForceRole] = field(default_factory=dict)


def roles(session: Session, project_id: int, today: date) -> list[Held]:
    """Every role of a project, the present holders first, in one query."""
    posted = exists().where(Roster.user_id == User.id, valid_on(Roster, today))
    there = (User.active & posted).label("there")
    stands = valid_on(OrgUnit, today).label("stands")
    statement = (
        select(ProjectRole, User.name, OrgUnit.name, there, stands)
        .outerjoin(User, User.id == ProjectRole.user_id)
        .outerjoin(OrgUnit, OrgUnit.id == ProjectRole.unit_id)
        .where(ProjectRole.project_id == project_id)
        .order_by(ProjectRole.valid_to.is_not(None), ProjectRole.id.desc())
        .limit(MOST)
    )
    return [
        Held(row, person or unit or "", row.valid_to is None and not (here if person else stand))
        for row, person, unit, here, stand in session.execute(statement)
    ]


def filled(project_id: Any) -> Any:  # noqa: ANN401 (an id or a column; a select of one number)
    """How many of the six roles have a holder now; an account that was closed answers for nothing."""
    works = or_(ProjectRole.user_id.is_(None), ProjectRole.user_id.in_(select(User.id).where(User.active)))
    return select(func.count(ProjectRole.role.distinct())).where(
        ProjectRole.project_id == project_id, ProjectRole.valid_to.is_(None), works
    )


def people(session: Session, today: date) -> list[tuple[int, str]]:
    """Everybody in service, as (id, name)."""
    posted = exists().where(Roster.user_id == User.id, valid_on(Roster, today))
    statement = select(User.id, User.name).where(User.active, posted).order_by(User.name, User.id).limit(MOST)
    return [(user_id, name) for user_id, name in session.execute(statement)]


def leaders(session: Session, today: date) -> list[tuple[int, str]]:
    """People who may be the leader of a project, as (id, name)."""
    posted = exists().where(Roster.user_id == User.id, Roster.role == Role.LEADER, valid_on(Roster, today))
    statement = select(User.id, User.name).where(User.active, posted).order_by(User.name, User.id).limit(MOST)
    return [(user_id, name) for user_id, name in session.execute(statement)]


def places(session: Session, today: date) -> list[tuple[int, str]]:
    """Units that exist today, as (id, name)."""
    return [(unit.id, unit.name) for unit in units(session, today)]


def forces(session: Session, project: Project) -> list[Force]:
    """Task forces of a project and of its enterprise, those that work first, in one query."""
    statement = (
        select(TaskForce, User.id, User.name, TaskForceMember.role)
        .join(TaskForceMember, TaskForceMember.force_id == TaskForce.id)
        .join(User, User.id == TaskForceMember.user_id)
        .where(
            or_(TaskForce.project_id == project.id, TaskForce.enterprise_id == project.enterprise_id),
            TaskForceMember.left_at.is_(None),
        )
        .order_by(TaskForce.ended_at.is_not(None), TaskForce.id.desc(), (User.id != TaskForce.leader_id), User.name)
        .limit(MOST)
    )
    found: dict[int, Force] = {}
    for row, user_id, name, role in session.execute(statement):
        force = found.setdefault(row.id, Force(row))
        force.people.append((user_id, name))
        force.roles[user_id] = role
    return list(found.values())


def forces_of(actor: Actor) -> tuple[Select[Any], Select[Any]]:
    """Ids of the projects of a person's task forces, and of their enterprises with the sign turned."""
    working = (
        TaskForceMember.user_id == actor.user_id,
        TaskForceMember.left_at.is_(None),
        TaskForce.ended_at.is_(None),
    )
    joined = (TaskForceMember, TaskForceMember.force_id == TaskForce.id)
    return (
        select(TaskForce.project_id).join(*joined).where(*working, TaskForce.project_id.is_not(None)),
        select(-TaskForce.enterprise_id).join(*joined).where(*working, TaskForce.enterprise_id.is_not(None)),
    )


def missing(held: list[Held]) -> list[TeamRole]:
    """Roles that nobody holds now."""
    present = {entry.row.role for entry in held if entry.row.valid_to is None}
    return [role for role in TeamRole if role not in present]
