"""Reads of receptions; every one passes ``visible_to``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from crm.auth.queries import EYES, within
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.core.scheduling import SHANGHAI
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch
from crm.fieldwork.receptions.models import Reception, ReceptionPerson, ReceptionSlot
from crm.fieldwork.receptions.rules import ReceptionState, Side
from crm.fieldwork.secrecy import open_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.receptions.rules import ReceptionDraft
    from crm.fieldwork.rules import TouchKind

ABSENT = Problem("reception.absent", "没有这次接待，或者不在您的查看范围内。")


@dataclass(frozen=True, slots=True)
class ReceptionFilter:
    """What the list of receptions is narrowed to."""

    state: ReceptionState | None = None
    kind: TouchKind | None = None
    unit_id: int | None = None
    enterprise_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@lru_cache(maxsize=EYES)
def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: receptions of units the person may read, and those the person hosts; none on hidden projects."""
    hosts = select(ReceptionPerson.reception_id).where(ReceptionPerson.user_id == actor.user_id)
    keeps = select(ReceptionSlot.reception_id).where(ReceptionSlot.user_id == actor.user_id)
    mine = or_(Reception.created_by == actor.user_id, Reception.id.in_(hosts), Reception.id.in_(keeps))
    readable = within(Reception.unit_id, actor, Permission.TOUCH_READ)
    return or_(readable, mine) & open_to(Reception.project_id, actor)


def reception(session: Session, actor: Actor, reception_id: int) -> Reception:
    """Return a reception with people and itinerary; not found when it is another unit's."""
    statement = (
        select(Reception)
        .where(Reception.id == reception_id, visible_to(actor))
        .options(
            joinedload(Reception.unit),
            joinedload(Reception.author),
            joinedload(Reception.enterprise),
            joinedload(Reception.touch),
            selectinload(Reception.people).joinedload(ReceptionPerson.user),
            selectinload(Reception.people).joinedload(ReceptionPerson.contact),
            selectinload(Reception.slots).joinedload(ReceptionSlot.user),
        )
    )
    found = session.scalar(statement)
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def page(session: Session, actor: Actor, wanted: ReceptionFilter, *, cursor: str | None) -> Page[Reception]:
    """Return a page of receptions, the latest first."""
    statement = select(Reception).where(visible_to(actor), *_conditions(wanted))
    statement = statement.options(joinedload(Reception.unit), joinedload(Reception.enterprise))
    order = (Key(Reception.starts_at, descending=True), Key(Reception.id, descending=True))
    return fetch_page(session, statement, order, lambda row: (row.starts_at, row.id), cursor=cursor)


def count(session: Session, actor: Actor, wanted: ReceptionFilter) -> int:
    """Count the receptions of a list."""
    statement = select(func.count()).select_from(Reception).where(visible_to(actor), *_conditions(wanted))
    return session.scalar(statement) or 0


def guests(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Count the visitors of receptions."""
    statement = (
        select(ReceptionPerson.reception_id, func.sum(ReceptionPerson.heads))
        .where(ReceptionPerson.reception_id.in_(ids), ReceptionPerson.side == Side.VISITOR)
        .group_by(ReceptionPerson.reception_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(statement)}


def twin(session: Session, actor: Actor, draft: ReceptionDraft) -> Reception | None:
    """Return the reception the person has planned already of this enterprise for this moment."""
    same = (
        Reception.enterprise_id == draft.enterprise_id,
        Reception.starts_at == draft.starts_at,
        Reception.title == draft.title.strip(),
        Reception.created_by == actor.user_id,
        Reception.state == ReceptionState.PLANNED,
    )
    return session.scalar(select(Reception).where(*same))


def logged_by_hand(session: Session, actor: Actor, row: Reception) -> Touch | None:
    """Return the touch of this kind that the person logged for this enterprise and day without a reception."""
    day = row.starts_at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    taken = select(Reception.touch_id).where(Reception.touch_id.is_not(None))
    statement = select(Touch).where(
        Touch.enterprise_id == row.enterprise_id,
        Touch.kind == row.kind,
        Touch.created_by == actor.user_id,
        Touch.occurred_at >= day,
        Touch.occurred_at < day + timedelta(days=1),
        fieldwork.counted(),
        open_to(Touch.project_id, actor),
        Touch.id.not_in(taken),
    )
    return session.scalar(statement.order_by(Touch.id).limit(1))


def of_touch(session: Session, actor: Actor, touch_id: int) -> Reception | None:
    """Return the reception a touch was made from, when the person may see it."""
    return session.scalar(_of_touch(actor), {"touch": touch_id})


@lru_cache(maxsize=EYES)
def _of_touch(actor: Actor) -> Select[Reception]:
    return select(Reception).where(Reception.touch_id == bindparam("touch"), visible_to(actor))


def _conditions(wanted: ReceptionFilter) -> list[ColumnElement[bool]]:
    pairs = (
        (Reception.state, wanted.state),
        (Reception.kind, wanted.kind),
        (Reception.unit_id, wanted.unit_id),
        (Reception.enterprise_id, wanted.enterprise_id),
    )
    conditions = [column == value for column, value in pairs if value is not None]
    if wanted.since is not None:
        conditions.append(Reception.starts_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Reception.starts_at < wanted.until)
    return conditions
