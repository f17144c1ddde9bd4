"""Reads of a project's way: every change of stage, every exit, and losses that nobody has gone over yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crm.auth.models import OrgUnit, User
from crm.auth.queries import units
from crm.fieldwork.models import Touch
from crm.fieldwork.queries import counted
from crm.fieldwork.rules import TouchKind
from crm.pipeline.exits.models import ProjectExit
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.queries import visible_to
from crm.pipeline.words import ExitKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 200


@dataclass(frozen=True, slots=True)
class Step:
    """A change of stage with the name of who made it."""

    entry: StageEntry
    who: str


@dataclass(frozen=True, slots=True)
class FirstDates:
    """The first visit and the first inspection of a project; None while there was none."""

    visit: datetime | None = None
    inspection: datetime | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """An exit with the names a page shows."""

    row: ProjectExit
    project: str
    who: str
    learner: str | None
    merged_into: str | None
    to_unit: str | None


def history(session: Session, project_id: int) -> list[Step]:
    """Every change of stage of a project already found to be visible, newest first."""
    statement = (
        select(StageEntry, User.name)
        .join(User, User.id == StageEntry.by)
        .where(StageEntry.project_id == project_id)
        .order_by(StageEntry.seq.desc())
        .limit(MOST)
    )
    return [Step(entry, name) for entry, name in session.execute(statement)]


def first_dates(session: Session, project_ids: Sequence[int]) -> dict[int, FirstDates]:
    """When projects were first visited and first inspected, of touches that count: what cohorts rest on."""
    statement = (
        select(
            Touch.project_id,
            func.min(Touch.occurred_at).filter(Touch.kind == TouchKind.VISIT),
            func.min(Touch.occurred_at).filter(Touch.kind == TouchKind.INSPECTION),
        )
        .where(Touch.project_id.in_(project_ids), counted())
        .group_by(Touch.project_id)
    )
    rows = session.execute(statement)
    return {number: FirstDates(visit, came) for number, visit, came in rows if number is not None}


def of_project(session: Session, actor: Actor, project_id: int) -> list[Left]:
    """Every exit of a project already found to be visible, newest first; only visible other projects are named."""
    return _left(session, _select(actor).where(ProjectExit.project_id == project_id))


def unlearned(session: Session, actor: Actor) -> list[Left]:
    """Visible losses that nobody has gone over yet, the longest due first."""
    waiting = (ProjectExit.kind == ExitKind.LOST, ProjectExit.learned.is_(None), ProjectExit.restored_at.is_(None))
    statement = _select(actor).where(*waiting, visible_to(actor)).order_by(None)
    return _left(session, statement.order_by(ProjectExit.learn_by, ProjectExit.id))


def mergeable(session: Session, actor: Actor, project: Project) -> list[tuple[int, str]]:
    """Visible projects on the road into which this one may be merged: those of the same enterprise first."""
    statement = (
        select(Project.id, Project.name)
        .where(Project.id != project.id, Project.exit_kind.is_(None), visible_to(actor))
        .order_by((Project.enterprise_id != project.enterprise_id), Project.id.desc())
        .limit(MOST)
    )
    return [(project_id, name) for project_id, name in session.execute(statement)]


def other_units(session: Session, project: Project, today: date) -> list[tuple[int, str]]:
    """Units to which a project may be handed."""
    return [(unit.id, unit.name) for unit in units(session, today) if unit.id != project.unit_id]


def _select(actor: Actor) -> Select[*tuple[Any, ...]]:
    learner = aliased(User)
    other = select(Project.id, Project.name).where(visible_to(actor)).subquery("other")
    return (
        select(ProjectExit, Project.name, User.name, learner.name, other.c.name, OrgUnit.name)
        .join(Project, Project.id == ProjectExit.project_id)
        .join(User, User.id == ProjectExit.by)
        .outerjoin(learner, learner.id == ProjectExit.learned_by)
        .outerjoin(other, other.c.id == ProjectExit.merged_into_id)
        .outerjoin(OrgUnit, OrgUnit.id == ProjectExit.to_unit_id)
        .order_by(ProjectExit.id.desc())
        .limit(MOST)
    )


def _left(session: Session, statement: Select[*tuple[Any, ...]]) -> list[Left]:
    return [Left(*row) for row in session.execute(statement)]
