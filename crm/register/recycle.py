"""The recycle bin: deleted enterprises and archived contacts, and what keeps an enterprise out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from crm.core.errors import DomainError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises import queries as enterprises
from crm.enterprises import removal
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork.models import Touch
from crm.fieldwork.secrecy import not_secret
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

OTHERS = "还有其他业务记录，不能删除；如果是重复的，请用合并。"
BOTH = "有%(projects)s个项目、%(touches)s次走访，不能删除；如果是重复的，请用合并。"
PROJECTS = "有%(projects)s个项目，不能删除；如果是重复的，请用合并。"
TOUCHES = "有%(touches)s次走访，不能删除；如果是重复的，请用合并。"


def delete(session: Session, actor: Actor, enterprise_id: int, *, now: datetime) -> Enterprise:
    """Put an enterprise into the bin; raise DomainError while projects or visits hang on it."""
    reason = hindrance(session, enterprise_id)
    if reason is not None:
        raise DomainError(reason)
    return removal.delete_enterprise(session, actor, enterprise_id, now=now)


def hindrance(session: Session, enterprise_id: int) -> Problem | None:
    """Say what hangs on an enterprise, everybody's projects and visits counted; None when it may go.

    What hangs on it in confidence keeps it as well, but is not told.
    """
    secret = Project.confidential.is_(True)
    found = select(func.count(), func.sum(case((secret, 1), else_=0))).where(Project.enterprise_id == enterprise_id)
    every, hidden = session.execute(found).one()
    projects = every - (hidden or 0)
    visits = select(func.count()).where(
        Touch.enterprise_id == enterprise_id, Touch.voided_at.is_(None), not_secret(Touch.project_id)
    )
    touches = session.scalar(visits) or 0
    if not projects and not touches:
        return Problem("enterprise.hangs", OTHERS) if every else None
    message = BOTH if projects and touches else PROJECTS if projects else TOUCHES
    return Problem("enterprise.hangs", message, None, {"projects": projects, "touches": touches})


def firms(session: Session, query: str, *, cursor: str | None) -> Page[Enterprise]:
    """Deleted enterprises whose name holds a text, the last deleted first."""
    statement = select(Enterprise).where(enterprises.in_bin())
    if query:
        statement = statement.where(Enterprise.name.contains(query, autoescape=True))
    order = [Key(Enterprise.deleted_at, descending=True), Key(Enterprise.id, descending=True)]
    return fetch_page(session, statement, order, lambda row: [row.deleted_at, row.id], cursor=cursor)


def people(session: Session, actor: Actor, query: str, *, cursor: str | None) -> Page[Any]:
    """Archived contacts of the actor's units with their enterprise's name, the last archived first.

    Erased and merged ones are no longer there to be restored.
    """
    statement: Any = (
        select(Contact, Enterprise.name)
        .join(Enterprise, Enterprise.id == Contact.enterprise_id)
        .where(
            enterprises.visible_to(actor),
            enterprises.live(),
            Contact.archived_at.is_not(None),
            Contact.erased_at.is_(None),
            Contact.merged_into_id.is_(None),
        )
    )
    if query:
        named = Contact.name.contains(query, autoescape=True) | Enterprise.name.contains(query, autoescape=True)
        statement = statement.where(named)
    order = [Key(Contact.archived_at, descending=True), Key(Contact.id, descending=True)]
    return fetch_page(session, statement, order, lambda row: [row[0].archived_at, row[0].id], cursor=cursor)
