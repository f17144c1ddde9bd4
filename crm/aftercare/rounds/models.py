"""Who visits which firm how often in a year (包联)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import User
from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, Line
from crm.enterprises.models import Enterprise


class FirmRound(Base):
    """One firm in the care of one official for a year."""

    __tablename__ = "firm_round"
    __table_args__ = (
        CheckConstraint("planned BETWEEN 1 AND 52", name="planned"),
        Index("uq_firm_round_year_enterprise_id_user_id", "year", "enterprise_id", "user_id", unique=True),
        Index("ix_firm_round_unit_id_year", "unit_id", "year"),
    )

    id: Mapped[IntPk]
    year: Mapped[int]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    planned: Mapped[int]
    note: Mapped[Line | None]
    ended_on: Mapped[Day | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]

    enterprise: Mapped[Enterprise] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
