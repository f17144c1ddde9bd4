"""Imports as rows: the run, every line of its file, and what headings meant last time."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import BigInt, Code, Instant, IntPk, JsonDict, JsonList, Line, Short, enum_type


class RowAction(StrEnum):
    """What is to become of a line: decided by the check, changed by a person, done by the run."""

    CREATE = "create"
    UPDATE = "update"
    SAME = "same"
    QUEUE = "queue"
    REFUSE = "refuse"
    SKIP = "skip"


class ImportRun(Base):
    """One import of a file: what came in, how it was read, what it became; can be taken back.

    ``state``: see ``crm/imports/rules.py``. ``position`` is the last line that was applied, so that a
    run that was interrupted goes on from there.
    """

    __tablename__ = "import_run"

    id: Mapped[IntPk]
    kind: Mapped[Code]
    filename: Mapped[Line]
    sha256: Mapped[Short]
    options: Mapped[JsonDict]
    state: Mapped[Code]
    counts: Mapped[JsonDict]
    rejected: Mapped[JsonList]
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    cancel: Mapped[bool] = mapped_column(default=False, server_default="0")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    started_at: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]
    undone_at: Mapped[Instant | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class ImportRow(Base):
    """One line of a file: cells as they came (or as mended), what is wrong, who it might be, what became of it."""

    __tablename__ = "import_row"
    __table_args__ = (UniqueConstraint("run_id", "line"), Index(None, "run_id", "action", "line"))

    id: Mapped[IntPk]
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    line: Mapped[int]
    cells: Mapped[JsonList]
    problems: Mapped[JsonList]
    action: Mapped[RowAction] = mapped_column(enum_type(RowAction, "action"))
    enterprise_id: Mapped[BigInt | None]
    contact_id: Mapped[BigInt | None]
    candidates: Mapped[JsonList]
    edited: Mapped[bool] = mapped_column(default=False)
    applied_at: Mapped[Instant | None]


class ImportMapping(Base):
    """What the headings of a kind of ledger mean in this office, remembered by their digest."""

    __tablename__ = "import_mapping"

    id: Mapped[IntPk]
    signature: Mapped[Short] = mapped_column(unique=True)
    headings: Mapped[JsonList]
    columns: Mapped[JsonDict]
    options: Mapped[JsonDict]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    used_at: Mapped[Instant]
