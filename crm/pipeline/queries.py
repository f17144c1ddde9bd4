"""Reads of projects: what a person may see, and who else has a hand in one."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from crm.auth.models import Roster, User
from crm.auth.queries import EYES, valid_on, within
from crm.auth.rules import ROLE_PERMISSIONS, ROLE_SCOPES, Permission, Role, Scope
from crm.core.errors import ForbiddenError, NotFoundError, Problem
from crm.core.paging import PAGE_SIZE, Key, Page, fetch_page
from crm.fieldwork import secrecy
from crm.fieldwork.models import Touch
from crm.fieldwork.rules import TouchKind
from crm.pipeline.models import Agreement, Project, Review, StageEntry
from crm.pipeline.moves import RETURN_ROLES
from crm.pipeline.team.models import TaskForce, TaskForceMember
from crm.pipeline.words import AgreementKind

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.rules import Stage

ABSENT = Problem("project.absent", "没有这个项目，或者不在您的查看范围内。")
AGREEMENT_ABSENT = Problem("agreement.absent", "没有这份协议。")
FORBIDDEN = Problem("project.forbidden", "您的角色不能对这个项目进行这项操作。")
OWNER_ROLES = tuple(role for role in Role if Permission.PROJECT_WRITE in ROLE_PERMISSIONS[role])


@lru_cache(maxsize=EYES)
def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: projects of units the actor may read or of a task force, confidential ones only for the privy."""
    own = within(Project.unit_id, actor, Permission.PROJECT_READ)
    if actor.scope(Permission.PROJECT_READ) is None:
        return own & privy(actor)
    return or_(own, in_force_of(actor)) & privy(actor)


def in_force_of(actor: Actor) -> ColumnElement[bool]:
    """Condition: a task force of the actor works on the project or on its enterprise (专班)."""
    mine = (
        select(TaskForce.project_id, TaskForce.enterprise_id)
        .join(TaskForceMember, TaskForceMember.force_id == TaskForce.id)
        .where(
            TaskForceMember.user_id == actor.user_id, TaskForceMember.left_at.is_(None), TaskForce.ended_at.is_(None)
        )
        .cte("mine")
    )
    projects = select(mine.c.project_id).where(mine.c.project_id.is_not(None))
    firms = select(mine.c.enterprise_id).where(mine.c.enterprise_id.is_not(None))
    return or_(Project.id.in_(projects), Project.enterprise_id.in_(firms))


@lru_cache(maxsize=EYES)
def privy(actor: Actor) -> ColumnElement[bool]:
    """Condition: the project is not confidential, or the person owns it or is named on it."""
    return or_(
        Project.confidential.is_(False), Project.owner_id == actor.user_id, Project.id.in_(secrecy.named_on(actor))
    )


def is_privy(session: Session, actor: Actor, project: Project) -> bool:
    """Whether the person may know of a project: it is not confidential, or the person owns it or is named on it."""
    if not project.confidential or project.owner_id == actor.user_id:
        return True
    return bool(session.scalar(select(Project.id).where(Project.id == project.id, privy(actor))))


def get(session: Session, actor: Actor, project_id: int) -> Project:
    """Return a visible project with enterprise, unit and owner; absent and foreign ones are alike not found."""
    statement = (
        select(Project)
        .where(Project.id == project_id, visible_to(actor))
        .options(joinedload(Project.enterprise), joinedload(Project.unit), joinedload(Project.owner))
    )
    project = session.scalar(statement)
    if project is None:
        raise NotFoundError(ABSENT)
    return project


def get_for(session: Session, actor: Actor, project_id: int, permission: Permission) -> Project:
    """Return a visible project on which the actor holds ``permission``."""
    project = get(session, actor, project_id)
    if not actor.reaches(permission, project.unit_id):
        raise ForbiddenError(FORBIDDEN)
    return project


def may_return(actor: Actor, unit_id: int) -> bool:
    """Whether the actor may send projects of a unit back a stage: its team lead, or the registrar."""
    return any(
        post.role in RETURN_ROLES and (ROLE_SCOPES[post.role] is Scope.ALL or unit_id in post.covers)
        for post in actor.posts
    )


def home_unit(actor: Actor) -> int:
    """Return the unit for which the actor registers projects: the first that may write them."""
    for post in actor.posts:
        if Permission.PROJECT_WRITE in ROLE_PERMISSIONS[post.role]:
            return post.unit_id
    raise ForbiddenError(FORBIDDEN)


