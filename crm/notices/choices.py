"""How a person wants to hear of what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core import audit
from crm.core.errors import DomainError, Problem
from crm.notices.models import NoticeChoice
from crm.notices.rules import NoticeKind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ADDRESS = re.compile(r"[^\s@<>\"',;:\\]{1,64}@[^\s@<>\"',;:\\]{1,190}\.[A-Za-z0-9-]{2,30}")
NO_ADDRESS = Problem("choice.email", "要收邮件，请先填邮箱，例如 name@office.example。", "email")
BAD_ADDRESS = Problem("choice.address", "邮箱写得不对，请照 name@office.example 的样子填写。", "email")
HALF_QUIET = Problem("choice.quiet", "免打扰时段要把起止两个时间都填上，或者都不填。", "quiet_from")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose; times in minutes of the day."""

    email: str = ""
    mail_kinds: frozenset[NoticeKind] = frozenset()
    silent_kinds: frozenset[NoticeKind] = frozenset()
    quiet_from: int | None = None
    quiet_to: int | None = None
    digest_at: int | None = None


def load(session: Session, actor: Actor) -> Choice:
    """Return what the person chose, else what holds without a choice."""
    row = session.get(NoticeChoice, actor.user_id)
    if row is None:
        return Choice()
    return Choice(
        email=row.email or "",
        mail_kinds=_kinds(row.mail_kinds),
        silent_kinds=_kinds(row.silent_kinds),
        quiet_from=row.quiet_from,
        quiet_to=row.quiet_to,
        digest_at=row.digest_at,
    )


def save(session: Session, actor: Actor, wanted: Choice, *, now: datetime) -> None:
    """Keep what the person chose; the audit says that it changed, not the address."""
    problems = _problems(wanted)
    if problems:
        raise DomainError(*problems)
    row = session.get(NoticeChoice, actor.user_id)
    if row is None:
        row = NoticeChoice(user_id=actor.user_id)
        session.add(row)
    row.email = wanted.email or None
    row.mail_kinds = sorted(wanted.mail_kinds)
    row.silent_kinds = sorted(wanted.silent_kinds)
    row.quiet_from, row.quiet_to, row.digest_at = wanted.quiet_from, wanted.quiet_to, wanted.digest_at
    row.updated_at = now
    audit.record(session, actor.user_id, "notice.choice", ("user", actor.user_id), now=now, mail=row.mail_kinds)


def _problems(wanted: Choice) -> list[Problem]:
    problems = []
    if wanted.email and not ADDRESS.fullmatch(wanted.email):
        problems.append(BAD_ADDRESS)
    elif wanted.mail_kinds and not wanted.email:
        problems.append(NO_ADDRESS)
    if (wanted.quiet_from is None) != (wanted.quiet_to is None):
        problems.append(HALF_QUIET)
    return problems


def _kinds(stored: list[str]) -> frozenset[NoticeKind]:
    return frozenset(NoticeKind(one) for one in stored if one in set(NoticeKind))
