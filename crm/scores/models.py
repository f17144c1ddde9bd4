"""What a squad does with its list of the week: an enterprise put off until a later day, with the reason."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import User
from crm.core.db import Base
from crm.core.types import Day, Instant, Line
from crm.enterprises.models import Enterprise


class WorkDeferral(Base):
    """An enterprise that one unit has put off; it is back by itself on ``until``. What was before is in the audit."""

    __tablename__ = "work_deferral"
    __table_args__ = (Index(None, "unit_id", "until"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(
        ForeignKey("enterprise.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    until: Mapped[Day]
    reason: Mapped[Line]
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[Instant]

    enterprise: Mapped[Enterprise] = relationship()
    author: Mapped[User] = relationship()
