"""Scores of enterprises: the facts behind them, the current one, its history, its models and what people override."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import BigInt, Code, Day, Instant, IntPk, JsonDict, JsonList, Line, LongText, Short, enum_type

LIVE = text("state = 'live'")
OPEN = text("ended_at IS NULL")
KNOWN = text("dropped_at IS NULL")


class ModelKind(StrEnum):
    """Who made a table of points."""

    EXPERT = "expert"
    FITTED = "fitted"


class ModelState(StrEnum):
    """Life of a table of points; exactly one is live."""

    DRAFT = "draft"
    LIVE = "live"
    RETIRED = "retired"


class ScoreModel(Base):
    """One version of the table of points (:mod:`crm.scoring.table` as JSON), never edited once it was live.

    ``report`` holds metrics and curves; ``won`` and ``lost`` count the leads of the window it was fitted on.
    """

    __tablename__ = "score_model"
    __table_args__ = (
        Index("uq_score_model_live", "state", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        CheckConstraint("state = 'draft' OR published_at IS NOT NULL", name="published"),
    )

    id: Mapped[IntPk]
    version: Mapped[Short] = mapped_column(unique=True)
    kind: Mapped[ModelKind] = mapped_column(enum_type(ModelKind, "kind"))
    state: Mapped[ModelState] = mapped_column(enum_type(ModelState, "state"), default=ModelState.DRAFT)
    label: Mapped[Line]
    table: Mapped[JsonDict]
    report: Mapped[JsonDict | None]
    window_from: Mapped[Day | None]
    window_to: Mapped[Day | None]
    won: Mapped[int | None]
    lost: Mapped[int | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("score_model.id"))
    note: Mapped[LongText | None]
    created_at: Mapped[Instant]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    published_at: Mapped[Instant | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class ScoreFact(Base):
    """One fact a score may rest on, with two clocks; a change closes the row and opens another.

    Valid from ``at`` to ``until`` in the world; known to the scores from ``known_at`` to ``dropped_at``.
    ``kind`` and ``key`` say what (signal CAPX, touch visit, list china_500, industry leading), ``source_id`` is
    the row it was read from, ``weight`` its strength, rank or count, ``level`` the rank of a leader.
    """

    __tablename__ = "score_fact"
    __table_args__ = (
        Index("ix_score_fact_enterprise_id_kind", "enterprise_id", "kind"),
        Index(
            "uq_score_fact_known",
            *("enterprise_id", "kind", "source_id", "key"),
            unique=True,
            sqlite_where=KNOWN,
            postgresql_where=KNOWN,
        ),
    )

    id: Mapped[IntPk]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"))
    kind: Mapped[Code]
    key: Mapped[Code] = mapped_column(default="")
    source_id: Mapped[BigInt] = mapped_column(default=0)
    at: Mapped[Instant]
    until: Mapped[Instant | None]
    weight: Mapped[float] = mapped_column(default=1.0)
    level: Mapped[int] = mapped_column(default=0)
    words: Mapped[Line | None]
    known_at: Mapped[Instant]
    dropped_at: Mapped[Instant | None]


class ScoreSum(Base):
    """Running sum of the facts of one kind: total = Σ weight·2^((at − landmark)/half_life), see :mod:`decay`."""

    __tablename__ = "score_sum"

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[Code] = mapped_column(primary_key=True)
    total: Mapped[float]
    count: Mapped[int]
    landmark: Mapped[Instant]
    half_life: Mapped[float]
    newest_at: Mapped[Instant]
    newest_id: Mapped[BigInt]


class EnterpriseScore(Base):
    """The score shown: 50 + signed reasons, which add up exactly.

    ``codes`` holds the level of each feature in the order of the model's table (0: none, no points); ``z`` is the
    log-odds before rounding. ``points_30d`` is what it was worth thirty days earlier.
    """

    __tablename__ = "enterprise_score"
    __table_args__ = (
        CheckConstraint("fit + intent + 50 = points", name="adds_up"),
        CheckConstraint("probability IS NULL OR probability BETWEEN 0 AND 1", name="probability"),
        CheckConstraint("(band_low IS NULL) = (band_high IS NULL)", name="band"),
        Index(None, "points"),
        Index(None, "grade", "points"),
        Index(None, "as_of"),
    )

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"), primary_key=True)
    points: Mapped[int]
    fit: Mapped[int]
    intent: Mapped[int]
    grade: Mapped[Code]
    reasons: Mapped[JsonList]
    table_version: Mapped[Short]
    as_of: Mapped[Instant]
    z: Mapped[float | None]
    model_id: Mapped[int | None] = mapped_column(ForeignKey("score_model.id"))
    codes: Mapped[JsonList | None]
    mode: Mapped[Code] = mapped_column(default="expert", server_default="expert")
    probability: Mapped[float | None]
    band_low: Mapped[float | None]
    band_high: Mapped[float | None]
    points_30d: Mapped[int | None]
    logged_at: Mapped[Instant | None]


class ScoreEvent(Base):
    """One change of a score: what it was worth then, and why it moved. The database refuses to change one.

    ``cause_kind`` with ``cause_id`` names the row behind it (signal, touch, list, override, decay, model ...).
    Rows of before 0025 have no model and no codes.
    """

    __tablename__ = "score_event"
    __table_args__ = (Index(None, "enterprise_id", "scored_at"),)

    id: Mapped[IntPk]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"))
    scored_at: Mapped[Instant]
    points: Mapped[int]
    grade: Mapped[Code]
    cause: Mapped[Short]
    reasons: Mapped[JsonList]
    table_version: Mapped[Short]
    z: Mapped[float | None]
    model_id: Mapped[int | None] = mapped_column(ForeignKey("score_model.id"))
    codes: Mapped[JsonList | None]
    cause_kind: Mapped[Code | None]
    cause_id: Mapped[BigInt | None]


class ScoreOverride(Base):
    """Points a person set instead, with a reason and an end; the automatic score stays beside it."""

    __tablename__ = "score_override"
    __table_args__ = (
        Index("uq_score_override_open", "enterprise_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index(None, "expires_at"),
        CheckConstraint("points BETWEEN 1 AND 99", name="points"),
        CheckConstraint("expires_at > set_at", name="validity"),
    )

    id: Mapped[IntPk]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"), index=True)
    points: Mapped[int]
    reason: Mapped[LongText]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    set_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class ScorePass(Base):
    """One pass over all enterprises (nightly, or after a model went live): how far it came, and whether to stop."""

    __tablename__ = "score_pass"

    id: Mapped[IntPk]
    cause: Mapped[Code]
    model_id: Mapped[int | None] = mapped_column(ForeignKey("score_model.id"))
    started_at: Mapped[Instant]
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    reached: Mapped[BigInt] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[Instant | None]
    cancelled_at: Mapped[Instant | None]
