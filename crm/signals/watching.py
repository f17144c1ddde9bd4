"""Watches: a filter of the inbox kept under a name; its owner hears of what it finds at once or once a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from crm.auth import queries as auth
from crm.auth.models import User
from crm.auth.rules import Permission
from crm.core import audit, jobs
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.scheduling import local_day
from crm.core.tasks import enqueue
from crm.enterprises.models import Enterprise
from crm.notices import services as notices
from crm.notices.rules import NoticeKind
from crm.signals import filters
from crm.signals.following import NOT_READER
from crm.signals.models import Signal, SignalState
from crm.signals.narrowing import narrowed, visible_to
from crm.signals.queries import with_article
from crm.signals.triage_models import SignalWatch, Telling

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.signals.filters import SignalFilter

MOST, LONGEST, MOST_AT_ONCE = 30, 40, 500
TRIAL_DAYS = 7
MISSING = Problem("watch.missing", "没有这个关注条件，或者不是您的。")
NAMELESS = Problem("watch.name", "请给关注条件起个名字，最多40个字。", "name")
TAKEN = Problem("watch.taken", "您已有同名的关注条件，请换个名字。", "name")
TOO_MANY = Problem("watch.many", "最多保存30个关注条件，请先删除不用的。")
EMPTY = Problem("watch.empty", "请至少选一个条件，否则每条动态都会提醒您。")
ONE = "“%(watch)s”有新动态：%(firm)s，%(quote)s"
SEVERAL = "“%(watch)s”有%(count)s条新动态：%(firms)s"


def mine(session: Session, actor: Actor) -> list[SignalWatch]:
    """The watches of a person, by name."""
    own = select(SignalWatch).where(SignalWatch.owner_id == actor.user_id)
    return list(session.scalars(own.order_by(SignalWatch.name, SignalWatch.id).limit(MOST)))


def get(session: Session, actor: Actor, watch_id: int) -> SignalWatch:
    """Find one's own watch; those of others are not found."""
    row = session.scalar(select(SignalWatch).where(SignalWatch.id == watch_id, SignalWatch.owner_id == actor.user_id))
    if row is None:
        raise NotFoundError(MISSING)
    return row


def save(
    session: Session, actor: Actor, name: str, chosen: SignalFilter, telling: Telling, *, now: datetime
) -> SignalWatch:
    """Keep a filter under a name."""
    if not actor.may(Permission.SIGNAL_READ):
        raise ForbiddenError(NOT_READER)
    kept = mine(session, actor)
    if len(kept) >= MOST:
        raise DomainError(TOO_MANY)
    _check(kept, name, chosen, None)
    row = SignalWatch(
        owner_id=actor.user_id, name=name, chosen=chosen.plain, telling=telling, made_at=now, changed_at=now
    )
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "watch.create", ("signal_watch", row.id), now=now, name=name)
    return row


def change(
    session: Session,
    actor: Actor,
    watch_id: int,
    name: str,
    chosen: SignalFilter,
    telling: Telling,
    *,
    now: datetime,
) -> SignalWatch:
    """Change name, filter or telling of a watch."""
    row = get(session, actor, watch_id)
    _check(mine(session, actor), name, chosen, row.id)
    row.name, row.chosen, row.telling, row.changed_at = name, chosen.plain, telling, now
    audit.record(session, actor.user_id, "watch.change", ("signal_watch", row.id), now=now, name=name)
    return row


def delete(session: Session, actor: Actor, watch_id: int, *, now: datetime) -> str:
    """Take a watch away; return its name."""
    row = get(session, actor, watch_id)
    audit.record(session, actor.user_id, "watch.delete", ("signal_watch", row.id), now=now, name=row.name)
    session.delete(row)
    return row.name


