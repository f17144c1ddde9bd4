"""Carrying what waits: take what is due, send it outside of any transaction, write down how it went.

A message is sent at least once and, while workers live, exactly once: its rows are held for the task that sends
them, and only a worker that dies between the answer and the commit leaves it to be sent again after the hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import case, distinct, func, or_, select, update

from crm.auth.models import User
from crm.notices import rules, sight
from crm.notices.models import NoticeChannel, NoticeChoice, NoticeDelivery
from crm.notices.rules import Bucket, DeliveryState, Line, Message, Outcome, Sending, Vendor
from crm.notices.services import DISCREET, LONGEST, wake

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

HOLD = timedelta(minutes=5)
BATCH = 200
STALE = timedelta(minutes=10)
WAITING = NoticeDelivery.state == DeliveryState.WAITING
PAUSED = "渠道已停用"
SECRET_NOW = "项目已列为保密，不再发送"  # noqa: S105 (words, not a password)
NO_ADDRESS = "收件人没有邮箱，或已停用账号"


@dataclass(frozen=True, slots=True)
class Batch:
    """One message on its way: its rows, what it says, and where it goes."""

    target: str
    token: str
    ids: tuple[int, ...]
    message: Message
    vendor: Vendor | None = None
    url: str = ""
    secret: str | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where messages of a target go."""

    vendor: Vendor | None = None
    url: str = ""
    secret: str | None = None
    address: str = ""


def take(session: Session, target: str, token: str, *, now: datetime) -> Batch | None:
    """Take the next message of a target and hold its rows; None when nothing may go out now."""
    rows = _due(session, target, token, now=now)
    if not rows:
        return None
    channel = _channel(session, target)
    rows = _discreet(session, rows, channel)
    place = _place(session, target, channel, rows)
    if place is None or not rows:
        return None
    lately, oldest = _lately(session, target, now=now)
    if lately >= rules.SINGLE and oldest is not None and rows[0].batch != token:
        _put_off(session, target, oldest + rules.FLOOD_WINDOW, now=now)
        return None
    if channel is not None and not _may_send(session, target, channel, now=now):
        return None
    held = rows if rules.is_flood(lately, len(rows)) else rows[:1]
    for row in held:
        row.batch, row.batch_until = token, now + HOLD
    session.flush()
    lines = [Line(row.kind, row.body, row.link) for row in held]
    message = rules.compose(lines, f"yinfeng-{held[0].id}-{len(held)}")
    ids = tuple(row.id for row in held)
    return Batch(target, token, ids, message, place.vendor, place.url, place.secret, place.address)


def settle(session: Session, batch: Batch, outcome: Outcome, *, now: datetime) -> str:
    """Write down how it went; what is to be tried again, or still waits, gets a task of its own."""
    rows = list(
        session.scalars(
            select(NoticeDelivery)
            .where(NoticeDelivery.id.in_(batch.ids), NoticeDelivery.batch == batch.token, WAITING)
            .with_for_update()
        )
    )
    channel = _channel(session, batch.target)
    if outcome.how is Sending.SENT:
        for row in rows:
            row.state, row.sent_at, row.last_error = DeliveryState.SENT, now, None
        if channel is not None:
            channel.last_sent_at, channel.last_error = now, None
    else:
        _failed(session, batch.target, rows, outcome, now=now)
        if channel is not None:
            channel.last_error = outcome.reason[:LONGEST]
    session.flush()
    again(session, batch.target, now=now)
    return outcome.how.value


def again(session: Session, target: str, *, now: datetime) -> None:
    """Have a task for whatever of a target still waits, from when it may go out."""
    free_at = case((NoticeDelivery.batch_until > now, NoticeDelivery.batch_until), else_=NoticeDelivery.send_after)
    following = session.scalar(select(func.min(free_at)).where(NoticeDelivery.target == target, WAITING))
    if following is not None:
        wake(session, target, max(following, now), now=now)


def sweep(session: Session, *, now: datetime) -> int:
    """Wake targets whose messages are long due: whatever became of their task, nothing is lost."""
    late = (WAITING, NoticeDelivery.send_after < now - STALE, _free(now))
    targets = session.scalars(select(NoticeDelivery.target).where(*late).distinct().limit(BATCH)).all()
    for target in targets:
        wake(session, target, now, now=now)
    return len(targets)


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(NoticeDelivery.batch_until.is_(None), NoticeDelivery.batch_until <= now)


