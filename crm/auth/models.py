"""People, units, rosters, sessions and the one-time set-up code."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.rules import Role, UnitKind
from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, Line, Short, enum_type


class OrgUnit(Base):
    """An organisational unit with validity dates (机构)."""

    __tablename__ = "org_unit"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),)

    id: Mapped[IntPk]
    name: Mapped[Short] = mapped_column(unique=True)
    kind: Mapped[UnitKind] = mapped_column(enum_type(UnitKind, "kind"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    managing_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    region: Mapped[Short | None]
    position: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[Day]
    valid_to: Mapped[Day | None]


class User(Base):
    """A person who signs in."""

    __tablename__ = "user_account"
    __table_args__ = (CheckConstraint("failed_logins >= 0", name="failed_logins"),)

    id: Mapped[IntPk]
    username: Mapped[Short] = mapped_column(unique=True)
    name: Mapped[Short]
    password_hash: Mapped[Line]
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[Instant | None]
    locale: Mapped[Code] = mapped_column(default="zh")
    theme: Mapped[Code] = mapped_column(default="")
    title: Mapped[Short | None]
    created_at: Mapped[Instant]
    last_login_at: Mapped[Instant | None]

    rosters: Mapped[list[Roster]] = relationship(back_populates="user", order_by="Roster.id")


class Roster(Base):
    """A person's role in a unit for a time (编组)."""

    __tablename__ = "roster"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        Index("uq_roster_user_id_unit_id_role_valid_from", "user_id", "unit_id", "role", "valid_from", unique=True),
    )

    id: Mapped[IntPk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    role: Mapped[Role] = mapped_column(enum_type(Role, "role"))
    valid_from: Mapped[Day]
    valid_to: Mapped[Day | None]

    user: Mapped[User] = relationship(back_populates="rosters")
    unit: Mapped[OrgUnit] = relationship()


class LoginSession(Base):
    """A server-side session; the cookie holds only a random token, kept here as a hash."""

    __tablename__ = "login_session"

    id: Mapped[IntPk]
    token_hash: Mapped[Short] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    ip: Mapped[Code | None]
    user_agent: Mapped[Line | None]


class SetupCode(Base):
    """One-time code that creates the first administrator (首个管理员验证码)."""

    __tablename__ = "setup_code"

    id: Mapped[IntPk]
    code_hash: Mapped[Line]
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]
    failures: Mapped[int] = mapped_column(default=0)


class LoginThrottle(Base):
    """Failed sign-ins per address in a window, whatever the user name."""

    __tablename__ = "login_throttle"

    ip: Mapped[Code] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    window_start: Mapped[Instant]
