"""Where articles name enterprises."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import IntPk, JsonList, Line, enum_type


class MentionState(StrEnum):
    """Whether a link acts: by itself, not before somebody looked, or by the word of a person."""

    LINKED = "linked"
    REVIEW = "review"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


COUNTING = (MentionState.LINKED, MentionState.CONFIRMED)


class Mention(Base):
    """An enterprise named in an article, with the exact span in the body or title.

    Only those whose state is in :data:`COUNTING` count anywhere. ``reasons`` holds the keys of the
    matcher (``crm.linking.reasons`` has their words).
    """

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("article_id", "in_title", "start"),
        CheckConstraint("stop > start", name="span"),
        CheckConstraint("confidence >= 0 AND confidence <= 1", name="confidence"),
        Index("ix_mention_state", "state", "id"),
    )

    id: Mapped[IntPk]
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    surface: Mapped[Line]
    in_title: Mapped[bool] = mapped_column(default=False)
    start: Mapped[int]
    stop: Mapped[int]
    confidence: Mapped[float] = mapped_column(default=1.0, server_default="1")
    reasons: Mapped[JsonList] = mapped_column(default=list, server_default="[]")
    state: Mapped[MentionState] = mapped_column(
        enum_type(MentionState, "state"), default=MentionState.LINKED, server_default="linked"
    )
