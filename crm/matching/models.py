"""What a project asks of a place beside the land and the money it states already."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import BigInt, Instant, Money, Mu


class SiteNeed(Base):
    """What a project needs of a place (选址需求): floors in 平方米, power in 千伏安, energy in 吨标煤 a year."""

    __tablename__ = "site_need"

    project_id: Mapped[BigInt] = mapped_column(ForeignKey("project.id"), primary_key=True)
    floor: Mapped[Mu | None]
    ceiling: Mapped[Mu | None]
    load: Mapped[Mu | None]
    power: Mapped[Mu | None]
    energy: Mapped[Mu | None]
    building: Mapped[Mu | None]
    price: Mapped[Money | None]
    tax: Mapped[Money | None]
    updated_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    updated_at: Mapped[Instant]
