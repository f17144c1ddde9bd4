"""Reads of task forces (专班): mine, and those of projects the person may see, with what blocks their projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from crm.auth.models import User
from crm.core.paging import Key, Page, fetch_page
from crm.delivery.blockers import queries as blockers
from crm.delivery.blockers.models import Blocker
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import FollowUp
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to
from crm.pipeline.team.models import TaskForce, TaskForceMember

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.team.rules import ForceRole

FEW = 6
ORDER = (Key(TaskForce.id, descending=True),)


@dataclass(frozen=True, slots=True)
class Standing:
    """A working task force: what it works on, who heads it, the person's own role, open and late blockers."""

    force: TaskForce
    subject: str
    head: str
    own: ForceRole | None
    people: int
    blockers: int
    late: int


def mine(session: Session, actor: Actor, today: date, *, limit: int = FEW) -> list[Standing]:
    """Return the working task forces the person belongs to, the newest first."""
    own = select(TaskForceMember.force_id).where(
        TaskForceMember.user_id == actor.user_id, TaskForceMember.left_at.is_(None)
    )
    statement = _working(actor, today).where(TaskForce.id.in_(own)).order_by(TaskForce.id.desc()).limit(limit)
    return [_standing(row) for row in session.execute(statement)]


def own_count(actor: Actor) -> Select[int]:
    """Count the task forces the person belongs to, in sight or not."""
    own = (TaskForceMember.user_id == actor.user_id, TaskForceMember.left_at.is_(None))
    return select(func.count(TaskForceMember.id)).where(*own)


def page(session: Session, actor: Actor, today: date, *, own: bool, cursor: str | None) -> Page[Standing]:
    """Return a page of working task forces, the newest first; ``own`` leaves only those the person belongs to."""
    statement = _working(actor, today)
    if own:
        statement = statement.where(TaskForceMember.id.is_not(None))
    found = fetch_page(session, statement, ORDER, lambda row: (row[0].id,), cursor=cursor)
    return Page(tuple(_standing(row) for row in found.rows), found.next, found.previous)


def _working(actor: Actor, today: date) -> Select[Any]:
    """Task forces whose project, or some project of whose enterprise, the person may see; counts as subqueries."""
    seen = select(Project.id).where(visible_to(actor))
    firms = select(Project.enterprise_id).where(visible_to(actor))
    of_force = or_(Blocker.project_id == TaskForce.project_id, Blocker.enterprise_id == TaskForce.enterprise_id)
    live = (of_force, Blocker.closed_at.is_(None), blockers.visible_to(actor))
    late = FollowUp.done_at.is_(None) & (Blocker.due_on < today)
    joined = select(func.count()).select_from(Blocker).join(FollowUp, FollowUp.id == Blocker.follow_up_id)
    stays = (TaskForceMember.force_id == TaskForce.id) & TaskForceMember.left_at.is_(None)
    member = aliased(TaskForceMember)
    there = (member.force_id == TaskForce.id, member.left_at.is_(None))
    people = select(func.count(member.id)).where(*there).correlate(TaskForce)
    return (
        select(
            TaskForce,
            func.coalesce(Project.name, Enterprise.name),
            User.name,
            TaskForceMember.role,
            people.scalar_subquery(),
            joined.where(*live).correlate(TaskForce).scalar_subquery(),
            joined.where(*live, late).correlate(TaskForce).scalar_subquery(),
        )
        .outerjoin(Project, Project.id == TaskForce.project_id)
        .outerjoin(Enterprise, Enterprise.id == TaskForce.enterprise_id)
        .join(User, User.id == TaskForce.leader_id)
        .outerjoin(TaskForceMember, stays & (TaskForceMember.user_id == actor.user_id))
        .where(TaskForce.ended_at.is_(None), or_(TaskForce.project_id.in_(seen), TaskForce.enterprise_id.in_(firms)))
    )


def _standing(row: Any) -> Standing:  # noqa: ANN401 (a row of the statement above)
    return Standing(*row)
