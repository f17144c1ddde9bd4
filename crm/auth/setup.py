"""The one-time code and the first administrator of a new office."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from crm.auth import queries
from crm.auth.models import OrgUnit, SetupCode, User
from crm.auth.rules import Role, UnitKind
from crm.auth.services import CODE_ALPHABET, NewUser, create_user, digest
from crm.core.errors import DomainError, NotFoundError, Problem

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CODE_LIFE = timedelta(hours=24)
CODE_FAILURES = 10
SETUP_REFUSED = Problem("setup.code", "验证码不对或已失效。请在服务器的启动窗口查看最新验证码。", "code")


def issue_setup_code(session: Session, *, now: datetime) -> str | None:
    """Make the one-time code for the first administrator; None once anybody exists."""
    if queries.any_user(session):
        return None
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(12))
    session.execute(update(SetupCode).where(SetupCode.used_at.is_(None)).values(expires_at=now))
    session.add(SetupCode(code_hash=digest(code), created_at=now, expires_at=now + CODE_LIFE))
    return "-".join((code[:4], code[4:8], code[8:]))


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """What the set-up page asks for."""

    code: str
    office: str
    name: str
    username: str
    password: str


def create_first_administrator(session: Session, form: FirstAdministrator, *, now: datetime, today: date) -> User:
    """Create the office and its first administrator, who is also its 招商办 until others exist."""
    if queries.any_user(session):
        raise NotFoundError(Problem("setup.done", "系统已经初始化，请直接登录。"))
    given = digest("".join(form.code.upper().replace("-", "").split()))
    codes = session.scalars(select(SetupCode).where(SetupCode.used_at.is_(None), SetupCode.expires_at > now)).all()
    match = [code for code in codes if code.failures < CODE_FAILURES and hmac.compare_digest(code.code_hash, given)]
    if not match:
        for code in codes:
            code.failures += 1
        raise DomainError(SETUP_REFUSED)
    unit = OrgUnit(name=form.office, kind=UnitKind.BUREAU, valid_from=date(today.year, 1, 1))
    session.add(unit)
    session.flush()
    account = NewUser(form.username, form.name, form.password)
    user = create_user(
        session, None, account, [(unit.id, Role.ADMINISTRATOR), (unit.id, Role.REGISTRAR)], now=now, today=today
    )
    match[0].used_at = now
    return user
