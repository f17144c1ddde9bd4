"""Make, revoke and admit tokens. Nothing here commits."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from crm.api.models import ApiToken
from crm.api.scopes import permissions_of, token_problems
from crm.auth import queries as people
from crm.auth.models import LoginThrottle, User
from crm.auth.rules import Actor, Permission
from crm.auth.services import ADDRESS_FAILURES, ADDRESS_WINDOW, digest
from crm.core import audit
from crm.core.db import insert_ignore
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.notices.rules import Bucket, full

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.api.scopes import TokenDraft

PREFIX, TAIL = "yf_", 4
SUBJECT = "api_token"
ABSENT = Problem("token.absent", "没有这个令牌。")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls by a token: the account, the actor narrowed by its scopes."""

    token_id: int
    user: User
    actor: Actor
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """A call turned away: the token is worth nothing, or ``wait`` says for how long it is too early."""

    wait: timedelta | None = None


def create(
    session: Session, actor: Actor, draft: TokenDraft, *, now: datetime, most_days: int, per_minute: int
) -> tuple[ApiToken, str]:
    """Make a token for the actor; return its row and the token itself, which is told this once."""
    mine = select(func.count()).select_from(ApiToken).where(ApiToken.user_id == actor.user_id, in_use(now))
    problems = token_problems(draft, session.scalar(mine) or 0, most_days)
    if problems:
        raise DomainError(*problems)
    plain, bucket = PREFIX + secrets.token_urlsafe(32), full(per_minute, now)
    row = ApiToken(
        user_id=actor.user_id,
        name=draft.name.strip(),
        token_hash=digest(plain),
        tail=plain[-TAIL:],
        scopes=sorted(draft.scopes),
        created_at=now,
        expires_at=now + timedelta(days=draft.days),
        tokens=bucket.tokens,
        filled_at=bucket.filled_at,
    )
    session.add(row)
    session.flush()
    detail = {"name": row.name, "scopes": row.scopes, "until": row.expires_at.isoformat()}
    audit.record(session, actor.user_id, "token.create", (SUBJECT, row.id), now=now, **detail)
    return row, plain


def revoke(session: Session, actor: Actor, token_id: int, *, now: datetime) -> ApiToken:
    """End a token of one's own, or as an administrator anybody's; twice is the same as once."""
    row = session.scalar(select(ApiToken).where(ApiToken.id == token_id, visible_to(actor)).with_for_update())
    if row is None:
        raise NotFoundError(ABSENT)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = now, actor.user_id
        detail = {"name": row.name, "of": row.user_id}
        audit.record(session, actor.user_id, "token.revoke", (SUBJECT, row.id), now=now, **detail)
    return row


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: one's own tokens; all of them for administrators."""
    return ApiToken.id.is_not(None) if actor.may(Permission.ADMIN_MANAGE) else ApiToken.user_id == actor.user_id


def in_use(now: datetime) -> ColumnElement[bool]:
    """Condition: neither revoked nor expired."""
    return ApiToken.revoked_at.is_(None) & (ApiToken.expires_at > now)


def listed(session: Session, actor: Actor, *, own: bool, cursor: str | None) -> Page[ApiToken]:
    """Return a page of tokens, newest first: one's own, or all the actor may see."""
    statement = select(ApiToken).where(visible_to(actor)).options(joinedload(ApiToken.user))
    if own:
        statement = statement.where(ApiToken.user_id == actor.user_id)
    return fetch_page(session, statement, [Key(ApiToken.id, descending=True)], lambda row: [row.id], cursor=cursor)


def admit(session: Session, plain: str, ip: str, *, now: datetime, today: date, per_minute: int) -> Caller | Refused:
    """Find who calls and count the call; what is written must be committed whatever the answer.

    A token that is unknown, revoked, expired or of a disabled account is worth nothing, and the answer tells not
    which. Such tries count against the address; valid tokens from the same address go on working.
    """
    statement = select(ApiToken, User).join(User, User.id == ApiToken.user_id)
    found = session.execute(
        statement.where(ApiToken.token_hash == digest(plain[:LONGEST])).with_for_update(of=ApiToken)
    ).one_or_none()
    if found is None or not _alive(found[0], found[1], now):
        return _failed(session, found[0] if found else None, ip, now)
    row, user = found
    bucket, wait = Bucket(row.tokens, row.filled_at).take(per_minute, now)
    row.tokens, row.filled_at = bucket.tokens, bucket.filled_at
    row.last_used_at, row.last_ip = now, ip or None
    if wait is not None:
        return Refused(wait)
    actor = replace(people.actor_for(session, user, today), only=permissions_of(row.scopes))
    return Caller(row.id, user, actor, frozenset(row.scopes), row.expires_at)


def _alive(row: ApiToken, user: User, now: datetime) -> bool:
    return row.revoked_at is None and row.expires_at > now and user.active and not user.must_change_password


def _failed(session: Session, row: ApiToken | None, ip: str, now: datetime) -> Refused:
    """Count a failed try against the address; beyond the limit nothing more is written down."""
    key = f"api:{digest(ip)[:32]}"
    insert_ignore(session, LoginThrottle, [{"ip": key, "failures": 0, "window_start": now}], ["ip"])
    throttle = session.scalars(select(LoginThrottle).where(LoginThrottle.ip == key).with_for_update()).one()
    if now - throttle.window_start > ADDRESS_WINDOW:
        throttle.failures, throttle.window_start = 0, now
    if throttle.failures >= ADDRESS_FAILURES:
        return Refused(throttle.window_start + ADDRESS_WINDOW - now)
    throttle.failures += 1
    owner = row.user_id if row else None
    audit.record(session, owner, "token.refused", (SUBJECT, row.id if row else None), now=now)
    return Refused()
