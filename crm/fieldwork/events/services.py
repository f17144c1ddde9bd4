"""Writes on events: plan, change, call off; who of us goes. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.models import User
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.fieldwork.events import queries
from crm.fieldwork.events.models import Event, EventDelegate
from crm.fieldwork.events.rules import Delegate, EventDraft, delegate_problems, event_problems
from crm.fieldwork.rules import may_correct, writing_units

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = "event"
NO_UNIT = Problem("event.no_unit", "您没有可办活动的单位，请联系系统管理员调整编组。")
NOT_YOURS = Problem("event.not_yours", "活动由负责人、登记人、本组组长和招商办修改。")
STALE = Problem("event.version", "您打开页面之后，有人改过这次活动。您填的内容还在，请核对后再保存。")
TAKEN = Problem("event.taken", "本单位同一天已登记同名活动，请直接打开它。", "name")
CALLED_OFF = Problem("event.cancelled", "活动已取消，请先恢复再改。")
NO_OWNER = Problem("event.owner", "没有这位同事，请重新选择。", "owner_id")
MOST = Problem("delegate.most", "代表团名单最多100人。", "name")


def may_manage(actor: Actor, event: Event) -> bool:
    """Whether the person may change the event itself: owner, whoever put it down, team lead, 招商办."""
    if not actor.may(Permission.TOUCH_WRITE):
        return False
    return actor.user_id == event.owner_id or may_correct(actor, event.created_by, event.unit_id)


def plan(session: Session, actor: Actor, draft: EventDraft, *, now: datetime) -> Event:
    """Put an event down for one of the person's units, owned by the person unless a colleague is named."""
    units = writing_units(actor)
    if not units:
        raise ForbiddenError(NO_UNIT)
    unit_id = draft.unit_id if draft.unit_id in units else units[0]
    row = Event(
        unit_id=unit_id, owner_id=draft.owner_id or actor.user_id, created_by=actor.user_id, created_at=now,
    )  # fmt: skip
    _take(session, row, draft, now)
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "event.plan", (SUBJECT, row.id), now=now, name=row.name)
    return row


def change(session: Session, actor: Actor, event_id: int, draft: EventDraft, *, version: int, now: datetime) -> Event:
    """Change an event; the version must be the one the person saw."""
    row = managed(session, actor, event_id)
    if row.version != version:
        raise ConflictError(STALE)
    if row.cancelled_at is not None:
        raise DomainError(CALLED_OFF)
    before = {"name": row.name, "start_on": str(row.start_on), "cost": str(row.cost) if row.cost is not None else None}
    _take(session, row, draft, now)
    row.owner_id = draft.owner_id or row.owner_id
    session.flush()
    audit.record(session, actor.user_id, "event.change", (SUBJECT, row.id), now=now, before=before)
    return row


def call_off(session: Session, actor: Actor, event_id: int, reason: str, *, now: datetime) -> Event:
    """Call an event off with the reason; it stays readable."""
    row = managed(session, actor, event_id)
    if not reason.strip():
        raise DomainError(Problem("event.cancel_reason", "请写明取消的原因，例如改期到何时。", "reason"))
    row.cancelled_at, row.cancel_reason, row.updated_at = now, reason.strip(), now
    session.flush()
    audit.record(session, actor.user_id, "event.cancel", (SUBJECT, row.id), now=now, reason=row.cancel_reason)
    return row


def restore(session: Session, actor: Actor, event_id: int, *, now: datetime) -> Event:
    """Take a calling-off back."""
    row = managed(session, actor, event_id)
    if row.cancelled_at is not None:
        row.cancelled_at = row.cancel_reason = None
        row.updated_at = now
        session.flush()
        audit.record(session, actor.user_id, "event.restore", (SUBJECT, row.id), now=now)
    return row


def add_delegate(session: Session, actor: Actor, event_id: int, one: Delegate, *, now: datetime) -> EventDelegate:
    """Put one of us on the delegation, with the topic of a speech."""
    event = managed(session, actor, event_id)
    problems = delegate_problems(one)
    user = session.get(User, one.user_id) if one.user_id is not None else None
    if one.user_id is not None and user is None:
        problems.append(Problem("delegate.user", "没有这位同事，请重新选择。", "user_id"))
    if len(queries.delegates(session, event.id)) >= queries.MOST_DELEGATES:
        problems.append(MOST)
    if problems:
        raise DomainError(*problems)
    row = EventDelegate(
        event_id=event.id,
        user_id=one.user_id,
        name=user.name if user else one.name.strip(),
        post=one.post.strip() or (user.title if user else None),
        speech=one.speech.strip() or None,
        added_by=actor.user_id,
        added_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "event.delegate", (SUBJECT, event.id), now=now, name=row.name)
    return row


def remove_delegate(session: Session, actor: Actor, event_id: int, delegate_id: int, *, now: datetime) -> None:
    """Take somebody off the delegation."""
    event = managed(session, actor, event_id)
    row = session.scalar(
        select(EventDelegate).where(EventDelegate.id == delegate_id, EventDelegate.event_id == event.id)
    )
    if row is None:
        raise NotFoundError(Problem("delegate.absent", "代表团里没有这个人，请刷新后再看。"))
    audit.record(session, actor.user_id, "event.delegate_remove", (SUBJECT, event.id), now=now, name=row.name)
    session.delete(row)
    session.flush()


def managed(session: Session, actor: Actor, event_id: int, *, lock: bool = True) -> Event:
    """Return an event the person may change; locked until the transaction ends, to write."""
    row = queries.get(session, actor, event_id, lock=lock)
    if not may_manage(actor, row):
        raise ForbiddenError(NOT_YOURS)
    return row


def _take(session: Session, row: Event, draft: EventDraft, now: datetime) -> None:
    problems = event_problems(draft)
    if draft.owner_id is not None and session.get(User, draft.owner_id) is None:
        problems.append(NO_OWNER)
    same = select(Event.id).where(
        Event.unit_id == row.unit_id, Event.name == draft.name.strip(), Event.start_on == draft.start_on
    )
    with session.no_autoflush:
        taken = session.scalar(same)
    if taken is not None and taken != row.id:
        problems.append(TAKEN)
    if problems:
        raise DomainError(*problems)
    row.kind, row.name = draft.kind, draft.name.strip()
    row.start_on, row.end_on = draft.start_on, draft.end_on
    for field in ("place", "hours", "host", "partners", "theme"):
        setattr(row, field, getattr(draft, field).strip() or None)
    row.channel, row.budget, row.cost, row.updated_at = draft.channel, draft.budget, draft.cost, now
