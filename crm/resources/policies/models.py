"""Policies in versions with their clauses; a published version is never changed, a new one is written."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Day, Instant, IntPk, JsonList, Line, LongText, Money, Short, enum_type
from crm.resources.policies.rules import Basis, ClauseKind, PolicyLevel, Review

DRAFT = text("published_at IS NULL")


class Policy(Base):
    """One policy through all its versions."""

    __tablename__ = "policy"

    id: Mapped[IntPk]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]


class PolicyVersion(Base):
    """One text of a policy; ``number`` counts from 1; at most one draft at a time."""

    __tablename__ = "policy_version"
    __table_args__ = (
        UniqueConstraint("policy_id", "number"),
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="days"),
        CheckConstraint("(published_at IS NULL) = (published_by IS NULL)", name="published"),
        Index("uq_policy_version_draft", "policy_id", unique=True, sqlite_where=DRAFT, postgresql_where=DRAFT),
    )

    id: Mapped[IntPk]
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"))
    number: Mapped[int]
    title: Mapped[Line]
    document_no: Mapped[Short]
    issuer: Mapped[Line]
    level: Mapped[PolicyLevel] = mapped_column(enum_type(PolicyLevel, "level"))
    valid_from: Mapped[Day]
    valid_until: Mapped[Day | None]
    industries: Mapped[JsonList]
    summary: Mapped[LongText | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    published_at: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class PolicyClause(Base):
    """One clause of a version: its text, what it is worth, whom it is for, how it was reviewed."""

    __tablename__ = "policy_clause"
    __table_args__ = (
        CheckConstraint("(basis IS NULL) = (rate IS NULL)", name="rate"),
        CheckConstraint("(review = 'pending') = (review_basis IS NULL)", name="reviewed"),
        Index("ix_policy_clause_version_id", "version_id"),
    )

    id: Mapped[IntPk]
    version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id", ondelete="CASCADE"))
    number: Mapped[Short]
    kind: Mapped[ClauseKind] = mapped_column(enum_type(ClauseKind, "kind"))
    text: Mapped[LongText]
    basis: Mapped[Basis | None] = mapped_column(enum_type(Basis, "basis"))
    rate: Mapped[Money | None]
    cap: Mapped[Money | None]
    years: Mapped[int | None]
    industries: Mapped[JsonList]
    only_foreign: Mapped[bool]
    min_fixed: Mapped[Money | None]
    min_intensity: Mapped[Money | None]
    min_tax: Mapped[Money | None]
    min_staff: Mapped[Money | None]
    min_foreign: Mapped[Money | None]
    review: Mapped[Review] = mapped_column(enum_type(Review, "review"), default=Review.PENDING)
    review_basis: Mapped[LongText | None]
    review_organ: Mapped[Line | None]
    reviewed_on: Mapped[Day | None]
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class PolicyReminder(Base):
    """The keepers of a version were told that it ends in so many days; each once."""

    __tablename__ = "policy_reminder"

    version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"), primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Instant]


class OfficeAnswer(Base):
    """A one-page answer an officer needs on the phone (县情、流程、选址口径…); the latest row of a key holds."""

    __tablename__ = "office_answer"
    __table_args__ = (Index("ix_office_answer_key_id", "key", "id"),)

    id: Mapped[IntPk]
    key: Mapped[Short]
    body: Mapped[LongText]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
