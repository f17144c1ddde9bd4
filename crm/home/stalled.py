"""What stands still: promises that are overdue, and enterprises with something open that nobody has touched."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, literal, or_, select
from sqlalchemy.orm import joinedload

from crm.auth.models import User
from crm.core.paging import Key, Page, fetch_page
from crm.core.types import UtcDateTime
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import FollowUp
from crm.fieldwork.queries import follow_ups_visible_to
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to as projects_visible_to
from crm.pipeline.rules import IDLE_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

HOLDERS = 12
NEVER = literal(datetime(1970, 1, 1, tzinfo=UTC), UtcDateTime())
LAST = func.coalesce(Enterprise.last_touch_at, NEVER)


@dataclass(frozen=True, slots=True)
class Held:
    """Something open on an enterprise, and who holds it."""

    label: str
    href: str
    holder: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A person with overdue promises."""

    user_id: int
    name: str
    count: int


def overdue(
    session: Session, actor: Actor, before: date, owner_id: int | None, *, cursor: str | None
) -> Page[FollowUp]:
    """Return a page of open promises that were due before a day, the oldest first."""
    statement = (
        select(FollowUp)
        .where(*_overdue(actor, before))
        .options(joinedload(FollowUp.enterprise), joinedload(FollowUp.owner))
    )
    if owner_id is not None:
        statement = statement.where(FollowUp.owner_id == owner_id)
    order = (Key(FollowUp.due_on), Key(FollowUp.id))
    return fetch_page(session, statement, order, lambda row: (row.due_on, row.id), cursor=cursor)


def holders(session: Session, actor: Actor, before: date) -> list[Holder]:
    """Return who holds most of the overdue promises."""
    count = func.count().label("count")
    statement = select(User.id, User.name, count).join(FollowUp, FollowUp.owner_id == User.id)
    statement = statement.where(*_overdue(actor, before)).group_by(User.id, User.name)
    return [Holder(*row) for row in session.execute(statement.order_by(count.desc(), User.name).limit(HOLDERS))]


def enterprises(session: Session, actor: Actor, before: datetime, *, cursor: str | None) -> Page[Enterprise]:
    """Return a page of enterprises with an open project or promise, not touched since; the longest silent first."""
    going = exists().where(Project.enterprise_id == Enterprise.id, *_going(actor))
    promised = exists().where(FollowUp.enterprise_id == Enterprise.id, *_promised(actor))
    statement = select(Enterprise).where(
        Enterprise.deleted_at.is_(None), Enterprise.merged_into_id.is_(None), before > LAST, or_(going, promised)
    )
    order = (Key(LAST), Key(Enterprise.id))
    return fetch_page(session, statement, order, lambda row: (row.last_touch_at or NEVER.value, row.id), cursor=cursor)


def held(session: Session, actor: Actor, enterprise_ids: Sequence[int]) -> dict[int, list[Held]]:
    """Return what is open on enterprises and who holds it, in two queries."""
    found: dict[int, list[Held]] = defaultdict(list)
    projects = (
        select(Project.enterprise_id, Project.id, Project.name, User.name)
        .outerjoin(User, User.id == Project.owner_id)
        .where(Project.enterprise_id.in_(enterprise_ids), *_going(actor))
        .order_by(Project.id)
    )
    for firm_id, project_id, name, owner in session.execute(projects):
        found[firm_id].append(Held(name, f"/projects/{project_id}", owner or ""))
    promises = (
        select(FollowUp.enterprise_id, FollowUp.title, User.name)
        .join(User, User.id == FollowUp.owner_id)
        .where(FollowUp.enterprise_id.in_(enterprise_ids), *_promised(actor))
        .order_by(FollowUp.due_on, FollowUp.id)
    )
    for promised_to, title, owner in session.execute(promises):
        found[promised_to or 0].append(Held(title, "", owner))
    return found


def _overdue(actor: Actor, before: date) -> tuple[ColumnElement[bool], ...]:
    return (FollowUp.done_at.is_(None), FollowUp.due_on < before, follow_ups_visible_to(actor))


def _going(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (Project.exit_kind.is_(None), Project.stage.in_(tuple(IDLE_DAYS)), projects_visible_to(actor))


def _promised(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (FollowUp.done_at.is_(None), follow_ups_visible_to(actor))
