"""The digest of a day: what is new for one person since the morning before, and the notice that says so."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager

from crm.auth import queries as auth
from crm.auth.models import User
from crm.core.db import insert_ignore
from crm.core.scheduling import local_day
from crm.enterprises.models import Enterprise
from crm.notices import services as notices
from crm.notices.rules import NoticeKind
from crm.signals import filters
from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.signals.models import Signal, SignalState
from crm.signals.narrowing import narrowed, visible_to
from crm.signals.queries import with_article
from crm.signals.ranking import focus, followed, marks, points
from crm.signals.triage import morning
from crm.signals.triage_models import SignalDigest, SignalFollow, SignalWatch, Telling
from crm.signals.watching import mine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST, MOST_PEOPLE, NAMED = 200, 2000, 3
TEXT = "%(day)s 的动态日报：您关注的范围里有%(count)s条新动态，%(firms)s"


@dataclass(frozen=True, slots=True)
class Digest:
    """What one person reads on a day: signals by kind, how many in all, and whether it is their own choice."""

    day: date
    groups: tuple[tuple[str, tuple[Signal, ...]], ...]
    count: int
    own: bool


def window(day: date) -> tuple[datetime, datetime]:
    """From when to when a digest looks: the 24 hours before the morning of its day."""
    return morning(day - timedelta(days=1)), morning(day)


def read(session: Session, actor: Actor, day: date) -> Digest:
    """Read the digest of a day: what one follows and watches, or, for who does neither, what matters to the office."""
    wishes, own = _wishes(session, actor, day), True
    if not wishes:
        looked, own = focus(session, actor), False
        wishes = [marks(looked)["listed"], marks(looked)["plan"], marks(looked)["nearby"]]
    asked = [*_within(actor, day), or_(*wishes)]
    base = select(Signal).join(Enterprise, Enterprise.id == Signal.enterprise_id).where(*asked)
    count = session.scalar(select(func.count()).select_from(base.with_only_columns(Signal.id).subquery())) or 0
    order = points(focus(session, actor), day).desc()
    rows = session.scalars(
        base.options(contains_eager(Signal.enterprise), *with_article()).order_by(order, Signal.id.desc()).limit(MOST)
    ).all()
    return Digest(day, _by_kind(rows), count, own)


def days_with(session: Session, actor: Actor, limit: int = 30) -> list[SignalDigest]:
    """Days on which the person was told, newest first."""
    own = select(SignalDigest).where(SignalDigest.user_id == actor.user_id).order_by(SignalDigest.day.desc())
    return list(session.scalars(own.limit(limit)))


def send(session: Session, *, now: datetime) -> int:
    """Tell everybody who follows or watches something what the day brought; nobody twice, nobody of nothing."""
    day = local_day(now)
    told = 0
    for person in _subscribers(session):
        actor = auth.actor_for(session, person, day)
        found = _found(session, actor, day)
        row = {"user_id": person.id, "day": day, "count": len(found), "told_at": now}
        if found and insert_ignore(session, SignalDigest, [row], ["user_id", "day"]):
            told += _tell(session, person.id, day, found, now)
    return told


def _subscribers(session: Session) -> Sequence[User]:
    following = select(SignalFollow.user_id)
    watching = select(SignalWatch.owner_id).where(SignalWatch.telling == Telling.DAILY)
    wanted = User.id.in_(following.union(watching))
    return session.scalars(select(User).where(User.active, wanted).order_by(User.id).limit(MOST_PEOPLE)).all()


def _found(session: Session, actor: Actor, day: date) -> list[str]:
    """Names of the enterprises of a person's new signals, the heaviest first, one for each signal."""
    wishes = _wishes(session, actor, day)
    if not wishes:
        return []
    statement = select(Enterprise.name).join(Signal, Signal.enterprise_id == Enterprise.id)
    order = (Signal.weight.desc(), Signal.id)
    return list(session.scalars(statement.where(*_within(actor, day), or_(*wishes)).order_by(*order).limit(MOST)))


def _tell(session: Session, user_id: int, day: date, firms: Sequence[str], now: datetime) -> int:
    names = list(dict.fromkeys(firms))
    words = "、".join(names[:NAMED]) + ("…" if len(names) > NAMED else "")
    params = {"day": day.isoformat(), "count": len(firms), "firms": words}
    link = f"/signals/digest/{day.isoformat()}"
    return notices.tell(session, [user_id], NoticeKind.SIGNAL, TEXT, link, None, now, params=params)


def _wishes(session: Session, actor: Actor, day: date) -> list[ColumnElement[bool]]:
    """Conditions of what a person wants to read; none when they follow and watch nothing."""
    own = select(func.count()).select_from(SignalFollow).where(SignalFollow.user_id == actor.user_id)
    found: list[ColumnElement[bool]] = [followed(actor.user_id)] if session.scalar(own) else []
    for watch in mine(session, actor):
        if watch.telling is not Telling.NEVER:
            conditions = narrowed(filters.from_plain({**watch.chosen, "days": ""}), actor, day)
            found += [_all(conditions)] if conditions else []
    return found


def _all(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    first, *rest = conditions
    for one in rest:
        first = first & one
    return first


def _within(actor: Actor, day: date) -> list[ColumnElement[bool]]:
    begin, end = window(day)
    seen = (Signal.recorded_at >= begin, Signal.recorded_at < end)
    return [visible_to(actor), Signal.state != SignalState.REJECTED, *seen]


def _by_kind(rows: Sequence[Signal]) -> tuple[tuple[str, tuple[Signal, ...]], ...]:
    groups: defaultdict[str, list[Signal]] = defaultdict(list)
    for row in rows:
        groups[row.kind].append(row)
    known = [kind.value for kind in KIND_LABELS if isinstance(kind, SignalKind)]
    return tuple((kind, tuple(groups[kind])) for kind in known if kind in groups)
