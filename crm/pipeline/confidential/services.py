"""Writes on confidentiality: put a project under a code name, name people on it, open it again. Nothing commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from crm.auth.rules import Permission
from crm.core import audit, jobs
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.tasks import enqueue
from crm.notices.services import hush
from crm.pipeline import indexing, queries, services
from crm.pipeline.confidential import queries as secrets
from crm.pipeline.confidential import rules
from crm.pipeline.confidential.models import ProjectInsider
from crm.pipeline.repeats.finding import notice

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project

NOT_YOURS = Problem("confidential.role", "只有知情的组长或招商办可以设定或解除保密。")
NOT_NAMING = Problem("confidential.naming", "只有负责人、知情的组长或招商办可以添加知情人。")
NOT_SECRET = Problem("confidential.open", "项目没有设密，不用添加知情人。")
ABSENT = Problem("confidential.person", "这个人不能列为知情人：须在职，岗位能查看本机构项目。", "user_id")
NOT_NAMED = Problem("confidential.not_named", "这个人已经不在知情人里。")
YOURSELF = Problem("confidential.yourself", "不能移出自己，请由其他知情的组长或招商办办理。")


def may_classify(actor: Actor, project: Project) -> bool:
    """Whether the person, who knows of the project, decides on its confidentiality: its team lead or the registrar."""
    return queries.may_return(actor, project.unit_id)


def may_name(actor: Actor, project: Project) -> bool:
    """Whether the person may name others on the project."""
    return may_classify(actor, project) or project.owner_id == actor.user_id


def classify(
    session: Session, actor: Actor, project_id: int, code_name: str, *, version: int, now: datetime
) -> Project:
    """Put a project under a code name, or change the code name; whoever decides it stays named on it."""
    project = _decided(session, actor, project_id, version)
    problems = rules.code_name_problems(code_name, (project.name, project.enterprise.name))
    if problems:
        raise DomainError(*problems)
    before, known = project.code_name, [row.user_id for row, _name, _by in secrets.insiders(session, project.id)]
    project.confidential, project.code_name, project.updated_at = True, code_name.strip(), now
    if actor.user_id != project.owner_id and actor.user_id not in known:
        session.add(ProjectInsider(project_id=project.id, user_id=actor.user_id, added_by=actor.user_id, at=now))
    subject = (services.KIND, project.id)
    audit.record(session, actor.user_id, rules.CLASSIFY, subject, now=now, before=before, code_name=project.code_name)
    _settle(session, project, now)
    hush(session, project.id, now=now)
    return project


def declassify(session: Session, actor: Actor, project_id: int, *, version: int, now: datetime) -> Project:
    """Open a project to everybody who reads its unit; the code name is kept, who was named is not."""
    project = _decided(session, actor, project_id, version)
    if not project.confidential:
        return project
    project.confidential, project.updated_at = False, now
    session.execute(delete(ProjectInsider).where(ProjectInsider.project_id == project.id))
    subject = (services.KIND, project.id)
    audit.record(session, actor.user_id, rules.DECLASSIFY, subject, now=now, code_name=project.code_name)
    _settle(session, project, now)
    notice(session, project, now=now)
    return project


def name_person(
    session: Session, actor: Actor, project_id: int, user_id: int, *, now: datetime, today: date
) -> ProjectInsider | None:
    """Name a person on a confidential project; naming twice is the same as once."""
    project = queries.get(session, actor, project_id)
    if not may_name(actor, project):
        raise ForbiddenError(NOT_NAMING)
    if not project.confidential:
        raise DomainError(NOT_SECRET)
    if _named(session, project.id, user_id) is not None:
        return None
    people = {person.id: person.name for person in secrets.candidates(session, project, today)}
    if user_id not in people:
        raise DomainError(ABSENT)
    row = ProjectInsider(project_id=project.id, user_id=user_id, added_by=actor.user_id, at=now)
    session.add(row)
    session.flush()
    subject = (services.KIND, project.id)
    audit.record(session, actor.user_id, rules.NAME, subject, now=now, user=user_id, name=people[user_id])
    return row


def strike_person(session: Session, actor: Actor, project_id: int, user_id: int, *, now: datetime) -> None:
    """Take a person off a confidential project."""
    project = queries.get(session, actor, project_id)
    if not may_classify(actor, project):
        raise ForbiddenError(NOT_YOURS)
    if user_id == actor.user_id:
        raise DomainError(YOURSELF)
    row = _named(session, project.id, user_id)
    if row is None:
        raise NotFoundError(NOT_NAMED)
    session.delete(row)
    session.flush()
    audit.record(session, actor.user_id, rules.STRIKE, (services.KIND, project.id), now=now, user=user_id)
    hush(session, project.id, now=now)


def _decided(session: Session, actor: Actor, project_id: int, version: int) -> Project:
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    if not may_classify(actor, project):
        raise ForbiddenError(NOT_YOURS)
    if project.version != version:
        raise ConflictError(services.STALE)
    return project


def _named(session: Session, project_id: int, user_id: int) -> ProjectInsider | None:
    statement = select(ProjectInsider).where(ProjectInsider.project_id == project_id, ProjectInsider.user_id == user_id)
    return session.scalar(statement)


def _settle(session: Session, project: Project, now: datetime) -> None:
    """What follows from the change: the search finds the code name, the score leaves out what is secret."""
    session.flush()
    indexing.reindex(session, project.enterprise_id)
    firm = project.enterprise_id
    enqueue(session, jobs.RESCORE, {"enterprise_id": firm}, now=now, dedupe_key=f"rescore:{firm}")
