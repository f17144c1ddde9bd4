"""Signing in and out, the first administrator, people and units."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from crm.auth import queries
from crm.auth.models import LoginSession, LoginThrottle, OrgUnit, Roster, User
from crm.auth.passwords import hash_password, is_outdated, password_problems, verify
from crm.auth.rules import Actor, Role
from crm.core import audit
from crm.core.errors import DomainError, NotFoundError, Problem

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ACCOUNT_FAILURES = 5
ACCOUNT_LOCK = timedelta(minutes=15)
ADDRESS_FAILURES = 30
ADDRESS_WINDOW = timedelta(minutes=15)
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
AGENT_LENGTH = 200
REFUSED = Problem("login.refused", "用户名或密码不对。请检查大小写和输入法。")
LOCKED = Problem("login.locked", "连续输错次数过多，请 15 分钟后再试，或请管理员重置密码。")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sign-in comes from."""

    ip: str
    user_agent: str = ""


def fold_username(username: str) -> str:
    """One account per name whatever the width or case of its letters."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def digest(token: str) -> str:
    """Hash a random token for storage (SHA-256: tokens carry 256 bits)."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(
    session: Session, username: str, password: str, origin: Origin, *, now: datetime, hours: int
) -> tuple[str, User]:
    """Check a password and open a session; return its token and the account.

    Refusals count against the account and the address and must be committed by the caller. A name
    that nobody has locks like an account, so that the answer does not tell which names exist.
    """
    throttle = _throttle(session, origin.ip, now)
    user = queries.user_by_name(session, fold_username(username))
    counted = throttle if user else _throttle(session, _name_key(username), now)
    locked = user.locked_until is not None and user.locked_until > now if user else counted.failures >= ACCOUNT_FAILURES
    if throttle.failures >= ADDRESS_FAILURES or locked:
        audit.record(session, user.id if user else None, "login.locked", ("user", user.id if user else None), now=now)
        raise DomainError(LOCKED)
    good = verify(user.password_hash if user else None, password)
    if user is None or not good or not user.active:
        _count_failure(session, user, throttle, now)
        counted.failures += user is None
        raise DomainError(REFUSED)
    user.failed_logins, user.locked_until, user.last_login_at = 0, None, now
    if is_outdated(user.password_hash):
        user.password_hash = hash_password(password)
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            token_hash=digest(token),
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(hours=hours),
            ip=origin.ip,
            user_agent=origin.user_agent[:AGENT_LENGTH],
        )
    )
    audit.record(session, user.id, "login", ("user", user.id), now=now)
    return token, user


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End one session; its cookie is worthless from now on."""
    found = queries.session_by_hash(session, digest(token))
    if found and found[0].ended_at is None:
        found[0].ended_at = now
        audit.record(session, found[1].id, "logout", ("user", found[1].id), now=now)


def end_sessions(session: Session, user_id: int, *, now: datetime) -> None:
    """End every session of a person (disabled, password changed)."""
    statement = update(LoginSession).where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
    session.execute(statement.values(ended_at=now))


def touch_session(session: Session, session_id: int, *, now: datetime) -> None:
    """Note that a session is in use."""
    session.execute(update(LoginSession).where(LoginSession.id == session_id).values(last_seen_at=now))


def forget_ended_sessions(session: Session, *, now: datetime) -> int:
    """Delete sessions that ended or expired over a week ago, and old failure counts; return how many sessions."""
    limit = now - timedelta(days=7)
    session.execute(delete(LoginThrottle).where(LoginThrottle.window_start < limit))
    rows = session.scalars(select(LoginSession).where(LoginSession.expires_at < limit)).all()
    for row in rows:
        session.delete(row)
    return len(rows)


@dataclass(frozen=True, slots=True)
class NewUser:
    """An account to create; ``password_hash`` spares the work where many share one password."""

    username: str
    name: str
    password: str
    title: str | None = None
    must_change: bool = False
    password_hash: str | None = None


def create_user(
    session: Session,
    actor: Actor | None,
    account: NewUser,
    posts: list[tuple[int, Role]],
    *,
    now: datetime,
    today: date,
) -> User:
    """Create an account with its posts; refuse weak passwords and taken names."""
    username = fold_username(account.username)
    problems = password_problems(account.password, username)
    if not username.isidentifier() and not username.replace(".", "").replace("-", "").isalnum():
        problems.append(Problem("user.username", "用户名只用字母、数字、点和横线。", "username"))
    elif queries.user_by_name(session, username):
        problems.append(Problem("user.taken", "这个用户名已被使用。", "username"))
    if problems:
        raise DomainError(*problems)
    user = User(
        username=username,
        name=account.name,
        title=account.title,
        password_hash=account.password_hash or hash_password(account.password),
        must_change_password=account.must_change,
        created_at=now,
    )
    session.add(user)
    session.flush()
    for unit_id, role in posts:
        session.add(Roster(user_id=user.id, unit_id=unit_id, role=role, valid_from=today))
    actor_id = actor.user_id if actor else user.id
    roles = [f"{unit_id}:{role}" for unit_id, role in posts]
    audit.record(session, actor_id, "user.create", ("user", user.id), now=now, username=username, posts=roles)
    session.flush()
    return user


def set_active(session: Session, actor: Actor, user_id: int, *, active: bool, now: datetime) -> User:
    """Enable or disable an account; disabling ends its sessions. Nobody locks out themselves."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError(Problem("user.absent", "没有这个账号。"))
    if user.id == actor.user_id and not active:
        raise DomainError(Problem("user.self", "不能停用自己的账号。"))
    user.active = active
    if not active:
        end_sessions(session, user.id, now=now)
    action = "user.enable" if active else "user.disable"
    audit.record(session, actor.user_id, action, ("user", user.id), now=now)
    return user


