"""Notices, how people want to hear of them, the channels of the office, and what is on its way."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import BigInt, Code, Instant, IntPk, JsonDict, JsonList, Line, LongText, Short, enum_type
from crm.core.vault import Sealed
from crm.notices.rules import DeliveryState, NoticeKind, Vendor

MINUTES_A_DAY = 1440
UNREAD = text("read_at IS NULL")


class Notice(Base):
    """Something one person is told. ``text`` is a message id, ``params`` fill it in."""

    __tablename__ = "notice"
    __table_args__ = (
        Index(None, "user_id", "id"),
        Index("ix_notice_unread", "user_id", sqlite_where=UNREAD, postgresql_where=UNREAD),
        CheckConstraint("(subject_type IS NULL) = (subject_id IS NULL)", name="subject"),
    )

    id: Mapped[IntPk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[NoticeKind] = mapped_column(enum_type(NoticeKind, "kind"))
    text: Mapped[Line]
    params: Mapped[JsonDict]
    link: Mapped[Line | None]
    subject_type: Mapped[Code | None]
    subject_id: Mapped[BigInt | None]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    created_at: Mapped[Instant]
    read_at: Mapped[Instant | None]


class NoticeChoice(Base):
    """How one person wants to hear of what; without a row: in the product only."""

    __tablename__ = "notice_choice"
    __table_args__ = (
        CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name="quiet"),
        CheckConstraint(f"quiet_from BETWEEN 0 AND {MINUTES_A_DAY - 1}", name="quiet_from"),
        CheckConstraint(f"quiet_to BETWEEN 0 AND {MINUTES_A_DAY - 1}", name="quiet_to"),
        CheckConstraint(f"digest_at BETWEEN 0 AND {MINUTES_A_DAY - 1}", name="digest_at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    email: Mapped[str | None] = mapped_column(Sealed())
    mail_kinds: Mapped[JsonList]
    silent_kinds: Mapped[JsonList]
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]
    digest_at: Mapped[int | None]
    updated_at: Mapped[Instant]


class NoticeChannel(Base):
    """A group robot: its address is as good as a password, so it is sealed."""

    __tablename__ = "notice_channel"
    __table_args__ = (CheckConstraint("tokens >= 0", name="tokens"),)

    id: Mapped[IntPk]
    name: Mapped[Short] = mapped_column(unique=True)
    vendor: Mapped[Vendor] = mapped_column(enum_type(Vendor, "vendor"))
    url: Mapped[str] = mapped_column(Sealed())
    secret: Mapped[str | None] = mapped_column(Sealed())
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    kinds: Mapped[JsonList]
    active: Mapped[bool] = mapped_column(default=True)
    tokens: Mapped[float]
    filled_at: Mapped[Instant]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    last_sent_at: Mapped[Instant | None]
    last_error: Mapped[Line | None]


class NoticeDelivery(Base):
    """One thing to be carried to one target; several waiting ones may go out as one message."""

    __tablename__ = "notice_delivery"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (channel_id IS NULL)", name="target"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index(None, "target", "state", "send_after"),
        Index(None, "created_at"),
    )

    id: Mapped[IntPk]
    target: Mapped[Code]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("notice_channel.id", ondelete="CASCADE"))
    kind: Mapped[NoticeKind] = mapped_column(enum_type(NoticeKind, "kind"))
    body: Mapped[LongText]
    link: Mapped[Line | None]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    state: Mapped[DeliveryState] = mapped_column(enum_type(DeliveryState, "state"), default=DeliveryState.WAITING)
    created_at: Mapped[Instant]
    send_after: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    attempts: Mapped[int] = mapped_column(default=0)
    batch: Mapped[Code | None]
    batch_until: Mapped[Instant | None]
    last_error: Mapped[Line | None]
