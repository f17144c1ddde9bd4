"""Writes on teams: give a role, form and end a task force, add and remove its members. Nothing here commits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.models import OrgUnit, User
from crm.auth.queries import valid_on
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.pipeline import queries
from crm.pipeline.team import queries as teams
from crm.pipeline.team.models import ProjectRole, TaskForce, TaskForceMember
from crm.pipeline.team.rules import UNIT_ROLES, ForceRole, TeamRole, clash_problems, force_problems, seat_problems

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project
    from crm.pipeline.team.rules import ForceDraft, Seat

ABSENT = Problem("force.absent", "没有这个专班。")
UNKNOWN = Problem("team.holder", "请选择在册的人员或机构。", "holder")


def set_role(session: Session, actor: Actor, project_id: int, seat: Seat, *, now: datetime, today: date) -> ProjectRole:
    """Give a role of a project to a person or a unit; whoever held it before stays in the history."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    held = _held(session, project, lock=True)
    before = held.get(seat.role)
    holders = {role: row.unit_id or row.user_id or 0 for role, row in held.items()}
    if before is not None and holders[seat.role] == seat.holder_id:
        return before
    problems = seat_problems(seat, since=before.valid_from if before else None, today=today)
    problems = problems or clash_problems(seat.role, seat.holder_id, holders)
    if problems:
        raise DomainError(*problems)
    if not _exists(session, seat, today):
        raise DomainError(UNKNOWN)
    if before is not None:
        before.valid_to = max(before.valid_from, seat.valid_from - timedelta(days=1))
        session.flush()
    unit = seat.role in UNIT_ROLES
    row = ProjectRole(
        project_id=project.id,
        role=seat.role,
        unit_id=seat.holder_id if unit else None,
        user_id=None if unit else seat.holder_id,
        valid_from=seat.valid_from,
        set_by=actor.user_id,
        set_at=now,
    )
    session.add(row)
    session.flush()
    detail = {"project": project.id, "role": str(seat.role), "holder": seat.holder_id}
    audit.record(session, actor.user_id, "team.set", ("project_role", row.id), now=now, **detail)
    return row


def form_force(
    session: Session, actor: Actor, project_id: int, draft: ForceDraft, *, whole_enterprise: bool, now: datetime
) -> TaskForce:
    """Form a task force for a project, or for all projects of its enterprise; its people may read them."""
    project = queries.get_for(session, actor, project_id, Permission.FORCE_FORM)
    problems = force_problems(draft)
    people = set(draft.roles)
    known = set(session.scalars(select(User.id).where(User.id.in_(people), User.active)))
    if known != people:
        problems.append(Problem("force.people", "请选择在册的人员。", "leader_id"))
    if problems:
        raise DomainError(*problems)
    force = TaskForce(
        name=draft.name.strip(),
        purpose=draft.purpose.strip(),
        project_id=None if whole_enterprise else project.id,
        enterprise_id=project.enterprise_id if whole_enterprise else None,
        leader_id=draft.leader_id,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        set_by=actor.user_id,
        set_at=now,
    )
    session.add(force)
    session.flush()
    for user_id in sorted(people):
        who = {"user_id": user_id, "role": draft.roles[user_id], "added_by": actor.user_id, "added_at": now}
        session.add(TaskForceMember(force_id=force.id, **who))
    session.flush()
    detail = {"project": project.id, "name": force.name, "people": sorted(people)}
    audit.record(session, actor.user_id, "force.form", ("task_force", force.id), now=now, **detail)
    return force


