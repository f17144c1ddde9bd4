"""Leaders linked to regions, projects and squads for a time (挂钩联系)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from crm.auth.models import OrgUnit, Roster, User
from crm.auth.queries import valid_on
from crm.auth.rules import Role
from crm.core import audit
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.pipeline import queries
from crm.pipeline.intake.dimensions import LinkKind
from crm.pipeline.intake.models import LeaderLink
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SHOWN = 200


def running(today: date) -> ColumnElement[bool]:
    """Condition: the link holds today."""
    return and_(LeaderLink.valid_from <= today, or_(LeaderLink.valid_to.is_(None), LeaderLink.valid_to >= today))


def of_project(session: Session, project: Project, today: date) -> list[LeaderLink]:
    """Leaders linked to a project, to the squad that works on it, or to the region its enterprise sits in."""
    region = project.enterprise.region or ""
    by_region = and_(LeaderLink.kind == LinkKind.REGION, LeaderLink.region.in_(_prefixes(region)))
    statement = (
        select(LeaderLink)
        .where(
            running(today),
            or_(LeaderLink.project_id == project.id, LeaderLink.unit_id == project.unit_id, by_region),
        )
        .options(joinedload(LeaderLink.leader), joinedload(LeaderLink.unit))
        .order_by(LeaderLink.kind, LeaderLink.id)
        .limit(20)
    )
    return list(session.scalars(statement))


def _prefixes(region: str) -> list[str]:
    return [region[:end] for end in range(2, len(region) + 1)]


def listing(session: Session, actor: Actor, today: date) -> list[LeaderLink]:
    """Links that hold, of projects only those the person may see."""
    statement = (
        select(LeaderLink)
        .outerjoin(Project, Project.id == LeaderLink.project_id)
        .join(User, User.id == LeaderLink.leader_id)
        .where(
            or_(LeaderLink.valid_to.is_(None), LeaderLink.valid_to >= today),
            or_(LeaderLink.project_id.is_(None), queries.visible_to(actor)),
        )
        .options(joinedload(LeaderLink.leader), joinedload(LeaderLink.unit), joinedload(LeaderLink.project))
        .order_by(User.name, LeaderLink.kind, LeaderLink.id)
        .limit(SHOWN)
    )
    return list(session.scalars(statement))


def leaders(session: Session, today: date) -> list[tuple[int, str]]:
    """People who hold a leader's post today."""
    statement = (
        select(User.id, User.name)
        .join(Roster, Roster.user_id == User.id)
        .where(User.active, Roster.role == Role.LEADER, valid_on(Roster, today))
        .order_by(User.name, User.id)
        .distinct()
    )
    return [(row.id, row.name) for row in session.execute(statement)]


def key_projects(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Open projects a leader can be linked to: the key ones first, then the largest."""
    statement = (
        select(Project.id, Project.name)
        .where(queries.visible_to(actor), Project.exit_kind.is_(None))
        .order_by(Project.key_project.desc(), Project.total_investment.desc().nulls_last(), Project.id)
        .limit(SHOWN)
    )
    return [(row.id, row.name) for row in session.execute(statement)]


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """A leader, what to link to (the name of a region, the id of a project or squad), and for how long."""

    leader_id: int
    kind: LinkKind
    target: str | int
    start: date
    end: date | None = None


def link(session: Session, actor: Actor, draft: LinkDraft, *, now: datetime) -> LeaderLink:
    """Link a leader to a region, a project or a squad for a time."""
    kind, target, start, end = draft.kind, draft.target, draft.start, draft.end
    problems = []
    if not target:
        field = {LinkKind.REGION: "region", LinkKind.PROJECT: "project_id", LinkKind.SQUAD: "unit_id"}[kind]
        problems.append(Problem("link.target", "请写明挂钩的片区、项目或小分队。", field))
    if end is not None and end < start:
        problems.append(Problem("link.dates", "止期不能早于起期。", "valid_to"))
    if draft.leader_id not in {person for person, _name in leaders(session, start)}:
        problems.append(Problem("link.leader", "请选择现任领导。", "leader_id"))
    if problems:
        raise DomainError(*problems)
    row = LeaderLink(leader_id=draft.leader_id, kind=kind, valid_from=start, valid_to=end)
    row.created_by, row.created_at = actor.user_id, now
    if kind is LinkKind.REGION:
        row.region = str(target)
    elif kind is LinkKind.PROJECT:
        row.project_id = queries.get(session, actor, int(target)).id
    else:
        unit = session.get(OrgUnit, int(target))
        if unit is None:
            raise NotFoundError(Problem("unit.absent", "没有这个机构。"))
        row.unit_id = unit.id
    session.add(row)
    session.flush()
    detail = {"leader": draft.leader_id, "kind": str(kind)}
    audit.record(session, actor.user_id, "leader.link", ("leader_link", row.id), now=now, **detail)
    return row


def _visible(actor: Actor) -> Select[Any]:
    return select(Project.id).where(queries.visible_to(actor))


def end(session: Session, actor: Actor, link_id: int, *, today: date, now: datetime) -> LeaderLink:
    """End a link today; it stays readable."""
    seen = or_(LeaderLink.project_id.is_(None), LeaderLink.project_id.in_(_visible(actor)))
    row = session.scalar(select(LeaderLink).where(LeaderLink.id == link_id, seen).with_for_update())
    if row is None:
        raise NotFoundError(Problem("link.absent", "没有这条挂钩。"))
    if row.valid_to is None or row.valid_to > today:
        row.valid_to = max(today, row.valid_from)
        audit.record(session, actor.user_id, "leader.unlink", ("leader_link", row.id), now=now)
    session.flush()
    return row
