"""Who is named on a confidential project."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Instant, IntPk


class ProjectInsider(Base):
    """A person who may know of a confidential project, besides its owner."""

    __tablename__ = "project_insider"
    __table_args__ = (UniqueConstraint("project_id", "user_id"),)

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    added_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
