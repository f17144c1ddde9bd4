"""What is remembered of a source's health, and the pages as they came."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.db import Base
from crm.core.types import Code, Instant, JsonList, Short
from crm.news.models import Source


class SourceHealth(Base):
    """One row a source: figures of its last runs, so that a page of sources asks for nothing else."""

    __tablename__ = "source_health"
    __table_args__ = (CheckConstraint("expected_minutes >= 60", name="expected"),)

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    recent: Mapped[JsonList] = mapped_column(default=list)
    last_new_at: Mapped[Instant | None]
    usual_gap_minutes: Mapped[int | None]
    expected_minutes: Mapped[int | None]
    alert: Mapped[Code | None]
    alert_since: Mapped[Instant | None]
    told_at: Mapped[Instant | None]
    muted_until: Mapped[Instant | None]
    updated_at: Mapped[Instant]

    source: Mapped[Source] = relationship()


class Snapshot(Base):
    """The bytes of a page, compressed, once for each content; they go with age."""

    __tablename__ = "snapshot"
    __table_args__ = (CheckConstraint("size >= 0", name="size"),)

    sha256: Mapped[Short] = mapped_column(primary_key=True)
    packed: Mapped[bytes] = mapped_column(LargeBinary())
    size: Mapped[int]
    charset: Mapped[Code | None]
    kept_at: Mapped[Instant] = mapped_column(index=True)
