"""What people say in a stream: comments with mentions and quotes, and what they pin to its top."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import BigInt, Code, Instant, IntPk, LongText

ONE_SUBJECT = "(project_id IS NULL) <> (enterprise_id IS NULL)"


class StreamComment(Base):
    """A remark on an enterprise or a project; taken back by its author it stays, unseen.

    ``quotes_kind`` and ``quotes_id`` point to another line of the stream. No text of it is kept here: whoever may
    not see the line does not see it quoted either.
    """

    __tablename__ = "stream_comment"
    __table_args__ = (
        CheckConstraint(ONE_SUBJECT, name="subject"),
        CheckConstraint("(quotes_kind IS NULL) = (quotes_id IS NULL)", name="quotes"),
        Index(None, "enterprise_id", "at"),
        Index(None, "project_id", "at"),
    )

    id: Mapped[IntPk]
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
    body: Mapped[LongText]
    quotes_kind: Mapped[Code | None]
    quotes_id: Mapped[BigInt | None]
    edited_at: Mapped[Instant | None]
    deleted_at: Mapped[Instant | None]


class StreamMention(Base):
    """A person whom a comment called by name; told once."""

    __tablename__ = "stream_mention"

    comment_id: Mapped[int] = mapped_column(ForeignKey("stream_comment.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)


class StreamPin(Base):
    """A line of a stream that stands on top of it for all who may see the line."""

    __tablename__ = "stream_pin"
    __table_args__ = (
        CheckConstraint(ONE_SUBJECT, name="subject"),
        UniqueConstraint("enterprise_id", "kind", "item_id"),
        UniqueConstraint("project_id", "kind", "item_id"),
    )

    id: Mapped[IntPk]
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[Code]
    item_id: Mapped[BigInt]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
