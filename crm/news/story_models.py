"""What is kept of stories besides the articles: what a roundup holds, and earlier texts of a page."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Instant, IntPk, Line, LongText, Short


class Containment(Base):
    """A short report that stands whole inside a roundup (收录于早报): not the same story, and no second report."""

    __tablename__ = "article_containment"
    __table_args__ = (
        CheckConstraint("share > 0 AND share <= 1", name="share"),
        CheckConstraint("roundup_id <> article_id", name="other"),
    )

    roundup_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, index=True)
    share: Mapped[float]


class Revision(Base):
    """A text a page had before its publisher changed it; the article itself holds the newest one."""

    __tablename__ = "article_revision"
    __table_args__ = (UniqueConstraint("article_id", "text_hash"),)

    id: Mapped[IntPk]
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    title: Mapped[Line]
    body: Mapped[LongText]
    text_hash: Mapped[Short]
    page_sha256: Mapped[Short]
    fetched_at: Mapped[Instant]
    replaced_at: Mapped[Instant]
