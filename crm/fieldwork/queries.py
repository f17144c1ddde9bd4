"""Reads of touches and follow-ups; every one passes a ``visible_to``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import joinedload, load_only, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from crm.auth.models import OrgUnit, User
from crm.auth.queries import EYES, within
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import PAGE_SIZE, Key, Page, fetch_page
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork.models import FollowUp, Touch, TouchContact
from crm.fieldwork.secrecy import open_to

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session
    from sqlalchemy.sql.base import ExecutableOption

    from crm.auth.rules import Actor
    from crm.fieldwork.rules import TouchKind

TOUCH_ABSENT = Problem("touch.absent", "没有这条走访记录，或者不在您的查看范围内。")
FOLLOW_UP_ABSENT = Problem("follow_up.absent", "没有这条待办，或者不在您的查看范围内。")
RECENT = 6
LOOKED_AT = 60
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class TouchFilter:
    """What a list of touches is narrowed to; ``since`` is included, ``until`` is not."""

    kind: TouchKind | None = None
    unit_id: int | None = None
    person_id: int | None = None
    enterprise_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    voided: bool = False


@lru_cache(maxsize=EYES)
def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: touches of units the person may read, without those on projects hidden from the person."""
    return within(Touch.unit_id, actor, Permission.TOUCH_READ) & open_to(Touch.project_id, actor)


def counted() -> ColumnElement[bool]:
    """Condition: touches that count in figures, gates and scores."""
    return Touch.voided_at.is_(None)


@lru_cache(maxsize=EYES)
def follow_ups_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: one's own follow-ups and those of units the person may read."""
    mine = or_(FollowUp.owner_id == actor.user_id, within(FollowUp.unit_id, actor, Permission.TOUCH_READ))
    return mine & open_to(FollowUp.project_id, actor)


def touch(session: Session, actor: Actor, touch_id: int) -> Touch:
    """Return one touch with its names and whom it met, to be changed; not found when it is another unit's."""
    found = session.scalar(_whole_touch(actor), {"id": touch_id})
    if found is None:
        raise NotFoundError(TOUCH_ABSENT)
    return found


def touch_page(session: Session, actor: Actor, touch_id: int) -> tuple[Touch, list[FollowUp]]:
    """Return one touch as its page shows it, and what was promised in it; not found as in :func:`touch`.

    Most touches name nobody of the register and promise nothing: only those that do are asked about it.
    """
    row = session.execute(_page_of(actor), {"id": touch_id}).one_or_none()
    if row is None:
        raise NotFoundError(TOUCH_ABSENT)
    found: Touch = row[0]
    met = session.scalars(_met(), {"touch": touch_id}) if row.met else ()
    set_committed_value(found, "contacts", list(met))
    return found, follow_ups_of(session, actor, touch_id) if row.promised else []


@lru_cache(maxsize=EYES)
def _page_of(actor: Actor) -> Select[Touch, bool, bool]:
    met = exists().where(TouchContact.touch_id == Touch.id).label("met")
    promised = exists().where(FollowUp.touch_id == Touch.id).label("promised")
    shown = select(Touch, met, promised).where(Touch.id == bindparam("id"), visible_to(actor))
    return shown.options(*_shown_names())


@cache
def _met() -> Select[Contact]:
    met = select(Contact).join(TouchContact, TouchContact.contact_id == Contact.id)
    shown = met.where(TouchContact.touch_id == bindparam("touch")).order_by(Contact.sort_key, Contact.id)
    return shown.options(load_only(Contact.name, Contact.do_not_contact, Contact.erased_at))


@lru_cache(maxsize=EYES)
def _whole_touch(actor: Actor) -> Select[Touch]:
    met = selectinload(Touch.contacts).load_only(Contact.name, Contact.do_not_contact, Contact.erased_at)
    return select(Touch).where(Touch.id == bindparam("id"), visible_to(actor)).options(*_shown_names(), met)


def _shown_names() -> tuple[ExecutableOption, ...]:
    """Load of the enterprise, the unit and the author no more than their names."""
    return (
        joinedload(Touch.enterprise).load_only(Enterprise.name),
        joinedload(Touch.unit).load_only(OrgUnit.name),
        joinedload(Touch.author).load_only(User.name),
    )


def touches(
    session: Session, actor: Actor, wanted: TouchFilter, *, cursor: str | None, size: int = PAGE_SIZE
) -> Page[Touch]:
    """Return a page of touches, newest first."""
    statement = select(Touch).where(visible_to(actor), *_conditions(wanted)).options(*_shown_names())
    order = (Key(Touch.occurred_at, descending=True), Key(Touch.id, descending=True))
    return fetch_page(session, statement, order, lambda row: (row.occurred_at, row.id), cursor=cursor, size=size)