def trial(
    session: Session, actor: Actor, chosen: SignalFilter, *, now: datetime, limit: int = 10
) -> tuple[int, list[Signal]]:
    """What a filter would have found in the last seven days: how many, and the newest of them."""
    asked = [
        *_found(actor, chosen, local_day(now)),
        Signal.recorded_at >= now - timedelta(days=TRIAL_DAYS),
    ]
    base = select(Signal).join(Enterprise, Enterprise.id == Signal.enterprise_id).where(*asked)
    count = session.scalar(select(func.count()).select_from(base.subquery())) or 0
    base = base.options(contains_eager(Signal.enterprise), *with_article())
    return count, list(session.scalars(base.order_by(Signal.recorded_at.desc(), Signal.id.desc()).limit(limit)))


def ask(session: Session, article_ids: Sequence[int], *, now: datetime) -> int:
    """Have the owners of watches told of the signals just read from articles; return how many signals are new."""
    fresh = select(Signal.id).where(Signal.article_id.in_(article_ids), Signal.recorded_at == now)
    found = list(session.scalars(fresh.order_by(Signal.id)))
    watched = select(SignalWatch.id).where(SignalWatch.telling == Telling.AT_ONCE).limit(1)
    if found and session.scalar(watched) is not None:
        enqueue(session, jobs.WATCH_SIGNALS, {"signal_ids": found}, now=now, dedupe_key=f"watch:{found[0]}-{found[-1]}")
    return len(found)


def tell_at_once(session: Session, signal_ids: Sequence[int], *, now: datetime) -> int:
    """Tell the owners of watches that want to know at once what is new among these signals; return how many were told.

    The signals were found in one reading, so nobody is told twice of one.
    """
    today = local_day(now)
    statement = (
        select(SignalWatch, User)
        .join(User, User.id == SignalWatch.owner_id)
        .where(SignalWatch.telling == Telling.AT_ONCE, User.active)
        .order_by(SignalWatch.id)
        .limit(MOST_AT_ONCE)
    )
    told = 0
    for watch, owner in session.execute(statement).all():
        actor = auth.actor_for(session, owner, today)
        found = _newest(session, [*_found(actor, filters.from_plain(watch.chosen), today), Signal.id.in_(signal_ids)])
        told += _tell(session, watch, found, now) if found else 0
    return told


def _newest(session: Session, asked: list[ColumnElement[bool]]) -> list[tuple[Signal, str]]:
    statement = select(Signal, Enterprise.name).join(Enterprise, Enterprise.id == Signal.enterprise_id).where(*asked)
    return [(row[0], row[1]) for row in session.execute(statement.order_by(Signal.weight.desc(), Signal.id).limit(50))]


def _tell(session: Session, watch: SignalWatch, found: Sequence[tuple[Signal, str]], now: datetime) -> int:
    first, firm = found[0]
    params: dict[str, object] = {"watch": watch.name, "firm": firm, "quote": first.quote[:80]}
    text, link = ONE, f"/signals/{first.id}"
    if len(found) > 1:
        firms = "、".join(dict.fromkeys(name for _row, name in found[:5]))
        text, link = SEVERAL, f"/signals/watches/{watch.id}"
        params = {"watch": watch.name, "count": len(found), "firms": firms}
    return notices.tell(
        session, [watch.owner_id], NoticeKind.SIGNAL, text, link, ("signal", first.id), now, params=params
    )


def _found(actor: Actor, chosen: SignalFilter, today: date) -> list[ColumnElement[bool]]:
    """Conditions of what a watch finds: days in its filter would only hide what is new."""
    open_filter = replace(chosen, days=None)
    return [visible_to(actor), Signal.state != SignalState.REJECTED, *narrowed(open_filter, actor, today)]


def _check(kept: Sequence[SignalWatch], name: str, chosen: SignalFilter, own_id: int | None) -> None:
    problems = []
    if not name or len(name) > LONGEST:
        problems.append(NAMELESS)
    elif any(row.name == name and row.id != own_id for row in kept):
        problems.append(TAKEN)
    if not chosen.narrowed:
        problems.append(EMPTY)
    if problems:
        raise DomainError(*problems)
