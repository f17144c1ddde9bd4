"""The signals read from articles."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.db import Base
from crm.core.types import BigInt, Code, Day, Instant, IntPk, JsonList, Line, LongText, Money, enum_type
from crm.enterprises.models import Enterprise
from crm.news.models import Article


class SignalState(StrEnum):
    """What a person decided about a signal."""

    NEW = "new"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Signal(Base):
    """A lead signal (动态信息) on an enterprise, one per story and kind, with its evidence.

    ``amount`` is the sum of the deal in 万元 when it is in yuan; ``amount_value`` is that sum in whole units of
    ``amount_currency``, whatever the currency. ``place`` is written 四川省宜宾市, abroad 匈牙利; ``industry`` is a
    code of GB/T 4754. ``decision_reason`` says why it was put aside, ``batch_id`` with which others it was decided.
    """

    __tablename__ = "signal"
    __table_args__ = (
        UniqueConstraint("cluster_id", "enterprise_id", "kind"),
        CheckConstraint("weight > 0", name="weight"),
        CheckConstraint("(state = 'new') = (decided_at IS NULL)", name="decided"),
        Index(None, "state", "happened_at", "id"),
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
    confidence: Mapped[float] = mapped_column(default=1.0, server_default="1")
    amount_value: Mapped[BigInt | None]
    amount_currency: Mapped[Code | None]
    place: Mapped[Line | None]
    event_date: Mapped[Day | None]
    industry: Mapped[Code | None]
    happened_at: Mapped[Instant]
    recorded_at: Mapped[Instant] = mapped_column(index=True)
    state: Mapped[SignalState] = mapped_column(enum_type(SignalState, "state"), default=SignalState.NEW)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[Instant | None]
    decided_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    decision_reason: Mapped[Code | None]
    decision_note: Mapped[Line | None]
    batch_id: Mapped[BigInt | None] = mapped_column(index=True)

    enterprise: Mapped[Enterprise] = relationship()
    article: Mapped[Article] = relationship()
