"""A person's own notices: a page of them, how many are unread, and taking note of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select, update

from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.notices import sight
from crm.notices.models import Notice, NoticeDelivery
from crm.notices.rules import DeliveryState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.notices.rules import NoticeKind

ABSENT = Problem("notice.absent", "没有这条提醒，或者它不是发给您的。")
KEEP_READ, KEEP = timedelta(days=90), timedelta(days=365)
ORDER = (Key(Notice.id, descending=True),)


def page(session: Session, actor: Actor, *, kind: NoticeKind | None, unread: bool, cursor: str | None) -> Page[Notice]:
    """Return a page of the person's notices, newest first."""
    statement = select(Notice).where(sight.readable_by(actor.user_id))
    if kind is not None:
        statement = statement.where(Notice.kind == kind)
    if unread:
        statement = statement.where(Notice.read_at.is_(None))
    return fetch_page(session, statement, ORDER, lambda row: (row.id,), cursor=cursor)


def unread_by_kind(session: Session, actor: Actor) -> dict[NoticeKind, int]:
    """Count what the person has not read, by kind."""
    mine = (sight.readable_by(actor.user_id), Notice.read_at.is_(None))
    rows = session.execute(select(Notice.kind, func.count()).where(*mine).group_by(Notice.kind))
    return {kind: count for kind, count in rows}  # noqa: C416 (a row is not a pair to dict())


def open_one(session: Session, actor: Actor, notice_id: int, *, now: datetime) -> Notice:
    """Take note of one and return it; not found when it is somebody else's."""
    row = session.scalar(select(Notice).where(Notice.id == notice_id, sight.readable_by(actor.user_id)))
    if row is None:
        raise NotFoundError(ABSENT)
    row.read_at = row.read_at or now
    return row


def read_all(session: Session, actor: Actor, kind: NoticeKind | None, *, now: datetime) -> int:
    """Take note of all, or of all of one kind; return how many they were."""
    statement = update(Notice).where(Notice.user_id == actor.user_id, Notice.read_at.is_(None))
    if kind is not None:
        statement = statement.where(Notice.kind == kind)
    done: Any = session.execute(statement.values(read_at=now).execution_options(synchronize_session=False))
    return int(done.rowcount)


def purge(session: Session, *, now: datetime) -> int:
    """Delete notices read long ago, those a year old, and messages carried long ago; return how many notices."""
    old = or_(Notice.read_at < now - KEEP_READ, Notice.created_at < now - KEEP)
    gone: Any = session.execute(delete(Notice).where(old).execution_options(synchronize_session=False))
    carried = (NoticeDelivery.created_at < now - KEEP_READ, NoticeDelivery.state != DeliveryState.WAITING)
    session.execute(delete(NoticeDelivery).where(*carried).execution_options(synchronize_session=False))
    return int(gone.rowcount)
