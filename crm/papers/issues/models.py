"""Issued papers: what was written, its number, the file that was frozen, and the rows behind its figures."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, JsonDict, JsonList, LongText, Short, enum_type


class IssueState(StrEnum):
    """A paper is a draft until it is numbered and frozen; then it goes out, or is withdrawn and keeps its number."""

    DRAFT = "draft"
    FROZEN = "frozen"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


LIVE = text("state <> 'withdrawn'")


class PaperIssue(Base):
    """One paper of a kind for a period."""

    __tablename__ = "paper_issue"
    __table_args__ = (
        UniqueConstraint("kind", "year", "issue_no"),
        UniqueConstraint("kind", "total_no"),
        Index("uq_paper_issue_live", "kind", "start_on", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        CheckConstraint("(state = 'draft') = (issue_no IS NULL)", name="issue_no"),
        CheckConstraint("(state = 'draft') = (total_no IS NULL)", name="total_no"),
        CheckConstraint("(state = 'draft') = (document IS NULL)", name="document"),
        CheckConstraint("(document IS NULL) = (digest IS NULL)", name="digest"),
        CheckConstraint("(state = 'draft') = (frozen_at IS NULL)", name="frozen"),
        CheckConstraint("(state = 'withdrawn') = (reason IS NOT NULL)", name="reason"),
        CheckConstraint("state <> 'issued' OR issued_at IS NOT NULL", name="issued"),
    )

    id: Mapped[IntPk]
    kind: Mapped[Code]
    start_on: Mapped[Day]
    end_on: Mapped[Day]
    year: Mapped[int]
    state: Mapped[IssueState] = mapped_column(enum_type(IssueState, "state"))
    issue_no: Mapped[int | None]
    total_no: Mapped[int | None]
    issuer: Mapped[Short]
    dated_on: Mapped[Day]
    content: Mapped[JsonDict] = mapped_column(deferred=True)
    template_id: Mapped[int | None] = mapped_column(ForeignKey("office_template.id"))
    document: Mapped[bytes | None] = mapped_column(LargeBinary(), deferred=True)
    digest: Mapped[str | None] = mapped_column(String(64))
    built_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    built_at: Mapped[Instant]
    frozen_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    frozen_at: Mapped[Instant | None]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    issued_at: Mapped[Instant | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_at: Mapped[Instant | None]
    reason: Mapped[LongText | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class PaperRows(Base):
    """Rows behind a figure of a paper as they read when it was made, some hundred to a piece."""

    __tablename__ = "paper_rows"
    __table_args__ = (UniqueConstraint("issue_id", "key", "piece"),)

    id: Mapped[IntPk]
    issue_id: Mapped[int] = mapped_column(ForeignKey("paper_issue.id", ondelete="CASCADE"))
    key: Mapped[Short]
    piece: Mapped[int]
    rows: Mapped[JsonList]
