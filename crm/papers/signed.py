"""Signed projects with who leads them and what comes next, in three queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.auth.models import OrgUnit, User
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import FollowUp
from crm.fieldwork.queries import follow_ups_visible_to
from crm.papers.facts import SignedProject
from crm.pipeline.models import Agreement, Project
from crm.pipeline.queries import visible_to
from crm.pipeline.rules import ORDER, STAGE_LABELS, AgreementKind, Stage
from crm.pipeline.team.models import ProjectRole
from crm.pipeline.team.rules import TeamRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 200
SIGNED = ORDER[ORDER.index(Stage.SIGNED) :]
LEADS = (TeamRole.INDUSTRY_UNIT, TeamRole.TERRITORY_UNIT)


def projects(session: Session, actor: Actor) -> tuple[SignedProject, ...]:
    """Signed projects that have not left, the largest first."""
    signed_on = (
        select(func.min(Agreement.signed_on))
        .where(Agreement.project_id == Project.id, Agreement.kind == AgreementKind.CONTRACT)
        .correlate(Project)
        .scalar_subquery()
    )
    statement = (
        select(Project, Enterprise.name, OrgUnit.name, signed_on)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .join(OrgUnit, OrgUnit.id == Project.unit_id)
        .where(visible_to(actor), Project.confidential.is_(False))
        .where(Project.exit_kind.is_(None), Project.stage.in_(SIGNED))
        .order_by(func.coalesce(Project.total_investment, 0).desc(), Project.id)
        .limit(MOST)
    )
    rows = session.execute(statement).all()
    ids = [row[0].id for row in rows]
    held, next_ones = _roles(session, ids), _next(session, actor, ids)
    found = []
    for project, investor, unit, day in rows:
        roles, task = held.get(project.id, {}), next_ones.get(project.id)
        found.append(
            SignedProject(
                project.name,
                investor,
                project.total_investment,
                day,
                roles.get(TeamRole.LEADER, ""),
                "、".join(roles[one] for one in LEADS if one in roles),
                STAGE_LABELS[Stage(project.stage)],
                roles.get(TeamRole.LEAD_UNIT, unit),
                task.title if task else "",
                task.due_on if task else None,
            )
        )
    return tuple(found)


def _roles(session: Session, ids: Sequence[int]) -> dict[int, dict[TeamRole, str]]:
    """Who holds which role of these projects now."""
    statement = (
        select(ProjectRole.project_id, ProjectRole.role, func.coalesce(User.name, OrgUnit.name))
        .outerjoin(User, User.id == ProjectRole.user_id)
        .outerjoin(OrgUnit, OrgUnit.id == ProjectRole.unit_id)
        .where(ProjectRole.project_id.in_(ids), ProjectRole.valid_to.is_(None))
    )
    found: dict[int, dict[TeamRole, str]] = {}
    for project_id, role, name in session.execute(statement):
        found.setdefault(project_id, {})[TeamRole(role)] = name
    return found


def _next(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, FollowUp]:
    """The open follow-up of each of these projects that is due first."""
    earliest = func.row_number().over(partition_by=FollowUp.project_id, order_by=(FollowUp.due_on, FollowUp.id))
    waiting = (
        select(FollowUp.id, earliest.label("place"))
        .where(FollowUp.project_id.in_(ids), FollowUp.done_at.is_(None), FollowUp.due_on.is_not(None))
        .where(follow_ups_visible_to(actor))
        .subquery()
    )
    statement = select(FollowUp).join(waiting, waiting.c.id == FollowUp.id).where(waiting.c.place == 1)
    return {row.project_id: row for row in session.scalars(statement) if row.project_id is not None}
