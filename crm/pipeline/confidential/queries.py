"""Reads about confidential projects: who is named on one, and which audit events it hides."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import and_, not_, or_, select, union_all

from crm.auth.models import Roster, User
from crm.auth.queries import EYES, subtree, valid_on
from crm.auth.rules import ROLE_PERMISSIONS, ROLE_SCOPES, Permission, Role, Scope
from crm.core.audit import AuditEvent
from crm.core.db import Base
from crm.fieldwork import secrecy
from crm.pipeline.confidential.models import ProjectInsider
from crm.pipeline.team.queries import forces_of

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project

PROJECT = "project"
READERS = tuple(role for role in Role if Permission.PROJECT_READ in ROLE_PERMISSIONS[role])
EVERYWHERE = tuple(role for role in READERS if ROLE_SCOPES[role] is Scope.ALL)


def insiders(session: Session, project_id: int) -> list[tuple[ProjectInsider, str, str]]:
    """People named on a project, each with name and with the name of who added them, in the order of adding."""
    adder = User.__table__.alias("adder")
    statement = (
        select(ProjectInsider, User.name, adder.c.name)
        .join(User, User.id == ProjectInsider.user_id)
        .join(adder, adder.c.id == ProjectInsider.added_by)
        .where(ProjectInsider.project_id == project_id)
        .order_by(ProjectInsider.id)
    )
    return [(row, name, by) for row, name, by in session.execute(statement)]


def candidates(session: Session, project: Project, today: date) -> list[User]:
    """People who could be named: active, not named yet, in a post that reads projects of this unit."""
    units = sorted(unit_id for unit_id, covers in subtree(session).items() if project.unit_id in covers)
    named = select(ProjectInsider.user_id).where(ProjectInsider.project_id == project.id)
    reads = or_(Roster.role.in_(EVERYWHERE), and_(Roster.role.in_(READERS), Roster.unit_id.in_(units)))
    statement = (
        select(User)
        .join(Roster, Roster.user_id == User.id)
        .where(User.active, reads, valid_on(Roster, today), User.id.not_in(named), User.id != (project.owner_id or 0))
        .order_by(User.name, User.id)
        .distinct()
        .limit(500)
    )
    return list(session.scalars(statement))


def known(session: Session, actor: Actor) -> tuple[int, ...]:
    """What the person may know of beyond the own posts, secret or by a task force: no figure of others holds it.

    Ids of projects, and of enterprises with the sign turned.
    """
    return tuple(session.scalars(_known(actor)))


@lru_cache(maxsize=EYES)
def _known(actor: Actor) -> Select[int]:
    beyond = union_all(secrecy.known_to(actor), *forces_of(actor)).subquery()
    return select(beyond.c[0]).order_by(beyond.c[0])


def told_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: audit events but those on confidential projects on which the person is not named.

    Every table that points to a project has its rows hidden with it; the kind of a subject is the name of its table.
    """
    hidden = secrecy.hidden_from(actor)
    parts = [and_(AuditEvent.subject_type == PROJECT, AuditEvent.subject_id.in_(hidden))]
    for name, table in sorted(Base.metadata.tables.items()):
        if "project_id" in table.c and "id" in table.c:
            rows = select(table.c.id).where(table.c.project_id.in_(hidden))
            parts.append(and_(AuditEvent.subject_type == name, AuditEvent.subject_id.in_(rows)))
    return or_(AuditEvent.subject_id.is_(None), not_(or_(*parts)))
