"""Saved views: a list as somebody likes it, for oneself, for the unit, or for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from crm.auth.rules import Actor, Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.register.models import SavedView, Sharing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

PAGE = "enterprises"
MOST_OWN, MOST_TABS = 50, 12
LONGEST = 40
MISSING = Problem("view.missing", "没有这个视图，或者它没有共享给您。")
NOT_OWN = Problem("view.owner", "只有创建人可以修改这个视图；可以复制一份自己用。")
NAMELESS = Problem("view.name", "请给视图起个名字，最多40个字。", "name")
TAKEN = Problem("view.taken", "您已有同名的视图，请换个名字。", "name")
TOO_MANY = Problem("view.many", "您已有50个视图，请先删除不用的。")
NO_ALL = Problem("view.all", "只有组长和招商办可以把视图共享给所有人。", "sharing")
NO_TEAM = Problem("view.team", "您今天没有编在任何单位，不能共享给本单位。", "sharing")


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: one's own views, those shared with one's unit, those shared with all."""
    team = and_(SavedView.sharing == Sharing.TEAM, SavedView.unit_id.in_(actor.unit_ids))
    return or_(SavedView.owner_id == actor.user_id, team, SavedView.sharing == Sharing.ALL)


def seen_by(session: Session, actor: Actor, *, page: str = PAGE, limit: int = 200) -> list[SavedView]:
    """Views a person may open, own ones first."""
    statement = select(SavedView).where(SavedView.page == page, visible_to(actor))
    order = (SavedView.owner_id != actor.user_id, SavedView.name, SavedView.id)
    return list(session.scalars(statement.order_by(*order).limit(limit)))


def get(session: Session, actor: Actor, view_id: int) -> SavedView:
    """Return a view the person may open; others are not found."""
    found = session.scalar(select(SavedView).where(SavedView.id == view_id, visible_to(actor)))
    if found is None:
        raise NotFoundError(MISSING)
    return found


def save(
    session: Session, actor: Actor, name: str, sharing: Sharing, state: Mapping[str, Any], *, now: datetime
) -> SavedView:
    """Keep a state under a new name; raise DomainError with what is wrong."""
    mine = (SavedView.owner_id == actor.user_id, SavedView.page == PAGE)
    if (session.scalar(select(func.count()).select_from(SavedView).where(*mine)) or 0) >= MOST_OWN:
        raise DomainError(TOO_MANY)
    row = SavedView(
        page=PAGE, owner_id=actor.user_id, name=name, state=dict(state), sharing=sharing, created_at=now, updated_at=now
    )
    _call(session, actor, row, name, sharing)
    session.add(row)
    session.flush()
    _keep(session, actor, "view.create", row, now)
    return row


def overwrite(session: Session, actor: Actor, view_id: int, state: Mapping[str, Any], *, now: datetime) -> SavedView:
    """Put another state under the same name."""
    row = _own(session, actor, view_id)
    row.state, row.updated_at = dict(state), now
    _keep(session, actor, "view.update", row, now)
    return row


def rename(session: Session, actor: Actor, view_id: int, name: str, sharing: Sharing, *, now: datetime) -> SavedView:
    """Change the name of a view and who sees it."""
    row = _own(session, actor, view_id)
    _call(session, actor, row, name, sharing)
    row.updated_at = now
    _keep(session, actor, "view.update", row, now)
    return row


def clone(session: Session, actor: Actor, view_id: int, name: str, *, now: datetime) -> SavedView:
    """Copy a view one may open, for oneself; a taken name gets a number."""
    row = get(session, actor, view_id)
    wanted, number = name[: LONGEST - 4], 2
    free = wanted
    while _taken(session, actor, free, None):
        free, number = f"{wanted} {number}", number + 1
    return save(session, actor, free, Sharing.OWN, row.state, now=now)


def delete(session: Session, actor: Actor, view_id: int, *, now: datetime) -> str:
    """Take a view away for all who shared it; return its name."""
    row = _own(session, actor, view_id)
    _keep(session, actor, "view.delete", row, now)
    session.delete(row)
    return row.name


def _own(session: Session, actor: Actor, view_id: int) -> SavedView:
    row = get(session, actor, view_id)
    if row.owner_id != actor.user_id:
        raise ForbiddenError(NOT_OWN)
    return row


def _taken(session: Session, actor: Actor, name: str, but: int | None) -> bool:
    same = select(SavedView.id).where(
        SavedView.owner_id == actor.user_id, SavedView.page == PAGE, SavedView.name == name
    )
    return session.scalar(same if but is None else same.where(SavedView.id != but)) is not None


def _call(session: Session, actor: Actor, row: SavedView, name: str, sharing: Sharing) -> None:
    problems = []
    if not name or len(name) > LONGEST:
        problems.append(NAMELESS)
    elif _taken(session, actor, name, row.id):
        problems.append(TAKEN)
    if sharing is Sharing.ALL and not actor.may(Permission.ENTERPRISE_BULK):
        problems.append(NO_ALL)
    if sharing is Sharing.TEAM and not actor.unit_ids:
        problems.append(NO_TEAM)
    if problems:
        raise DomainError(*problems)
    row.name, row.sharing = name, sharing
    row.unit_id = actor.unit_ids[0] if sharing is Sharing.TEAM else None


def _keep(session: Session, actor: Actor, action: str, row: SavedView, now: datetime) -> None:
    audit.record(
        session, actor.user_id, action, ("saved_view", row.id), now=now, name=row.name, sharing=row.sharing.value
    )
