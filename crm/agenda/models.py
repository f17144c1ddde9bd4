"""Secret links to a person's calendar."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Instant, IntPk, Short

OPEN = text("revoked_at IS NULL")


class CalendarLink(Base):
    """One link of a person; only the hash of its token is kept, and at most one link works at a time.

    ``fetched`` counts what was asked of it since ``window_start``.
    """

    __tablename__ = "calendar_link"
    __table_args__ = (
        Index("uq_calendar_link_open", "user_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index(None, "user_id"),
    )

    id: Mapped[IntPk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    token_hash: Mapped[Short] = mapped_column(unique=True)
    created_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]
    last_used_at: Mapped[Instant | None]
    window_start: Mapped[Instant | None]
    fetched: Mapped[int] = mapped_column(default=0, server_default="0")