def count_touches(session: Session, actor: Actor, wanted: TouchFilter) -> int:
    """Count the touches of a list; one more than :data:`MOST_COUNTED` stands for whatever is beyond."""
    some = select(Touch.id).where(visible_to(actor), *_conditions(wanted)).limit(MOST_COUNTED + 1)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def logged(session: Session, actor: Actor, client_id: str) -> Touch | None:
    """Return the person's own touch with this key, when it was saved before."""
    return session.scalar(select(Touch).where(Touch.client_id == client_id, Touch.created_by == actor.user_id))


def recent_enterprises(session: Session, actor: Actor, limit: int = RECENT) -> list[tuple[int, str]]:
    """Enterprises (id, name) the person logged last, latest first, among the last :data:`LOOKED_AT` touches."""
    rows = session.execute(_recent(), {"me": actor.user_id})
    return list(dict.fromkeys((row.id, row.name) for row in rows))[:limit]


@cache
def _recent() -> Select[int, str]:
    mine = select(Touch.id, Touch.enterprise_id).where(Touch.created_by == bindparam("me"), counted())
    latest = mine.order_by(Touch.id.desc()).limit(LOOKED_AT).subquery()
    shown = select(Enterprise.id, Enterprise.name).join(latest, latest.c.enterprise_id == Enterprise.id)
    return shown.order_by(latest.c.id.desc())


def follow_up(session: Session, actor: Actor, follow_up_id: int) -> FollowUp:
    """Return one follow-up; not found when it is another unit's."""
    statement = (
        select(FollowUp)
        .where(FollowUp.id == follow_up_id, follow_ups_visible_to(actor))
        .options(joinedload(FollowUp.enterprise))
    )
    found = session.scalar(statement)
    if found is None:
        raise NotFoundError(FOLLOW_UP_ABSENT)
    return found


def follow_ups(
    session: Session,
    actor: Actor,
    *,
    state: str,
    own: bool,
    until: date | None,
    cursor: str | None,
    size: int = PAGE_SIZE,
) -> Page[FollowUp]:
    """Return a page of follow-ups that are ``open``, ``done`` or both, newest first."""
    found = [follow_ups_visible_to(actor)]
    if state in {"open", "done"}:
        found.append(FollowUp.done_at.is_(None) if state == "open" else FollowUp.done_at.is_not(None))
    if own:
        found.append(FollowUp.owner_id == actor.user_id)
    if until is not None:
        found.append(FollowUp.due_on <= until)
    statement = select(FollowUp).where(*found)
    named = statement.options(
        joinedload(FollowUp.enterprise).load_only(Enterprise.name), joinedload(FollowUp.owner).load_only(User.name)
    )
    return fetch_page(
        session, named, [Key(FollowUp.id, descending=True)], lambda row: [row.id], cursor=cursor, size=size
    )


def open_follow_ups(session: Session, actor: Actor, *, until: date | None = None, limit: int = 20) -> list[FollowUp]:
    """Return the person's own open follow-ups, the latest ones first in line, undated last."""
    statement = (
        select(FollowUp)
        .where(FollowUp.owner_id == actor.user_id, FollowUp.done_at.is_(None), open_to(FollowUp.project_id, actor))
        .options(joinedload(FollowUp.enterprise))
        .order_by(FollowUp.due_on.is_(None), FollowUp.due_on, FollowUp.id)
        .limit(limit)
    )
    if until is not None:
        statement = statement.where(FollowUp.due_on <= until)
    return list(session.scalars(statement))


def follow_ups_of(session: Session, actor: Actor, touch_id: int) -> list[FollowUp]:
    """Return what was promised in a touch."""
    return list(session.scalars(_promised(actor), {"touch": touch_id}))


@lru_cache(maxsize=EYES)
def _promised(actor: Actor) -> Select[FollowUp]:
    promised = select(FollowUp).where(FollowUp.touch_id == bindparam("touch"), follow_ups_visible_to(actor))
    return promised.options(joinedload(FollowUp.owner).load_only(User.name)).order_by(FollowUp.id)


def _conditions(wanted: TouchFilter) -> list[ColumnElement[bool]]:
    conditions = [Touch.voided_at.is_not(None) if wanted.voided else counted()]
    pairs = (
        (Touch.kind, wanted.kind),
        (Touch.unit_id, wanted.unit_id),
        (Touch.created_by, wanted.person_id),
        (Touch.enterprise_id, wanted.enterprise_id),
    )
    conditions += [column == value for column, value in pairs if value is not None]
    if wanted.since is not None:
        conditions.append(Touch.occurred_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Touch.occurred_at < wanted.until)
    return conditions


def free_client_id(session: Session, name: str) -> str:
    """Return the name under which a touch is logged once; one that was voided leaves it to the next."""
    gone = select(func.count()).select_from(Touch).where(Touch.client_id.startswith(name), Touch.voided_at.is_not(None))
    voided = session.scalar(gone) or 0
    return f"{name}-{voided}" if voided else name
