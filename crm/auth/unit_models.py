"""What a unit was called and where it belonged before (机构沿革)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, Line, Short


class UnitVersion(Base):
    """A former state of a unit, both days included; the present state is the unit itself."""

    __tablename__ = "org_unit_version"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="validity"),
        Index("uq_org_unit_version_from", "unit_id", "valid_from", unique=True),
    )

    id: Mapped[IntPk]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    name: Mapped[Short]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    managing_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    region: Mapped[Short | None]
    valid_from: Mapped[Day]
    valid_to: Mapped[Day]
    reason: Mapped[Line]
    changed_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    changed_at: Mapped[Instant]
