"""The one door for logging a touch: it finds the project the touch belongs to."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, select

from crm.auth.queries import EYES, within
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.fieldwork import services
from crm.fieldwork.trips import joining
from crm.pipeline.intake.working import awaiting_work, note_work
from crm.pipeline.models import Project
from crm.pipeline.queries import privy, visible_to

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.models import Touch
    from crm.fieldwork.rules import TouchDraft, TouchTarget

WRONG_PROJECT = Problem("touch.project", "所选项目不属于这家企业，或者不在您的范围内，请重新选择。", "project")


class OpenProject(NamedTuple):
    """A project a touch may belong to."""

    id: int
    name: str
    unit_id: int
    accepted: bool


def choices(session: Session, actor: Actor, enterprise_id: int) -> list[OpenProject]:
    """Return the open projects of an enterprise that the person may log touches on, newest first."""
    return [OpenProject(*row) for row in session.execute(_open_ones(actor), {"firm": enterprise_id})]


@lru_cache(maxsize=EYES)
def _open_ones(actor: Actor) -> Select[int, str, int, bool]:
    open_ones = select(Project.id, Project.name, Project.unit_id, awaiting_work(Project.id)).where(
        Project.enterprise_id == bindparam("firm"),
        Project.exit_kind.is_(None),
        within(Project.unit_id, actor, Permission.TOUCH_WRITE),
        privy(actor),
    )
    return open_ones.order_by(Project.id.desc()).limit(20)


def enterprise_of(session: Session, actor: Actor, project_id: int) -> int | None:
    """Return the enterprise of a project the person may see, None otherwise."""
    statement = select(Project.enterprise_id).where(Project.id == project_id, visible_to(actor))
    return session.scalar(statement)


def project_name(session: Session, actor: Actor, project_id: int) -> str | None:
    """Return the name of a project the person may see, None otherwise."""
    return session.scalar(_name(actor), {"id": project_id})


@lru_cache(maxsize=EYES)
def _name(actor: Actor) -> Select[str]:
    return select(Project.name).where(Project.id == bindparam("id"), visible_to(actor))


def log(session: Session, actor: Actor, draft: TouchDraft, target: TouchTarget, *, now: datetime, today: date) -> Touch:
    """Log a touch and link its project: the one named, else the only open one of the person's units.

    Raises DomainError when the project is of another enterprise or another unit.
    """
    open_projects = choices(session, actor, target.enterprise_id)
    if target.project_id is not None:
        if target.project_id not in {project.id for project in open_projects}:
            raise DomainError(WRONG_PROJECT)
    elif target.auto_link:
        own = [project.id for project in open_projects if project.unit_id in actor.unit_ids]
        target = replace(target, project_id=own[0] if len(own) == 1 else None)
    touch = services.log_touch(session, actor, draft, target, now=now, today=today)
    if any(project.accepted for project in open_projects if project.id == touch.project_id):
        note_work(session, touch.project_id, actor.user_id, now=now)
    joining.join(session, touch, now=now)
    return touch