def change_password(session: Session, actor: Actor, old: str, new: str, *, now: datetime) -> None:
    """Change one's own password; every session ends, so that a stolen one dies too."""
    user = session.get_one(User, actor.user_id)
    if not verify(user.password_hash, old):
        raise DomainError(Problem("password.old", "原密码不对。", "old_password"))
    problems = password_problems(new, user.username)
    if new == old:
        problems.append(Problem("password.same", "新密码不能和原密码一样。", "password"))
    if problems:
        raise DomainError(*problems)
    user.password_hash, user.must_change_password = hash_password(new), False
    end_sessions(session, user.id, now=now)
    audit.record(session, user.id, "password.change", ("user", user.id), now=now)


def reset_password(session: Session, actor: Actor, user_id: int, *, now: datetime) -> str:
    """Set a random password that must be changed at the next sign-in; return it once."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError(Problem("user.absent", "没有这个账号。"))
    password = "-".join("".join(secrets.choice(CODE_ALPHABET) for _ in range(4)) for _ in range(4))
    user.password_hash, user.must_change_password = hash_password(password), True
    user.failed_logins, user.locked_until = 0, None
    end_sessions(session, user.id, now=now)
    audit.record(session, actor.user_id, "password.reset", ("user", user.id), now=now)
    return password


def set_preferences(session: Session, actor: Actor, *, locale: str | None, theme: str | None) -> None:
    """Keep a person's language and theme."""
    user = session.get_one(User, actor.user_id)
    user.locale = locale or user.locale
    user.theme = user.theme if theme is None else theme


def create_unit(session: Session, actor: Actor, unit: OrgUnit, *, now: datetime) -> OrgUnit:
    """Add a unit (机构); its name must be free."""
    if session.scalar(select(OrgUnit.id).where(OrgUnit.name == unit.name)):
        raise DomainError(Problem("unit.taken", "已有同名机构，请换一个名称。", "name"))
    session.add(unit)
    session.flush()
    audit.record(session, actor.user_id, "unit.create", ("unit", unit.id), now=now, name=unit.name)
    return unit


def assign(session: Session, actor: Actor, roster: Roster, *, now: datetime) -> Roster:
    """Give a person a role in a unit from a day on."""
    session.add(roster)
    session.flush()
    detail = {"unit": roster.unit_id, "role": str(roster.role)}
    audit.record(session, actor.user_id, "roster.assign", ("user", roster.user_id), now=now, **detail)
    return roster


def end_roster(session: Session, actor: Actor, roster_id: int, *, now: datetime, today: date) -> Roster:
    """End a person's role in a unit yesterday; an administrator cannot remove their own last right."""
    roster = session.get(Roster, roster_id)
    if roster is None:
        raise NotFoundError(Problem("roster.absent", "没有这条编组记录。"))
    if roster.user_id == actor.user_id and roster.role is Role.ADMINISTRATOR:
        raise DomainError(Problem("roster.self", "不能撤销自己的系统管理员角色。"))
    if roster.valid_from >= today:
        session.delete(roster)
    else:
        roster.valid_to = today - timedelta(days=1)
    audit.record(session, actor.user_id, "roster.end", ("user", roster.user_id), now=now, role=str(roster.role))
    return roster


def _throttle(session: Session, ip: str, now: datetime) -> LoginThrottle:
    row = session.get(LoginThrottle, ip)
    if row is None:
        row = LoginThrottle(ip=ip, failures=0, window_start=now)
        session.add(row)
    elif now - row.window_start > ADDRESS_WINDOW:
        row.failures, row.window_start = 0, now
    return row


def _name_key(username: str) -> str:
    """Key of a name without account in the table of addresses; fits its 40 characters."""
    return f"name:{digest(fold_username(username))[:32]}"


def _count_failure(session: Session, user: User | None, throttle: LoginThrottle, now: datetime) -> None:
    throttle.failures += 1
    if user is not None:
        user.failed_logins += 1
        if user.failed_logins >= ACCOUNT_FAILURES:
            user.failed_logins, user.locked_until = 0, now + ACCOUNT_LOCK
    audit.record(session, user.id if user else None, "login.refused", ("user", user.id if user else None), now=now)


def one_at_a_time(session: Session, actor: Actor) -> None:
    """Let two requests of one person wait for each other, so that a double tap finds what the first tap wrote."""
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update(key_share=True))
