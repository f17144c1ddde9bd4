"""The group robots of the office: added, changed, tried out, taken away. Their address is never shown again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import func, select, update

from crm.core import audit
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.notices import rules, sight
from crm.notices.carriers.outbound import WRONG_VENDOR, refusal
from crm.notices.models import NoticeChannel, NoticeDelivery
from crm.notices.rules import PER_MINUTE, VENDOR_HOSTS, DeliveryState, NoticeKind, Vendor
from crm.notices.services import DISCREET, wake

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ABSENT = Problem("channel.absent", "没有这个群机器人，可能已被删除。")
NO_NAME = Problem("channel.name", "请给群机器人起个名字，例如“长三角组工作群”。", "name")
TAKEN = Problem("channel.taken", "这个名字已经用过，请换一个。", "name")
NO_URL = Problem("channel.url", "请填机器人地址，在群机器人的设置里可以复制。", "url")
NO_KINDS = Problem("channel.kinds", "请至少选一类提醒。", "kinds")
TRIAL = "这是一条测试消息，收到即表示群机器人已接通。"
MOST, RECENT = 50, 30


@dataclass(frozen=True, slots=True)
class ChannelDraft:
    """What was typed about a group robot; a blank address keeps the one that is there."""

    name: str
    vendor: Vendor
    url: str
    secret: str
    unit_id: int | None
    kinds: frozenset[NoticeKind]
    active: bool = True


@dataclass(frozen=True, slots=True)
class Carried:
    """A message of a robot, and what of it may be shown."""

    row: NoticeDelivery
    body: str


def listed(session: Session) -> list[NoticeChannel]:
    """Return the robots by name."""
    return list(session.scalars(select(NoticeChannel).order_by(NoticeChannel.name).limit(MOST)))


def get(session: Session, channel_id: int) -> NoticeChannel:
    """Return one robot."""
    row = session.get(NoticeChannel, channel_id)
    if row is None:
        raise NotFoundError(ABSENT)
    return row


def hint(channel: NoticeChannel) -> str:
    """Return as much of the address as tells robots apart: the host and the last four characters."""
    return f"{urlsplit(channel.url).hostname} …{channel.url[-4:]}"


def counts(session: Session) -> dict[tuple[int, DeliveryState], int]:
    """Count what waits and what failed, by robot."""
    open_states = (DeliveryState.WAITING, DeliveryState.REFUSED)
    statement = select(NoticeDelivery.channel_id, NoticeDelivery.state, func.count())
    statement = statement.where(NoticeDelivery.channel_id.is_not(None), NoticeDelivery.state.in_(open_states))
    rows = session.execute(statement.group_by(NoticeDelivery.channel_id, NoticeDelivery.state))
    return {(channel_id or 0, state): count for channel_id, state, count in rows}


def deliveries(session: Session, channel_id: int) -> list[Carried]:
    """Return the last messages of a robot, newest first; what they say of a confidential project is left out."""
    statement = select(NoticeDelivery).where(NoticeDelivery.target == f"robot:{channel_id}")
    rows = list(session.scalars(statement.order_by(NoticeDelivery.id.desc()).limit(RECENT)))
    secret = sight.secret_among(session, [row.project_id for row in rows])
    return [Carried(row, DISCREET if row.project_id in secret else row.body) for row in rows]


def add(
    session: Session, actor: Actor, draft: ChannelDraft, allowed: tuple[str, ...], *, now: datetime
) -> NoticeChannel:
    """Add a group robot."""
    problems = _problems(session, draft, allowed, None)
    if problems:
        raise DomainError(*problems)
    bucket = rules.full(PER_MINUTE[draft.vendor], now)
    row = NoticeChannel(
        vendor=draft.vendor,
        url=draft.url,
        tokens=bucket.tokens,
        filled_at=bucket.filled_at,
        created_by=actor.user_id,
        created_at=now,
    )
    _fill(row, draft)
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "channel.add", ("channel", row.id), now=now, name=row.name, vendor=row.vendor)
    return row


def change(
    session: Session, actor: Actor, channel_id: int, draft: ChannelDraft, allowed: tuple[str, ...], *, now: datetime
) -> NoticeChannel:
    """Change a group robot; its vendor stays, a blank address or secret keeps the old one."""
    row = get(session, channel_id)
    problems = _problems(session, draft, allowed, row)
    if problems:
        raise DomainError(*problems)
    if draft.url:
        row.url = draft.url
    _fill(row, draft)
    row.last_error = None
    session.flush()
    detail = {"name": row.name, "active": row.active, "kinds": row.kinds, "address_changed": bool(draft.url)}
    audit.record(session, actor.user_id, "channel.change", ("channel", row.id), now=now, **detail)
    return row


def remove(session: Session, actor: Actor, channel_id: int, *, now: datetime) -> str:
    """Take a group robot away, with what it still had to carry; return its name."""
    row = get(session, channel_id)
    name = row.name
    session.delete(row)
    audit.record(session, actor.user_id, "channel.remove", ("channel", channel_id), now=now, name=name)
    return name


def try_out(session: Session, actor: Actor, channel_id: int, *, now: datetime) -> None:
    """Send a message that says nothing but that it works."""
    row = get(session, channel_id)
    target = f"robot:{row.id}"
    delivery: dict[str, Any] = {"kind": NoticeKind.OTHER, "body": TRIAL, "link": "/notices", "created_at": now}
    session.add(NoticeDelivery(target=target, channel_id=row.id, send_after=now, **delivery))
    wake(session, target, now, now=now)
    audit.record(session, actor.user_id, "channel.try", ("channel", row.id), now=now)


def send_again(session: Session, actor: Actor, channel_id: int, *, now: datetime) -> int:
    """Try once more what was refused, after the cause was mended; return how many they are."""
    row = get(session, channel_id)
    target = f"robot:{row.id}"
    again = {"state": DeliveryState.WAITING, "send_after": now, "attempts": 0, "batch_until": None}
    refused = (NoticeDelivery.target == target, NoticeDelivery.state == DeliveryState.REFUSED)
    statement = update(NoticeDelivery).where(*refused).values(**again)
    done: Any = session.execute(statement.execution_options(synchronize_session=False))
    if done.rowcount:
        wake(session, target, now, now=now)
    audit.record(session, actor.user_id, "channel.again", ("channel", row.id), now=now, count=done.rowcount)
    return int(done.rowcount)


def _fill(row: NoticeChannel, draft: ChannelDraft) -> None:
    row.name, row.unit_id, row.active = draft.name, draft.unit_id, draft.active
    row.kinds = sorted(draft.kinds)
    if draft.secret:
        row.secret = draft.secret


def _problems(
    session: Session, draft: ChannelDraft, allowed: tuple[str, ...], row: NoticeChannel | None
) -> list[Problem]:
    problems = [] if draft.name else [NO_NAME]
    same = select(NoticeChannel.id).where(NoticeChannel.name == draft.name)
    if row is not None:
        same = same.where(NoticeChannel.id != row.id)
    if draft.name and session.scalar(same) is not None:
        problems.append(TAKEN)
    if not draft.kinds:
        problems.append(NO_KINDS)
    if not draft.url and row is None:
        problems.append(NO_URL)
    vendor = draft.vendor if row is None else row.vendor
    if draft.url and refusal(vendor, draft.url, allowed):
        problems.append(Problem("channel.host", WRONG_VENDOR, "url", {"host": VENDOR_HOSTS[vendor]}))
    return problems
