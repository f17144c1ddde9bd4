"""What people do with signals: put off, follow an enterprise, watch a filter, decide on many at once, be told daily."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, JsonDict, Short, enum_type
from crm.enterprises.models import Enterprise


class BulkVerb(StrEnum):
    """What was done to many signals at once."""

    ACCEPT = "accept"
    DISMISS = "dismiss"
    SNOOZE = "snooze"


class Telling(StrEnum):
    """When the owner of a watch hears of what it finds."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"


class SignalBatch(Base):
    """Signals decided together, so that they can be taken back together."""

    __tablename__ = "signal_batch"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)

    id: Mapped[IntPk]
    verb: Mapped[BulkVerb] = mapped_column(enum_type(BulkVerb, "verb"))
    size: Mapped[int]
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[Instant]
    undone_at: Mapped[Instant | None]


class SignalSnooze(Base):
    """A signal one person has put off until a moment; it is back by itself when that has come."""

    __tablename__ = "signal_snooze"
    __table_args__ = (Index(None, "user_id", "until"),)

    signal_id: Mapped[int] = mapped_column(ForeignKey("signal.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    until: Mapped[Instant]
    made_at: Mapped[Instant]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("signal_batch.id"), index=True)


class SignalFollow(Base):
    """An enterprise whose signals one person wants to see first and hear of daily; its subsidiaries count too."""

    __tablename__ = "signal_follow"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(
        ForeignKey("enterprise.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    made_at: Mapped[Instant]

    enterprise: Mapped[Enterprise] = relationship()


class SignalWatch(Base):
    """A filter of the inbox kept under a name, and when its owner hears of what it finds."""

    __tablename__ = "signal_watch"
    __table_args__ = (UniqueConstraint("owner_id", "name"), Index(None, "telling"))

    id: Mapped[IntPk]
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[Short]
    chosen: Mapped[JsonDict]
    telling: Mapped[Telling] = mapped_column(enum_type(Telling, "telling"), default=Telling.DAILY)
    made_at: Mapped[Instant]
    changed_at: Mapped[Instant]


class SignalDigest(Base):
    """That a person was told of a day's signals, and of how many; one row a day, so that nobody is told twice."""

    __tablename__ = "signal_digest"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    day: Mapped[Day] = mapped_column(primary_key=True)
    count: Mapped[int]
    told_at: Mapped[Instant]
