"""Review cases with their opinions, scores, votes and decisions. Nothing here is edited: a correction is a new row."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, JsonDict, Line, LongText, Money, Short, enum_type
from crm.pipeline.admission.rules import Ballot, CaseState, NoticeWay, Outcome, Verdict

DIMENSION = "dimension IN ('law', 'industry_policy', 'admission', 'planning', 'environment', 'economy')"


class BoardMember(Base):
    """A member of the review board (评估委员会) for a time."""

    __tablename__ = "board_member"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        UniqueConstraint("user_id", "valid_from"),
    )

    id: Mapped[IntPk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    chair: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[Day]
    valid_to: Mapped[Day | None]
    added_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    added_at: Mapped[Instant]


class ReviewCase(Base):
    """One pre-admission review of a project; a new one after a failed or superseded one."""

    __tablename__ = "review_case"
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at"),
        CheckConstraint("(state = 'open') = (review_id IS NULL)", name="review"),
        CheckConstraint("sitting > 0", name="sitting"),
        CheckConstraint("annual_tax IS NULL OR annual_tax >= 0", name="annual_tax"),
        Index(
            "uq_review_case_open",
            "project_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(None, "state", "decision_due"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]
    state: Mapped[CaseState] = mapped_column(enum_type(CaseState, "state"), default=CaseState.OPEN)
    sitting: Mapped[int] = mapped_column(default=1)
    decision_due: Mapped[Day]
    annual_tax: Mapped[Money | None]
    terms: Mapped[JsonDict]
    opened_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    opened_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    review_id: Mapped[int | None] = mapped_column(ForeignKey("review.id"), unique=True)


class Opinion(Base):
    """One of the six opinions, asked of a department with a due date."""

    __tablename__ = "opinion"
    __table_args__ = (
        UniqueConstraint("case_id", "dimension"),
        UniqueConstraint("id", "dimension"),
        CheckConstraint(DIMENSION, name="dimension"),
        Index(None, "department_id", "due_on"),
    )

    id: Mapped[IntPk]
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    dimension: Mapped[Code]
    department_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    due_on: Mapped[Day]
    asked_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[Instant]


class OpinionNotice(Base):
    """Proof that a department was told (送达凭据)."""

    __tablename__ = "opinion_notice"
    __table_args__ = (UniqueConstraint("id", "opinion_id"), Index(None, "opinion_id"))

    id: Mapped[IntPk]
    opinion_id: Mapped[int] = mapped_column(ForeignKey("opinion.id"))
    way: Mapped[NoticeWay] = mapped_column(enum_type(NoticeWay, "way"))
    reference: Mapped[Line]
    sent_on: Mapped[Day]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class OpinionAnswer(Base):
    """What a department said, or that its silence counts; the newest row is in force."""

    __tablename__ = "opinion_answer"
    __table_args__ = (
        ForeignKeyConstraint(["opinion_id", "dimension"], ["opinion.id", "opinion.dimension"]),
        ForeignKeyConstraint(["notice_id", "opinion_id"], ["opinion_notice.id", "opinion_notice.opinion_id"]),
        CheckConstraint(
            "verdict <> 'deemed' OR dimension NOT IN ('law', 'planning', 'environment')", name="never_statutory"
        ),
        CheckConstraint("(verdict = 'deemed') = (notice_id IS NOT NULL)", name="notice"),
        CheckConstraint("(verdict = 'deemed') = (responsible_id IS NOT NULL)", name="responsible"),
        CheckConstraint("verdict <> 'conditional' OR conditions IS NOT NULL", name="conditions"),
        Index(None, "opinion_id", "id"),
    )

    id: Mapped[IntPk]
    opinion_id: Mapped[int]
    dimension: Mapped[Code]
    verdict: Mapped[Verdict] = mapped_column(enum_type(Verdict, "verdict"))
    body: Mapped[LongText]
    conditions: Mapped[LongText | None]
    reason: Mapped[LongText | None]
    notice_id: Mapped[int | None]
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class ScoreLine(Base):
    """One line of the scorecard: points, who gave them and why; the newest row of a criterion counts."""

    __tablename__ = "score_line"
    __table_args__ = (CheckConstraint("points >= 0", name="points"), Index(None, "case_id", "criterion"))

    id: Mapped[IntPk]
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    criterion: Mapped[Code]
    points: Mapped[Money]
    reason: Mapped[LongText]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class BoardRecusal(Base):
    """A member who declared a conflict of interest in a case (回避)."""

    __tablename__ = "board_recusal"
    __table_args__ = (UniqueConstraint("case_id", "user_id"),)

    id: Mapped[IntPk]
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[LongText]
    at: Mapped[Instant]


class BoardVote(Base):
    """One member's vote in one sitting; one each, never changed."""

    __tablename__ = "board_vote"
    __table_args__ = (UniqueConstraint("case_id", "sitting", "user_id"),)

    id: Mapped[IntPk]
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    sitting: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    ballot: Mapped[Ballot] = mapped_column(enum_type(Ballot, "ballot"))
    reason: Mapped[LongText | None]
    at: Mapped[Instant]


class CaseDecision(Base):
    """What the board decided in a sitting, on which tally, and what was overridden (责任追究)."""

    __tablename__ = "case_decision"
    __table_args__ = (
        UniqueConstraint("case_id", "sitting"),
        CheckConstraint("(outcome = 'defer') = (due_on IS NOT NULL)", name="due_on"),
    )

    id: Mapped[IntPk]
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    sitting: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(enum_type(Outcome, "outcome"))
    minutes_no: Mapped[Short]
    minutes_on: Mapped[Day]
    note: Mapped[LongText | None]
    override: Mapped[LongText | None]
    due_on: Mapped[Day | None]
    score: Mapped[Money | None]
    tally: Mapped[JsonDict]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
