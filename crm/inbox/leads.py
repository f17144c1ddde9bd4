"""A signal becomes a lead: with its evidence, somebody who answers for it, and a first thing to do with a date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.models import OrgUnit, Roster, User
from crm.auth.queries import valid_on
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.fieldwork import followups
from crm.fieldwork.rules import FollowUpDraft, follow_up_problems
from crm.pipeline import fromsignals, services
from crm.pipeline import queries as pipeline
from crm.pipeline.intake import handovers
from crm.pipeline.intake.handovers import Receiver
from crm.pipeline.models import Project
from crm.signals import deciding
from crm.signals.models import SignalState

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.signals.models import Signal

MOST_PROJECTS = 20
NO_SEAT = Problem("lead.seat", "请从列表里选一位在编人员。", "owner")
NOT_OPEN = Problem("lead.closed", "请选这家企业正在推进的项目。", "project")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person filled in: the name of the lead, its owner as (user, unit), the first step and its date."""

    name: str
    owner: tuple[int, int]
    title: str
    due_on: date | None


def seats(session: Session, actor: Actor, today: date) -> list[tuple[int, int, str]]:
    """Who may be given a lead by this person, as (unit, user, words): oneself first, others by the triage alone."""
    home = pipeline.home_unit(actor)
    own = [(home, actor.user_id, actor.name)]
    scope = actor.scope(Permission.LEAD_TRIAGE)
    if scope is not None and not scope:
        return own
    statement = (
        select(OrgUnit.id, User.id, User.name, OrgUnit.name, OrgUnit.position)
        .join(Roster, Roster.unit_id == OrgUnit.id)
        .join(User, User.id == Roster.user_id)
        .where(User.active, Roster.role.in_(pipeline.OWNER_ROLES), valid_on(Roster, today), valid_on(OrgUnit, today))
        .order_by(OrgUnit.position, OrgUnit.id, User.name, User.id)
        .distinct()
    )
    if scope is not None:
        statement = statement.where(OrgUnit.id.in_(scope))
    rows = session.execute(statement).all()
    return [*own, *[(row[0], row[1], f"{row[2]} · {row[3]}") for row in rows if row[1] != actor.user_id]]


def take_up(session: Session, actor: Actor, signal_id: int, wish: Wish, *, now: datetime, today: date) -> Project:
    """Make a lead of a signal, hand it to its owner and write down the first step.

    A signal that is a lead already gives that lead and changes nothing.
    """
    user_id, unit_id = wish.owner
    if (unit_id, user_id) not in {(unit, user) for unit, user, _words in seats(session, actor, today)}:
        raise DomainError(NO_SEAT)
    problems = follow_up_problems(FollowUpDraft(wish.title, wish.due_on), today)
    if problems:
        raise DomainError(*problems)
    project, fresh = fromsignals.register_from_signal(session, actor, signal_id, name=wish.name, now=now)
    if not fresh:
        return project
    if user_id != actor.user_id:
        handovers.assign(session, actor, project.id, Receiver(unit_id, user_id), "", now=now, today=today)
    step = FollowUpDraft(wish.title, wish.due_on, project.enterprise_id, project.id)
    followups.assign_follow_up(session, actor, step, wish.owner, now=now, today=today)
    return project


def append(session: Session, actor: Actor, signal: Signal, project_id: int, *, now: datetime) -> Project:
    """Write a signal into the stream of a project the enterprise has already, and accept it."""
    known = {row.id for row in open_projects(session, actor, signal.enterprise_id)}
    if project_id not in known:
        raise DomainError(NOT_OPEN)
    if signal.state is SignalState.REJECTED:
        raise DomainError(deciding.DECIDED)
    title = signal.article.title
    services.add_note(session, actor, project_id, f"{title}\n{signal.quote}\n{signal.article.url}", now=now)
    if signal.state is SignalState.NEW:
        deciding.accept(session, actor, signal.id, now=now)
    return pipeline.get(session, actor, project_id)


def open_projects(session: Session, actor: Actor, enterprise_id: int) -> list[Project]:
    """Projects of an enterprise that go on and that the person may write to, newest first."""
    scope = actor.scope(Permission.PROJECT_WRITE)
    here = [Project.enterprise_id == enterprise_id, Project.exit_kind.is_(None), pipeline.visible_to(actor)]
    if scope is not None:
        here.append(Project.unit_id.in_(scope))
    return list(session.scalars(select(Project).where(*here).order_by(Project.id.desc()).limit(MOST_PROJECTS)))
