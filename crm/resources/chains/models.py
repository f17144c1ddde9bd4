"""Chains, their nodes and links, enterprises on nodes, and what each node called for, as it was known when.

Places and verdicts are never changed: a change ends the row and opens another, so that what was known at a moment
(``recorded_at`` to ``ended_at``) of a moment (``since`` to ``until``) can be told again.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.db import Base
from crm.core.types import BigInt, Instant, IntPk, JsonList, Line, LongText, Money, Short, enum_type
from crm.resources.chains.rules import Call, PlaceState, Side, Tier

OPEN = text("ended_at IS NULL")
LIVE = text("archived_at IS NULL")


class IndustryChain(Base):
    """One industry chain with its five duties; an archived one blocks no name."""

    __tablename__ = "industry_chain"
    __table_args__ = (Index("uq_industry_chain_name", "name", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),)

    id: Mapped[IntPk]
    name: Mapped[Short]
    industry: Mapped[Line | None]
    summary: Mapped[LongText | None]
    leader: Mapped[Line | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    team: Mapped[LongText | None]
    guide: Mapped[LongText | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    archived_at: Mapped[Instant | None]

    nodes: Mapped[list[IndustryNode]] = relationship(back_populates="chain", order_by="IndustryNode.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class IndustryNode(Base):
    """One step of a chain (环节): product words and codes of GB/T 4754 tell which enterprises belong there."""

    __tablename__ = "industry_node"
    __table_args__ = (
        CheckConstraint("goal IS NULL OR goal > 0", name="goal"),
        Index("uq_industry_node_name", "chain_id", "name", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    )

    id: Mapped[IntPk]
    chain_id: Mapped[int] = mapped_column(ForeignKey("industry_chain.id", ondelete="CASCADE"))
    tier: Mapped[Tier] = mapped_column(enum_type(Tier, "tier"))
    name: Mapped[Short]
    words: Mapped[JsonList]
    codes: Mapped[JsonList]
    key: Mapped[bool] = mapped_column("is_key", default=False, server_default="0")
    goal: Mapped[Money | None]
    note: Mapped[LongText | None]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    archived_at: Mapped[Instant | None]

    chain: Mapped[IndustryChain] = relationship(back_populates="nodes")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class IndustryLink(Base):
    """``from`` supplies ``to``; a link lies within one chain."""

    __tablename__ = "industry_link"
    __table_args__ = (UniqueConstraint("from_id", "to_id"), CheckConstraint("from_id <> to_id", name="itself"))

    id: Mapped[IntPk]
    from_id: Mapped[int] = mapped_column(ForeignKey("industry_node.id", ondelete="CASCADE"))
    to_id: Mapped[int] = mapped_column(ForeignKey("industry_node.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Instant]


class IndustryPlace(Base):
    """An enterprise on a node, as a person confirmed or refused it; ``scale`` = yearly output here, 万元."""

    __tablename__ = "industry_place"
    __table_args__ = (
        CheckConstraint("scale IS NULL OR scale > 0", name="scale"),
        CheckConstraint("until IS NULL OR until > since", name="validity"),
        Index(
            "uq_industry_place_open",
            *("node_id", "enterprise_id", "side"),
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id: Mapped[IntPk]
    node_id: Mapped[int] = mapped_column(ForeignKey("industry_node.id", ondelete="CASCADE"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    side: Mapped[Side] = mapped_column(enum_type(Side, "side"))
    state: Mapped[PlaceState] = mapped_column(enum_type(PlaceState, "state"))
    leading: Mapped[bool] = mapped_column(default=False, server_default="0")
    scale: Mapped[Money | None]
    reasons: Mapped[JsonList]
    note: Mapped[Line | None]
    since: Mapped[Instant]
    until: Mapped[Instant | None]
    recorded_at: Mapped[Instant]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[Instant | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    run_id: Mapped[BigInt | None] = mapped_column(index=True)


class IndustryVerdict(Base):
    """What a node called for from a moment on: by the rule, or by a person with a reason (``by_hand``)."""

    __tablename__ = "industry_verdict"
    __table_args__ = (
        CheckConstraint("points BETWEEN 0 AND 100", name="points"),
        CheckConstraint("NOT by_hand OR reason IS NOT NULL", name="hand_reason"),
        Index("ix_industry_verdict_node_id_recorded_at", "node_id", "recorded_at"),
        Index("uq_industry_verdict_open", "node_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[IntPk]
    node_id: Mapped[int] = mapped_column(ForeignKey("industry_node.id", ondelete="CASCADE"))
    call: Mapped[Call] = mapped_column(enum_type(Call, "call"))
    points: Mapped[int]
    reasons: Mapped[JsonList]
    by_hand: Mapped[bool] = mapped_column(default=False, server_default="0")
    reason: Mapped[LongText | None]
    recorded_at: Mapped[Instant]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[Instant | None]
