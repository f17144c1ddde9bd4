"""Uploaded files: rows here, bytes in the data folder under a name of our own."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Code, Instant, IntPk, Line


class Attachment(Base):
    """A stored file; ``sha256`` is also its name on disk."""

    __tablename__ = "attachment"
    __table_args__ = (Index(None, "subject_type", "subject_id"), CheckConstraint("size > 0", name="size"))

    id: Mapped[IntPk]
    subject_type: Mapped[Code]
    subject_id: Mapped[int]
    name: Mapped[Line]
    content_type: Mapped[Code]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    uploaded_at: Mapped[Instant]
