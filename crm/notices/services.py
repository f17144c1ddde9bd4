"""Telling people something: one call, in the transaction of what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from crm.auth.models import Roster, User
from crm.auth.queries import valid_on
from crm.core import jobs
from crm.core.scheduling import SHANGHAI, local_day
from crm.core.tasks import enqueue
from crm.notices import rules, sight
from crm.notices.models import Notice, NoticeChannel, NoticeChoice, NoticeDelivery
from crm.notices.rules import DeliveryState, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

DISCREET = "您有一条保密项目的提醒，请登录查看。"
LONGEST = 200
MOST_NAMED = 5


def tell(  # noqa: PLR0913 (what, to whom, about what and when; the last two have defaults)
    session: Session,
    to_user_ids: Iterable[int],
    kind: NoticeKind,
    text: str,
    link: str | None,
    subject: tuple[str, int] | None,
    now: datetime,
    *,
    params: Mapping[str, object] | None = None,
    project_id: int | None = None,
    once: bool = False,
) -> int:
    """Tell people something; return how many were told.

    ``text`` is a message id with ``%(name)s`` places that ``params`` fill in, so that each reads it in their own
    language. Numbers and addresses of people are taken out. A notice about a project (``project_id``, or a subject
    of type "project") goes only to people who may know of it, and a confidential one into no group. ``once`` spares
    those who have not read the same words with the same link yet: a queue that grows is told of once.
    """
    about = subject[1] if project_id is None and subject is not None and subject[0] == "project" else project_id
    secret = bool(sight.secret_among(session, [about]))
    people = _people(session, set(to_user_ids))
    if secret and about is not None:
        people &= sight.privy(session, about, people)
    if once:
        people -= _before_them(session, people, text, link)
    if not people:
        return 0
    told = {key: rules.without_contact_data(str(value))[:LONGEST] for key, value in (params or {}).items()}
    row: dict[str, Any] = {
        "kind": kind,
        "text": rules.without_contact_data(text)[:LONGEST],
        "params": told,
        "link": rules.local_link(link),
        "subject_type": subject[0] if subject else None,
        "subject_id": subject[1] if subject else None,
        "project_id": about,
        "created_at": now,
    }
    session.flush()
    session.execute(insert(Notice), [{**row, "user_id": user_id} for user_id in sorted(people)])
    _carry(session, people, row, secret=secret, now=now)
    return len(people)


def hush(session: Session, project_id: int, *, now: datetime) -> None:
    """Let the bells of those be still who may not know of a confidential project any more."""
    unread = (Notice.project_id == project_id, Notice.read_at.is_(None))
    told = set(session.scalars(select(Notice.user_id).where(*unread)))
    shut_out = told - sight.privy(session, project_id, told) if told else told
    if shut_out:
        quiet = update(Notice).where(*unread, Notice.user_id.in_(shut_out)).values(read_at=now)
        session.execute(quiet.execution_options(synchronize_session=False))


def rendered(text: str, params: Mapping[str, object]) -> str:
    """Return a message in Chinese, for channels outside of the product."""
    return text % params if params else text.replace("%%", "%")


def _people(session: Session, user_ids: set[int]) -> set[int]:
    return set(session.scalars(select(User.id).where(User.id.in_(user_ids), User.active)))


def _before_them(session: Session, people: set[int], text: str, link: str | None) -> set[int]:
    """Those who have the same notice before them, not read yet; one they may not see any more is not before them."""
    same = (Notice.user_id.in_(people), Notice.read_at.is_(None), Notice.text == text, Notice.link == link)
    return set(session.scalars(select(Notice.user_id).where(*same, sight.readable_by(Notice.user_id))))


def _carry(session: Session, people: set[int], row: Mapping[str, Any], *, secret: bool, now: datetime) -> None:
    """Put what mail and group robots have to carry on its way."""
    kind: NoticeKind = row["kind"]
    choices = {
        choice.user_id: choice
        for choice in session.scalars(select(NoticeChoice).where(NoticeChoice.user_id.in_(people)))
    }
    out = [_mail(choice, row, secret=secret, now=now) for choice in choices.values() if _wants_mail(choice, kind)]
    if not secret:
        loud = {one for one in people if one not in choices or kind not in choices[one].silent_kinds}
        channels = _channels(session, loud, kind, now=now)
        names = _names(session, loud) if channels else ""
        out += [_robot(channel_id, row, names, now=now) for channel_id in channels]
    if not out:
        return
    session.execute(insert(NoticeDelivery), out)
    for one in out:
        wake(session, one["target"], one["send_after"], now=now)


def wake(session: Session, target: str, at: datetime, *, now: datetime) -> None:
    """Have the messages of a target sent at that time; one task per target and minute is enough."""
    key = f"notice:{target}:{at:%Y%m%d%H%M}"
    enqueue(session, jobs.SEND_NOTICES, {"target": target}, now=now, run_after=at, dedupe_key=key)


def _wants_mail(choice: NoticeChoice, kind: NoticeKind) -> bool:
    return bool(choice.email) and kind in choice.mail_kinds


def _mail(choice: NoticeChoice, row: Mapping[str, Any], *, secret: bool, now: datetime) -> dict[str, Any]:
    quiet = rules.Quiet(choice.quiet_from, choice.quiet_to)
    after = quiet.until(now, SHANGHAI)
    if choice.digest_at is not None:
        after = rules.next_digest(choice.digest_at, now, SHANGHAI)
    body = DISCREET if secret else rendered(row["text"], row["params"])
    link = "/notices" if secret else row["link"]
    return _delivery(f"mail:{choice.user_id}", row, body, link, user_id=choice.user_id, now=now, send_after=after)


def _names(session: Session, people: set[int]) -> str:
    """Say in a group whom it is for; when it is for many, they are told in the product."""
    if len(people) > MOST_NAMED:
        return ""
    names = session.scalars(select(User.name).where(User.id.in_(people)).order_by(User.name))
    return "、".join(names) + "："


def _robot(channel_id: int, row: Mapping[str, Any], names: str, *, now: datetime) -> dict[str, Any]:
    body = names + rendered(row["text"], row["params"])
    return _delivery(f"robot:{channel_id}", row, body, row["link"], channel_id=channel_id, now=now, send_after=now)


def _delivery(  # noqa: PLR0913 (the columns of a row)
    target: str,
    row: Mapping[str, Any],
    body: str,
    link: str | None,
    *,
    now: datetime,
    send_after: datetime,
    user_id: int | None = None,
    channel_id: int | None = None,
) -> dict[str, Any]:
    return {
        "target": target,
        "user_id": user_id,
        "channel_id": channel_id,
        "kind": row["kind"],
        "body": body,
        "link": link,
        "project_id": row["project_id"],
        "state": DeliveryState.WAITING,
        "created_at": now,
        "send_after": send_after,
        "attempts": 0,
    }


def _channels(session: Session, people: set[int], kind: NoticeKind, *, now: datetime) -> list[int]:
    """Return the robots that carry this kind: those of the people's units and of the whole office."""
    channels = session.execute(
        select(NoticeChannel.id, NoticeChannel.unit_id, NoticeChannel.kinds).where(NoticeChannel.active)
    ).all()
    wanted = [(channel_id, unit_id) for channel_id, unit_id, kinds in channels if kind in kinds]
    if not wanted or not people:
        return []
    units = _units(session, people, local_day(now))
    return [channel_id for channel_id, unit_id in wanted if unit_id is None or unit_id in units]


def _units(session: Session, people: set[int], day: date) -> set[int]:
    return set(session.scalars(select(Roster.unit_id).where(Roster.user_id.in_(people), valid_on(Roster, day))))
