"""Triage, return, pool: the steps of a lead that one person decides. Nothing here commits.

Hand-overs, which need a second person, are in ``handovers``; claiming from the pool in ``pool``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, Problem
from crm.pipeline import queries
from crm.pipeline.intake.models import Handover, LeadIntake
from crm.pipeline.intake.opening import locked, step
from crm.pipeline.intake.rules import STEPS, Act, LeadFacts, LeadState, Party, act_problems

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project

MOVED = "lead.state"
POOL_REASON = "超过规定月数没有走访或备注，按规则转入公海。"


def begin(session: Session, actor: Actor, project_id: int, *, now: datetime) -> LeadIntake:
    """Start the triage of a lead; its clock runs on."""
    return _act(session, actor, project_id, Act.BEGIN, now=now)


def return_lead(session: Session, actor: Actor, project_id: int, reason: str, *, now: datetime) -> LeadIntake:
    """Send a lead back to whoever registered it, with what is missing."""
    return _act(session, actor, project_id, Act.RETURN, reason=reason, now=now)


def resubmit(session: Session, actor: Actor, project_id: int, *, now: datetime) -> LeadIntake:
    """Send a returned lead to triage again."""
    return _act(session, actor, project_id, Act.RESUBMIT, now=now)


def to_pool(session: Session, actor: Actor, project_id: int, reason: str, *, now: datetime) -> LeadIntake:
    """Give a lead to the pool; its owner stays named until somebody claims it."""
    project = queries.get(session, actor, project_id)
    row = _act(session, actor, project_id, Act.POOL, reason=reason, now=now)
    _pooled(row, project)
    session.flush()
    return row


def recall(session: Session, actor: Actor, project_id: int, reason: str, *, now: datetime) -> LeadIntake:
    """Take a lead out of the pool again, into triage."""
    return _act(session, actor, project_id, Act.RECALL, reason=reason, now=now)


def pool_by_clock(session: Session, project: Project, *, now: datetime) -> bool:
    """Put a lead into the pool because its time is out; False if it changed meanwhile."""
    row = locked(session, project.id)
    facts = facts_of(session, project, row)
    if act_problems(Act.POOL, facts, Party.CLOCK, reason=POOL_REASON):
        return False
    step(session, row, LeadState.POOLED, by=None, now=now, reason=POOL_REASON)
    _pooled(row, project)
    session.flush()
    return True


def set_key(session: Session, actor: Actor, project_id: int, *, on: bool, reason: str, now: datetime) -> Project:
    """Put a project on the list of key projects with the reason, or take it off (重点项目)."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_KEY)
    if on and not reason.strip():
        raise DomainError(Problem("key.reason", "请写明列为重点的理由，例如谁在哪次会上定的。", "reason"))
    project.key_project, project.key_reason, project.updated_at = on, reason.strip() if on else None, now
    audit.record(session, actor.user_id, "project.key", ("project", project.id), now=now, on=on, reason=reason.strip())
    session.flush()
    return project


def party_for(actor: Actor, project: Project, act: Act) -> Party | None:
    """Return in which place the actor may do this with this project, None if in none."""
    held = {
        Party.TRIAGE: actor.reaches(Permission.LEAD_TRIAGE, project.unit_id),
        Party.OWNER: actor.user_id in {project.owner_id, project.created_by}
        and actor.reaches(Permission.PROJECT_WRITE, project.unit_id),
    }
    return next((party for party in STEPS[act].parties if held.get(party)), None)


def facts_of(session: Session, project: Project, row: LeadIntake) -> LeadFacts:
    """Gather what the table of steps looks at."""
    return facts_from(project, row.state, waiting=open_handover(session, project.id) is not None)


def facts_from(project: Project, state: LeadState, *, waiting: bool) -> LeadFacts:
    """Make what the table of steps looks at of what was read already."""
    return LeadFacts(
        state=state,
        stage=project.stage,
        left=project.exit_kind is not None,
        open_handover=waiting,
        confidential=project.confidential,
    )


def open_handover(session: Session, project_id: int, *, lock: bool = False) -> Handover | None:
    """Return the hand-over of a project that waits for its answer."""
    statement = select(Handover).where(Handover.project_id == project_id, Handover.answered_at.is_(None))
    return session.scalar(statement.with_for_update() if lock else statement)


def refuse(problems: list[Problem]) -> None:
    """Raise what the rules found; a step that somebody else made first is a conflict."""
    if problems and problems[0].key == MOVED:
        raise ConflictError(*problems)
    if problems:
        raise DomainError(*problems)


def _act(session: Session, actor: Actor, project_id: int, act: Act, *, reason: str = "", now: datetime) -> LeadIntake:
    project = queries.get(session, actor, project_id)
    row = locked(session, project.id)
    facts = facts_of(session, project, row)
    refuse(act_problems(act, facts, party_for(actor, project, act), reason=reason))
    step(session, row, STEPS[act].target, by=actor.user_id, now=now, reason=reason, keep_clock=act is Act.BEGIN)
    session.flush()
    return row


def _pooled(row: LeadIntake, project: Project) -> None:
    row.pooled_from = project.owner_id
    row.claimed_by = row.claimed_at = None
