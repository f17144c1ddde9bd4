"""Templates of an office: each version that was put to use stays, so that what it made can be made again."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Code, Instant, IntPk, JsonDict, Line

ACTIVE = text("active")


class OfficeTemplate(Base):
    """One version of the office's own template for a kind of paper; without an active one the built-in holds.

    ``checked`` keeps what the check found, so that nobody who looks has it run again.
    """

    __tablename__ = "office_template"
    __table_args__ = (
        UniqueConstraint("kind", "number"),
        Index("uq_office_template_active", "kind", unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE),
        CheckConstraint("number > 0", name="number"),
    )

    id: Mapped[IntPk]
    kind: Mapped[Code]
    number: Mapped[int]
    name: Mapped[Line]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary(), deferred=True)
    active: Mapped[bool]
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    uploaded_at: Mapped[Instant]
    checked: Mapped[JsonDict | None]
