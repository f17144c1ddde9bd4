"""Mentions of enterprises in articles and the signals read from them."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.db import Base
from crm.core.types import Code, Instant, IntPk, JsonList, Line, LongText, Money, enum_type
from crm.enterprises.models import Enterprise
from crm.news.models import Article


class SignalState(StrEnum):
    """What a person decided about a signal."""

    NEW = "new"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Mention(Base):
    """An enterprise named in an article, with the exact span in the body or title."""

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("article_id", "in_title", "start"),
        CheckConstraint("stop > start", name="span"),
    )

    id: Mapped[IntPk]
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    surface: Mapped[Line]
    in_title: Mapped[bool] = mapped_column(default=False)
    start: Mapped[int]
    stop: Mapped[int]


class Signal(Base):
    """A lead signal (动态信息) on an enterprise, one per story and kind, with its evidence."""

    __tablename__ = "signal"
    __table_args__ = (
        UniqueConstraint("cluster_id", "enterprise_id", "kind"),
        CheckConstraint("weight > 0", name="weight"),
        CheckConstraint("(state = 'new') = (decided_at IS NULL)", name="decided"),
    )

    id: Mapped[IntPk]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), index=True)
    cluster_id: Mapped[int] = mapped_column(ForeignKey("article_cluster.id"))
    kind: Mapped[Code]
    quote: Mapped[LongText]
    weight: Mapped[float]
    reasons: Mapped[JsonList]
    amount: Mapped[Money | None]
    happened_at: Mapped[Instant]
    recorded_at: Mapped[Instant] = mapped_column(index=True)
    state: Mapped[SignalState] = mapped_column(enum_type(SignalState, "state"), default=SignalState.NEW)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[Instant | None]
    decided_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    decision_note: Mapped[Line | None]

    enterprise: Mapped[Enterprise] = relationship()
    article: Mapped[Article] = relationship()
