"""The pool (公海): who sees which leads in it, who may claim one, and what falls into it by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import aliased

from crm.auth.models import OrgUnit, User
from crm.auth.queries import subtree
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.core.paging import Key, fetch_page
from crm.enterprises.models import Enterprise
from crm.pipeline import queries
from crm.pipeline.intake.clocks import cutoffs
from crm.pipeline.intake.lights import silent_before
from crm.pipeline.intake.models import Handover, LeadEvent, LeadIntake
from crm.pipeline.intake.opening import ABSENT, locked, note_owner, step
from crm.pipeline.intake.rules import OWNED, POOL_STAGES, ClaimFacts, LeadState, claim_problems
from crm.pipeline.intake.services import pool_by_clock
from crm.pipeline.intake.setup import Setup, load
from crm.pipeline.models import Project
from crm.pipeline.rules import Stage

if TYPE_CHECKING:
    from datetime import datetime, tzinfo
    from typing import Any

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.paging import Page

BATCH = 200


def in_pool(session: Session, actor: Actor, setup: Setup) -> ColumnElement[bool]:
    """Condition: a lead of the pool this person may see: of all units or the own bureau, never a confidential one."""
    pooled = and_(LeadIntake.state == LeadState.POOLED, Project.exit_kind.is_(None), Project.confidential.is_(False))
    if setup.pool.all_units or actor.scope(Permission.PROJECT_READ) is None:
        return pooled
    return pooled & Project.unit_id.in_(_bureau(session, actor))


def _bureau(session: Session, actor: Actor) -> set[int]:
    """Return the units under the highest one above the person's own."""
    parents = {row.id: row.parent_id for row in session.execute(select(OrgUnit.id, OrgUnit.parent_id))}
    below = subtree(session)
    reached: set[int] = set()
    for unit_id in actor.unit_ids:
        top = unit_id
        while parents.get(top):
            top = parents[top] or top
        reached |= below.get(top, frozenset())
    return reached


def leads(session: Session, actor: Actor, setup: Setup) -> Select[*tuple[Any, ...]]:
    """Select the pool with what a person may know of a lead before taking it."""
    before = aliased(User)
    reason = (
        select(LeadEvent.reason)
        .where(LeadEvent.project_id == Project.id, LeadEvent.to_state == LeadState.POOLED)
        .order_by(LeadEvent.id.desc())
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )
    return (
        select(
            Project.id,
            Project.name,
            Enterprise.name.label("enterprise"),
            Project.industry,
            Project.total_investment,
            Project.stage,
            OrgUnit.name.label("unit"),
            before.name.label("owner"),
            LeadIntake.pooled_at,
            LeadIntake.pooled_from,
            reason.label("reason"),
        )
        .join(LeadIntake, LeadIntake.project_id == Project.id)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .join(OrgUnit, OrgUnit.id == Project.unit_id)
        .outerjoin(before, before.id == LeadIntake.pooled_from)
        .where(in_pool(session, actor, setup))
    )


def claim(session: Session, actor: Actor, project_id: int, *, now: datetime) -> Project:
    """Take a lead out of the pool: of two who click, one gets it, the other is told who was first."""
    unit_id = queries.home_unit(actor)
    setup = load(session)
    session.scalar(select(User.id).where(User.id == actor.user_id).with_for_update())  # one claim of a person at a time
    row = locked(session, project_id)
    project = session.get_one(Project, project_id)
    if row.state is not LeadState.POOLED:
        raise _too_late(session, actor, row, project)
    if session.scalar(_visible(session, actor, setup, project_id)) is None:
        raise NotFoundError(ABSENT)
    facts = ClaimFacts(
        held=held(session, actor),
        taken_from=row.pooled_from == actor.user_id,
        days_since=(now - row.pooled_at).days if row.pooled_at else 0,
    )
    problems = claim_problems(setup.pool, facts)
    if queries.latest_reviewer(session, project.id) == actor.user_id:
        problems.append(Problem("owner.reviewer", "评审过本项目的人不能再任负责人。"))
    if problems:
        raise DomainError(*problems)
    project.owner_id, project.unit_id, project.updated_at = actor.user_id, unit_id, now
    row.claimed_by, row.claimed_at = actor.user_id, now
    step(session, row, LeadState.ACCEPTED, by=actor.user_id, now=now, reason="从公海认领")
    note_owner(session, project, row.pooled_from, by=actor.user_id, now=now)
    session.flush()
    session.expire(project, ["owner", "unit"])
    return project


def held(session: Session, actor: Actor) -> int:
    """Count what a person claimed and has not yet brought beyond a lead."""
    statement = (
        select(func.count())
        .select_from(LeadIntake)
        .join(Project, Project.id == LeadIntake.project_id)
        .where(
            LeadIntake.claimed_by == actor.user_id,
            LeadIntake.state.in_(tuple(OWNED)),
            Project.owner_id == actor.user_id,
            Project.stage == Stage.LEAD,
            Project.exit_kind.is_(None),
        )
    )
    return session.scalar(statement) or 0


def recycle(session: Session, *, now: datetime, zone: tzinfo) -> list[int]:
    """Put leads whose time is out into the pool, each with its row of history; return which, at most a batch."""
    setup = load(session)
    border = cutoffs(setup.clocks, now.astimezone(zone).date(), zone).pool
    if border is None:
        return []
    waiting = exists().where(Handover.project_id == Project.id, Handover.answered_at.is_(None))
    statement = (
        select(Project)
        .join(LeadIntake, LeadIntake.project_id == Project.id)
        .where(
            Project.exit_kind.is_(None),
            Project.confidential.is_(False),
            Project.stage.in_(POOL_STAGES),
            LeadIntake.since < border,
            LeadIntake.state.not_in((LeadState.POOLED, LeadState.ASSIGNED, LeadState.NEW)),
            ~waiting,
            silent_before(border),
        )
        .order_by(Project.id)
        .limit(BATCH)
    )
    found = session.scalars(statement).all()
    return [project.id for project in found if pool_by_clock(session, project, now=now)]


def _visible(session: Session, actor: Actor, setup: Setup, project_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(Project.id)
        .join(LeadIntake, LeadIntake.project_id == Project.id)
        .where(Project.id == project_id, in_pool(session, actor, setup))
    )


def _too_late(session: Session, actor: Actor, row: LeadIntake, project: Project) -> DomainError:
    """Say who was first, to those who could have claimed it; for others it does not exist."""
    if project.confidential or (row.claimed_by is None and not actor.reaches(Permission.PROJECT_READ, project.unit_id)):
        return NotFoundError(ABSENT)
    if row.claimed_by == actor.user_id:
        return ConflictError(Problem("claim.yours", "这条线索您已经认领了。"))
    name = session.scalar(select(User.name).where(User.id == row.claimed_by)) or ""
    return ConflictError(Problem("claim.taken", "这条线索刚被%(name)s认领。", params={"name": name}))


def page(session: Session, actor: Actor, setup: Setup, *, cursor: str | None) -> Page[Any]:
    """Return a page of the pool, the newest in it first."""
    order = (Key(LeadIntake.pooled_at, descending=True), Key(Project.id, descending=True))
    statement = leads(session, actor, setup)
    return fetch_page(session, statement, order, lambda row: (row.pooled_at, row.id), cursor=cursor)
