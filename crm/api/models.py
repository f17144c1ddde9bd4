"""Tokens by which programs act for a person, and the answers they were given to repeatable requests."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import User
from crm.core.db import Base
from crm.core.types import Code, Instant, IntPk, JsonDict, JsonList, Short
from crm.core.vault import Sealed


class ApiToken(Base):
    """A token of a person for a program; only its digest is kept, and the last characters to know it by.

    ``tokens`` and ``filled_at`` are the bucket of its rate limit.
    """

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expiry"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
    )

    id: Mapped[IntPk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[Short]
    token_hash: Mapped[Short] = mapped_column(unique=True)
    tail: Mapped[Code]
    scopes: Mapped[JsonList]
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    last_used_at: Mapped[Instant | None]
    last_ip: Mapped[Code | None]
    revoked_at: Mapped[Instant | None]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    tokens: Mapped[float]
    filled_at: Mapped[Instant]

    user: Mapped[User] = relationship(foreign_keys=[user_id])


class ApiAnswer(Base):
    """What a request with an Idempotency-Key was answered: sealed, and forgotten after a day."""

    __tablename__ = "api_answer"
    __table_args__ = (Index("uq_api_answer_token_id_key", "token_id", "key", unique=True),)

    id: Mapped[IntPk]
    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id"))
    key: Mapped[Short]
    digest: Mapped[Short]
    status: Mapped[int]
    headers: Mapped[JsonDict]
    body: Mapped[str] = mapped_column("body_sealed", Sealed())
    at: Mapped[Instant] = mapped_column(index=True)
