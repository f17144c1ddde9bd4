"""Chains of the office, what of them is under way, and which rungs a promise has climbed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, JsonList, Line, Short, enum_type
from crm.fieldwork.chains.rules import Answer, Ending, Trigger
from crm.fieldwork.rules import Intention, TouchKind


class Chain(Base):
    """A template: the steps that follow a touch, or an outreach started by a person."""

    __tablename__ = "chain"
    __table_args__ = (
        CheckConstraint("starts = 'touch' OR (touch_kind IS NULL AND intention IS NULL)", name="matching"),
    )

    id: Mapped[IntPk]
    name: Mapped[Short] = mapped_column(unique=True)
    starts: Mapped[Trigger] = mapped_column(enum_type(Trigger, "starts"))
    touch_kind: Mapped[TouchKind | None] = mapped_column(enum_type(TouchKind, "touch_kind"))
    intention: Mapped[Intention | None] = mapped_column(enum_type(Intention, "intention"))
    steps: Mapped[JsonList]
    active: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class ChainRun(Base):
    """A chain under way for one enterprise; it keeps the steps as they were when it began."""

    __tablename__ = "chain_run"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ended"),
        Index(None, "chain_id", "ended_at"),
    )

    id: Mapped[IntPk]
    key: Mapped[Short] = mapped_column(unique=True)
    chain_id: Mapped[int] = mapped_column(ForeignKey("chain.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    touch_id: Mapped[int | None] = mapped_column(ForeignKey("touch.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    steps: Mapped[JsonList]
    base_on: Mapped[Day]
    started_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    started_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    ending: Mapped[Ending | None] = mapped_column(enum_type(Ending, "ending"))


class ChainMark(Base):
    """One step of a run: the follow-up it became, and how that ended."""

    __tablename__ = "chain_mark"
    __table_args__ = (
        Index("uq_chain_mark_run_id_place", "run_id", "place", unique=True),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
    )

    id: Mapped[IntPk]
    run_id: Mapped[int] = mapped_column(ForeignKey("chain_run.id", ondelete="CASCADE"))
    place: Mapped[int]
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"), unique=True)
    answer: Mapped[Answer | None] = mapped_column(enum_type(Answer, "answer"))
    answered_at: Mapped[Instant | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[Line | None]


class FollowUpAlarm(Base):
    """A rung that a promise has climbed; a new deadline begins from the ground."""

    __tablename__ = "follow_up_alarm"
    __table_args__ = (Index("uq_follow_up_alarm_rung", "follow_up_id", "due_on", "day", unique=True),)

    id: Mapped[IntPk]
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"))
    due_on: Mapped[Day]
    day: Mapped[int]
    at: Mapped[Instant]