def duplicate(session: Session, enterprise_id: int, folded_name: str, *, but: int | None = None) -> Project | None:
    """Find another project with the same key (enterprise and folded name), whoever owns it."""
    statement = (
        select(Project)
        .where(Project.enterprise_id == enterprise_id, Project.folded_name == folded_name)
        .options(joinedload(Project.unit))
    )
    if but is not None:
        statement = statement.where(Project.id != but)
    return session.scalar(statement)


def from_signal(session: Session, signal_id: int) -> Project | None:
    """Find the project a signal became, whoever owns it."""
    statement = select(Project).where(Project.source_signal_id == signal_id).options(joinedload(Project.unit))
    return session.scalars(statement.order_by(Project.id)).first()


def owner_choices(session: Session, unit_id: int, today: date) -> list[User]:
    """People who may own a project of a unit: active, rostered there today in a role that writes projects."""
    statement = (
        select(User)
        .join(Roster, Roster.user_id == User.id)
        .where(User.active, Roster.unit_id == unit_id, Roster.role.in_(OWNER_ROLES), valid_on(Roster, today))
        .order_by(User.name, User.id)
        .distinct()
    )
    return list(session.scalars(statement))


def unreported_inspection(session: Session, project_id: int) -> int | None:
    """Return the newest inspection of a project that still lacks its report."""
    statement = select(Touch.id).where(
        Touch.project_id == project_id,
        Touch.kind == TouchKind.INSPECTION,
        Touch.voided_at.is_(None),
        func.coalesce(func.trim(Touch.report), "") == "",
    )
    return session.scalar(statement.order_by(Touch.occurred_at.desc()).limit(1))


def entered_before(session: Session, project_id: int, stage: Stage) -> bool:
    """Whether the project has been in this stage before; a move taken back does not count."""
    statement = select(StageEntry.id).where(
        StageEntry.project_id == project_id, StageEntry.to_stage == stage, StageEntry.undone_at.is_(None)
    )
    return session.scalar(statement.limit(1)) is not None


def stage_history(session: Session, project_id: int, *, cursor: str | None, size: int = PAGE_SIZE) -> Page[Any]:
    """Return a page of (change of stage, who made it) of a project already found to be visible, newest first."""
    statement = select(StageEntry, User.name).join(User, User.id == StageEntry.by)
    own = cast("Select[Any]", statement.where(StageEntry.project_id == project_id))
    return fetch_page(
        session, own, [Key(StageEntry.seq, descending=True)], lambda row: [row[0].seq], cursor=cursor, size=size
    )


def newest_moves(session: Session, project: Project) -> tuple[StageEntry, StageEntry | None]:
    """Return the newest row of a project's history and the one before it."""
    statement = select(StageEntry).where(StageEntry.project_id == project.id, StageEntry.seq <= project.stage_seq)
    found = session.scalars(statement.order_by(StageEntry.seq.desc()).limit(2)).all()
    return found[0], found[1] if len(found) > 1 else None


def recognized(session: Session, project_id: int) -> bool:
    """Whether a contract of the project has been recognised."""
    statement = select(Agreement.id).where(Agreement.project_id == project_id, Agreement.recognized_amount > 0)
    return session.scalar(statement.limit(1)) is not None


def first_contract(session: Session, project_id: int) -> date | None:
    """Give the day of the first contract of a project."""
    statement = select(func.min(Agreement.signed_on)).where(
        Agreement.project_id == project_id, Agreement.kind == AgreementKind.CONTRACT
    )
    return session.scalar(statement)


def latest_reviewer(session: Session, project_id: int) -> int | None:
    """Return who decided the newest review."""
    statement = select(Review.decided_by).where(Review.project_id == project_id).order_by(Review.id.desc())
    return session.scalar(statement.limit(1))


def get_agreement(session: Session, project_id: int, agreement_id: int, *, lock: bool = False) -> Agreement:
    """Return an agreement of a project already found to be visible; locked if it is to be changed."""
    statement = select(Agreement).where(Agreement.id == agreement_id, Agreement.project_id == project_id)
    agreement = session.scalar(statement.with_for_update() if lock else statement)
    if agreement is None:
        raise NotFoundError(AGREEMENT_ABSENT)
    return agreement
