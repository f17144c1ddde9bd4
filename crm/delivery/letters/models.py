"""Letters to investors: numbered by year, filed with their bytes and digest, never changed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, Line, LongText, enum_type
from crm.delivery.letters.rules import LetterKind


class DeliveryLetter(Base):
    """One letter as it was sent; ``seq`` counts from 1 in each year."""

    __tablename__ = "delivery_letter"
    __table_args__ = (
        UniqueConstraint("year", "seq"),
        CheckConstraint("seq > 0", name="seq"),
        CheckConstraint('due_on IS NULL OR due_on > "on"', name="due"),
        CheckConstraint("length(digest) = 64", name="digest"),
        Index("ix_delivery_letter_project_id", "project_id", "id"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[LetterKind] = mapped_column(enum_type(LetterKind, "kind"))
    year: Mapped[int]
    seq: Mapped[int]
    on: Mapped[Day]
    due_on: Mapped[Day | None]
    title: Mapped[Line]
    addressee: Mapped[Line]
    detail: Mapped[LongText | None]
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    digest: Mapped[str]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
