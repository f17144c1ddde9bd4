"""Sheets: files of outlines that people brought, what was put onto carriers and what stood there before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Instant, IntPk, Json, JsonList, Line


class MapSheet(Base):
    """One file of outlines: read, then put to use (``applied_at``), then perhaps taken back (``undone_at``).

    ``features`` are checked: name, code, geometry. ``base`` are those drawn under the carriers, None where the sheet
    leaves the one before in place; ``before`` gives per carrier what it had: [carrier, outline or None, stamp set].
    """

    __tablename__ = "map_sheet"
    __table_args__ = (
        CheckConstraint("(applied_at IS NULL) = (applied_by IS NULL)", name="applied"),
        CheckConstraint("undone_at IS NULL OR applied_at IS NOT NULL", name="undone"),
    )

    id: Mapped[IntPk]
    name: Mapped[Line]
    features: Mapped[JsonList]
    left_out: Mapped[int]
    base: Mapped[list[Any] | None] = mapped_column(Json)
    before: Mapped[list[Any] | None] = mapped_column(Json)
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    applied_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    applied_at: Mapped[Instant | None] = mapped_column(index=True)
    undone_at: Mapped[Instant | None]