def _due(session: Session, target: str, token: str, *, now: datetime) -> list[NoticeDelivery]:
    """Rows that may go out: a task that is run again takes up exactly what it held before."""
    waiting = select(NoticeDelivery).where(NoticeDelivery.target == target, WAITING).order_by(NoticeDelivery.id)
    waiting = waiting.limit(BATCH).with_for_update(skip_locked=True)
    held = list(session.scalars(waiting.where(NoticeDelivery.batch == token, NoticeDelivery.batch_until > now)))
    return held or list(session.scalars(waiting.where(NoticeDelivery.send_after <= now, _free(now))))


def _channel(session: Session, target: str) -> NoticeChannel | None:
    kind, _colon, number = target.partition(":")
    if kind != "robot":
        return None
    return session.scalar(select(NoticeChannel).where(NoticeChannel.id == int(number)).with_for_update())


def _discreet(session: Session, rows: Sequence[NoticeDelivery], channel: NoticeChannel | None) -> list[NoticeDelivery]:
    """Keep confidential what became so since it was written down."""
    secret = sight.secret_among(session, [row.project_id for row in rows])
    kept = []
    for row in rows:
        if row.project_id in secret:
            if channel is not None or not _is_privy(session, row):
                _refuse(row, SECRET_NOW)
                continue
            row.body, row.link = DISCREET, "/notices"
        kept.append(row)
    return kept


def _is_privy(session: Session, row: NoticeDelivery) -> bool:
    return bool(row.project_id and row.user_id and sight.privy(session, row.project_id, {row.user_id}))


def _place(
    session: Session, target: str, channel: NoticeChannel | None, rows: Sequence[NoticeDelivery]
) -> _Place | None:
    """Find out where the messages go; what has nowhere to go is refused."""
    if channel is not None:
        if channel.active:
            return _Place(channel.vendor, channel.url, channel.secret)
        reason = PAUSED
    else:
        user_id = int(target.partition(":")[2])
        statement = select(NoticeChoice.email).join(User, User.id == NoticeChoice.user_id)
        address = session.scalar(statement.where(NoticeChoice.user_id == user_id, User.active))
        if address:
            return _Place(address=address)
        reason = NO_ADDRESS
    for row in rows:
        _refuse(row, reason)
    return None


def _lately(session: Session, target: str, *, now: datetime) -> tuple[int, datetime | None]:
    """Count the messages of the last minutes, and say when the first of them went."""
    window = (NoticeDelivery.sent_at > now - rules.FLOOD_WINDOW, NoticeDelivery.state == DeliveryState.SENT)
    statement = select(func.count(distinct(NoticeDelivery.batch)), func.min(NoticeDelivery.sent_at))
    count, oldest = session.execute(statement.where(NoticeDelivery.target == target, *window)).one()
    return count, oldest


def _may_send(session: Session, target: str, channel: NoticeChannel, *, now: datetime) -> bool:
    """Take a token of the channel; without one everything of it waits until there is."""
    bucket, wait = Bucket(channel.tokens, channel.filled_at).take(rules.PER_MINUTE[channel.vendor], now)
    channel.tokens, channel.filled_at = bucket.tokens, bucket.filled_at
    if wait is None:
        return True
    _put_off(session, target, now + wait, now=now)
    return False


def _put_off(session: Session, target: str, until: datetime, *, now: datetime) -> None:
    """Let everything of a target wait; what arrives meanwhile joins it."""
    early = (NoticeDelivery.target == target, WAITING, NoticeDelivery.send_after < until)
    session.flush()
    statement = update(NoticeDelivery).where(*early).values(send_after=until)
    session.execute(statement.execution_options(synchronize_session=False))
    wake(session, target, until, now=now)


def _failed(session: Session, target: str, rows: Sequence[NoticeDelivery], outcome: Outcome, *, now: datetime) -> None:
    for row in rows:
        row.attempts += 1
        row.batch_until = None
        row.last_error = outcome.reason[:LONGEST]
        if outcome.how is Sending.REFUSED or row.attempts >= rules.MOST_ATTEMPTS:
            _refuse(row, outcome.reason)
    if rows and outcome.how is Sending.LATER:
        _put_off(session, target, now + (outcome.wait or rules.pause(rows[0].attempts)), now=now)


def _refuse(row: NoticeDelivery, reason: str) -> None:
    row.state, row.last_error, row.batch_until = DeliveryState.REFUSED, reason[:LONGEST], None
