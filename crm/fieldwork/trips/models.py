"""Outbound trips with delegation, route, money, the touches logged on them and what was agreed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, Line, LongText, Money, Short, enum_type
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.rules import LeaderLevel
from crm.fieldwork.trips.rules import CostKind, MemberRole, TripState


class Trip(Base):
    """One journey to several enterprises; ``leader_level`` is the highest rank of the delegation."""

    __tablename__ = "trip"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates"),
        CheckConstraint("(approved_on IS NULL) = (approved_by IS NULL)", name="approved"),
        Index(None, "unit_id", "starts_on"),
        Index(None, "starts_on", "id"),
    )

    id: Mapped[IntPk]
    title: Mapped[Line]
    purpose: Mapped[LongText | None]
    starts_on: Mapped[Day]
    ends_on: Mapped[Day]
    state: Mapped[TripState] = mapped_column(enum_type(TripState, "state"), default=TripState.PLANNED)
    leader_level: Mapped[LeaderLevel] = mapped_column(enum_type(LeaderLevel, "leader_level"), default=LeaderLevel.STAFF)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    approved_by: Mapped[Short | None]
    approved_on: Mapped[Day | None]
    paper_no: Mapped[Short | None]
    approval_note: Mapped[LongText | None]
    minutes: Mapped[LongText | None]
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[OrgUnit] = relationship()
    author: Mapped[User] = relationship()
    members: Mapped[list[TripMember]] = relationship(order_by="TripMember.position, TripMember.id")
    stops: Mapped[list[TripStop]] = relationship(order_by="TripStop.on_day, TripStop.at_clock, TripStop.id")
    costs: Mapped[list[TripCost]] = relationship(order_by="TripCost.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class TripMember(Base):
    """Somebody of a delegation: one of our people, or a guest by name."""

    __tablename__ = "trip_member"
    __table_args__ = (
        CheckConstraint("user_id IS NOT NULL OR name IS NOT NULL", name="who"),
        UniqueConstraint("trip_id", "user_id"),
    )

    id: Mapped[IntPk]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"))
    position: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[Short | None]
    post: Mapped[Short | None]
    role: Mapped[MemberRole] = mapped_column(enum_type(MemberRole, "role"))
    level: Mapped[LeaderLevel] = mapped_column(enum_type(LeaderLevel, "level"))

    user: Mapped[User | None] = relationship()

    @property
    def called(self) -> str:
        """Return the name."""
        return self.user.name if self.user else self.name or ""


class TripStop(Base):
    """One stop of the route: an enterprise, or a body by its name; and what to bring along."""

    __tablename__ = "trip_stop"
    __table_args__ = (
        CheckConstraint("enterprise_id IS NOT NULL OR title IS NOT NULL", name="whom"),
        Index(None, "trip_id", "on_day"),
    )

    id: Mapped[IntPk]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"))
    on_day: Mapped[Day]
    at_clock: Mapped[Code] = mapped_column(default="")
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    title: Mapped[Line | None]
    place: Mapped[Line | None]
    meets: Mapped[Line | None]
    points: Mapped[LongText | None]
    proposals: Mapped[LongText | None]
    sites: Mapped[LongText | None]
    policies: Mapped[LongText | None]
    skipped: Mapped[Line | None]

    enterprise: Mapped[Enterprise | None] = relationship()

    @property
    def called(self) -> str:
        """Return whom the stop is for."""
        return self.enterprise.name if self.enterprise else self.title or ""


class TripCost(Base):
    """Budget and cost of one kind, in 万元."""

    __tablename__ = "trip_cost"
    __table_args__ = (
        UniqueConstraint("trip_id", "kind"),
        CheckConstraint("budget IS NULL OR budget >= 0", name="budget"),
        CheckConstraint("spent IS NULL OR spent >= 0", name="spent"),
    )

    id: Mapped[IntPk]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"))
    kind: Mapped[CostKind] = mapped_column(enum_type(CostKind, "kind"))
    budget: Mapped[Money | None]
    spent: Mapped[Money | None]


class TripTouch(Base):
    """The trip a touch was logged on; ``by`` None: found by itself; no trip: a person said so."""

    __tablename__ = "trip_touch"

    touch_id: Mapped[int] = mapped_column(ForeignKey("touch.id", ondelete="CASCADE"), primary_key=True)
    trip_id: Mapped[int | None] = mapped_column(ForeignKey("trip.id"), index=True)
    by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]

    touch: Mapped[Touch] = relationship()


class TripAgreed(Base):
    """Something agreed on a trip (议定事项): a follow-up with its owner and date."""

    __tablename__ = "trip_agreed"

    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id", ondelete="CASCADE"), primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"), index=True)

    follow_up: Mapped[FollowUp] = relationship()