def add_member(
    session: Session,
    actor: Actor,
    project_id: int,
    force_id: int,
    user_id: int,
    role: ForceRole = ForceRole.MEMBER,
    *,
    now: datetime,
) -> TaskForceMember:
    """Add a person of any unit to a task force; somebody who is there already gets the role."""
    force = _force(session, actor, project_id, force_id)
    person = session.scalar(select(User).where(User.id == user_id, User.active))
    if person is None:
        raise DomainError(Problem("force.people", "请选择在册的人员。", "user_id"))
    there = _member(session, force.id, user_id)
    if there is not None and there.role is role:
        return there
    action = "force.add" if there is None else "force.role"
    row = there or TaskForceMember(force_id=force.id, user_id=user_id, added_by=actor.user_id, added_at=now)
    row.role = role
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, action, ("task_force", force.id), now=now, user=user_id, role=role.value)
    return row


def remove_member(
    session: Session, actor: Actor, project_id: int, force_id: int, user_id: int, *, now: datetime
) -> None:
    """Take a person off a task force; from now on the person reads only what the own posts cover."""
    force = _force(session, actor, project_id, force_id)
    row = _member(session, force.id, user_id)
    if row is None:
        raise NotFoundError(ABSENT)
    if user_id == force.leader_id:
        raise DomainError(Problem("force.leader", "牵头人不能移出，请先解散专班。"))
    row.left_at = now
    audit.record(session, actor.user_id, "force.remove", ("task_force", force.id), now=now, user=user_id)
    session.flush()


def end_force(session: Session, actor: Actor, project_id: int, force_id: int, *, now: datetime) -> TaskForce:
    """Dissolve a task force; its people no longer read what it worked on."""
    force = _force(session, actor, project_id, force_id)
    force.ended_at = now
    audit.record(session, actor.user_id, "force.end", ("task_force", force.id), now=now, project=project_id)
    session.flush()
    return force


def end_due(session: Session, *, now: datetime, today: date) -> int:
    """Dissolve the task forces whose planned last day is over, so that nobody reads on by them; return how many."""
    statement = select(TaskForce).where(TaskForce.ended_at.is_(None), TaskForce.ends_on < today)
    due = session.scalars(statement.order_by(TaskForce.id).with_for_update()).all()
    for force in due:
        force.ended_at = now
        detail = {"project": force.project_id, "enterprise": force.enterprise_id, "planned": str(force.ends_on)}
        audit.record(session, None, "force.end", ("task_force", force.id), now=now, **detail)
    session.flush()
    return len(due)


def _held(session: Session, project: Project, *, lock: bool = False) -> dict[TeamRole, ProjectRole]:
    statement = select(ProjectRole).where(ProjectRole.project_id == project.id, ProjectRole.valid_to.is_(None))
    return {row.role: row for row in session.scalars(statement.with_for_update() if lock else statement)}


def _exists(session: Session, seat: Seat, today: date) -> bool:
    if seat.role in UNIT_ROLES:
        statement = select(OrgUnit.id).where(OrgUnit.id == seat.holder_id, valid_on(OrgUnit, today))
    else:
        statement = select(User.id).where(User.id == seat.holder_id, User.active)
    chosen = teams.leaders(session, today) if seat.role is TeamRole.LEADER else []
    if chosen and seat.holder_id not in dict(chosen):
        return False
    return session.scalar(statement) is not None


def _force(session: Session, actor: Actor, project_id: int, force_id: int) -> TaskForce:
    project = queries.get_for(session, actor, project_id, Permission.FORCE_FORM)
    statement = select(TaskForce).where(
        TaskForce.id == force_id,
        (TaskForce.project_id == project.id) | (TaskForce.enterprise_id == project.enterprise_id),
    )
    force = session.scalar(statement.with_for_update())
    if force is None:
        raise NotFoundError(ABSENT)
    if force.ended_at is not None:
        raise ConflictError(Problem("force.ended", "专班已经解散。"))
    return force


def _member(session: Session, force_id: int, user_id: int) -> TaskForceMember | None:
    statement = select(TaskForceMember).where(
        TaskForceMember.force_id == force_id, TaskForceMember.user_id == user_id, TaskForceMember.left_at.is_(None)
    )
    return session.scalar(statement)
