"""Carriers and who holds what of them from which day; holds end, they are never deleted."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, JsonDict, JsonList, Line, LongText, Money, Mu, Short, enum_type
from crm.resources.carriers.rules import CarrierKind, HoldKind, LandUse, PriceBasis

OPEN = "withdrawn_on IS NULL"


class Carrier(Base):
    """A park, plot, factory or floor an office can offer; ``area`` in 亩 for land, 平方米 for buildings.

    Position and ``outline`` (a GeoJSON geometry as ``geometry`` checked it) are WGS-84 degrees.
    """

    __tablename__ = "carrier"
    __table_args__ = (
        CheckConstraint("area > 0", name="area"),
        CheckConstraint("(price IS NULL) = (basis IS NULL)", name="price"),
        CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", name="place"),
        CheckConstraint("parent_id IS NULL OR kind <> 'park'", name="parent"),
        CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn"),
        Index("ix_carrier_kind_id", "kind", "id", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    )

    id: Mapped[IntPk]
    kind: Mapped[CarrierKind] = mapped_column(enum_type(CarrierKind, "kind"))
    code: Mapped[Short] = mapped_column(unique=True)
    name: Mapped[Line]
    folded_name: Mapped[Line]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("carrier.id"), index=True)
    address: Mapped[Line | None]
    use: Mapped[LandUse] = mapped_column(enum_type(LandUse, "use"))
    area: Mapped[Mu]
    price: Mapped[Money | None]
    basis: Mapped[PriceBasis | None] = mapped_column(enum_type(PriceBasis, "basis"))
    industries: Mapped[JsonList]
    barred: Mapped[JsonList]
    height_limit: Mapped[Mu | None]
    ceiling: Mapped[Mu | None]
    load: Mapped[Mu | None]
    power: Mapped[Mu | None]
    energy: Mapped[Mu | None]
    min_intensity: Mapped[Money | None]
    min_tax: Mapped[Money | None]
    longitude: Mapped[Mu | None]
    latitude: Mapped[Mu | None]
    outline: Mapped[JsonDict | None]
    listed_from: Mapped[Day]
    withdrawn_on: Mapped[Day | None]
    withdrawn_reason: Mapped[LongText | None]
    facilities: Mapped[LongText | None]
    note: Mapped[LongText | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class CarrierHold(Base):
    """A part of a carrier held by a project, an enterprise or somebody named, from a day on."""

    __tablename__ = "carrier_hold"
    __table_args__ = (
        CheckConstraint("area > 0", name="area"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="days"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        CheckConstraint("ended_at IS NULL OR (until_on IS NOT NULL AND end_reason IS NOT NULL)", name="end_reason"),
        Index("ix_carrier_hold_carrier_id_from_on", "carrier_id", "from_on"),
    )

    id: Mapped[IntPk]
    carrier_id: Mapped[int] = mapped_column(ForeignKey("carrier.id"))
    kind: Mapped[HoldKind] = mapped_column(enum_type(HoldKind, "kind"))
    area: Mapped[Mu]
    from_on: Mapped[Day]
    until_on: Mapped[Day | None]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    holder: Mapped[Line | None]
    document_no: Mapped[Short | None]
    start_due: Mapped[Day | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[Instant | None]
    end_reason: Mapped[LongText | None]


class CarrierReoffer(Base):
    """A part of a carrier that came back from somebody and is offered again (二次招商) until it is taken."""

    __tablename__ = "carrier_reoffer"
    __table_args__ = (
        CheckConstraint("area > 0", name="area"),
        Index("ix_carrier_reoffer_carrier_id", "carrier_id", "taken_on"),
    )

    id: Mapped[IntPk]
    carrier_id: Mapped[int] = mapped_column(ForeignKey("carrier.id"))
    hold_id: Mapped[int] = mapped_column(ForeignKey("carrier_hold.id"), unique=True)
    area: Mapped[Mu]
    on: Mapped[Day]
    taken_on: Mapped[Day | None]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
