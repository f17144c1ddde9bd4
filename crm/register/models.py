"""Work on the register itself: duplicate candidates, merges, saved views, exports."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import BigInt, Code, Instant, IntPk, JsonDict, JsonList, Line, Short, enum_type


class PairState(StrEnum):
    """What a person said of two records that look alike."""

    OPEN = "open"
    DIFFERENT = "different"
    MERGED = "merged"


class DuplicatePair(Base):
    """Two records that may be one: score 0 to 100 with its reasons; one row for each pair."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("kind", "low_id", "high_id"),
        CheckConstraint("low_id < high_id", name="order"),
        Index(None, "state", "kind", "score", "id"),
    )

    id: Mapped[IntPk]
    kind: Mapped[Code]
    low_id: Mapped[BigInt]
    high_id: Mapped[BigInt]
    score: Mapped[int]
    reasons: Mapped[JsonList]
    state: Mapped[PairState] = mapped_column(enum_type(PairState, "state"), default=PairState.OPEN)
    found_at: Mapped[Instant]
    decided_at: Mapped[Instant | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class MergeLog(Base):
    """One merge: both records as they were and every row that moved, so that it can be taken back."""

    __tablename__ = "merge_log"

    id: Mapped[IntPk]
    kind: Mapped[Code]
    winner_id: Mapped[BigInt] = mapped_column(index=True)
    loser_id: Mapped[BigInt] = mapped_column(index=True)
    snapshot: Mapped[JsonDict]
    moves: Mapped[JsonList]
    reason: Mapped[Line | None]
    at: Mapped[Instant]
    by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    undone_at: Mapped[Instant | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Sharing(StrEnum):
    """Who sees a saved view."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


class SavedView(Base):
    """A list as somebody likes it: filters, order and columns, under a name."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner_id", "page", "name"),)

    id: Mapped[IntPk]
    page: Mapped[Code]
    name: Mapped[Short]
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    sharing: Mapped[Sharing] = mapped_column(enum_type(Sharing, "sharing"), default=Sharing.OWN)
    state: Mapped[JsonDict]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class ExportRun(Base):
    """One export of a list: who, which rows and columns, the file; always on record."""

    __tablename__ = "export_run"

    id: Mapped[IntPk]
    page: Mapped[Code]
    state: Mapped[JsonDict]
    status: Mapped[Code]
    rows: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[Short | None]
    problem: Mapped[Line | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]


class BulkRun(Base):
    """One bulk edit of many records: what was asked, how far it came."""

    __tablename__ = "bulk_run"

    id: Mapped[IntPk]
    page: Mapped[Code]
    state: Mapped[JsonDict]
    changes: Mapped[JsonDict]
    status: Mapped[Code]
    counts: Mapped[JsonDict]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
