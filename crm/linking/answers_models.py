"""What people teach the finder of names: answers, verdicts on names, names nobody knows yet, learned weights."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import BigInt, Code, Instant, IntPk, JsonDict, JsonList, Line, LongText, Short, enum_type


class Verdict(StrEnum):
    """What the office has learned of a name of an enterprise."""

    ALWAYS = "always"
    CUE = "cue"
    NEVER = "never"


class ProposalState(StrEnum):
    """What became of a name that no enterprise carries."""

    OPEN = "open"
    ALIAS = "alias"
    CREATED = "created"
    IGNORED = "ignored"


class MentionAnswer(Base):
    """What a person said of one mention, with what was to be seen; kept when the article is read anew.

    ``proposed_id`` is the enterprise the machine meant; ``enterprise_id`` the one the person named instead, if any.
    """

    __tablename__ = "mention_answer"
    __table_args__ = (
        CheckConstraint("stop > start", name="span"),
        CheckConstraint("enterprise_id IS NULL OR (NOT right_one AND enterprise_id <> proposed_id)", name="instead"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone"),
        Index(None, "proposed_id", "folded"),
        Index(None, "article_id", "in_title", "start"),
    )

    id: Mapped[IntPk]
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id", ondelete="SET NULL"))
    in_title: Mapped[bool] = mapped_column(default=False)
    start: Mapped[int]
    stop: Mapped[int]
    surface: Mapped[Line]
    folded: Mapped[Line]
    context: Mapped[LongText]
    offset: Mapped[int]
    proposed_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"))
    right_one: Mapped[bool]
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"), index=True)
    confidence: Mapped[float]
    reasons: Mapped[JsonList]
    features: Mapped[JsonDict]
    before: Mapped[Code]
    answered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[Instant] = mapped_column(index=True)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    undone_at: Mapped[Instant | None]


class NameVerdict(Base):
    """How the office wants a name of an enterprise read: always, only with a cue, never."""

    __tablename__ = "name_verdict"
    __table_args__ = (UniqueConstraint("enterprise_id", "folded"),)

    id: Mapped[IntPk]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"))
    folded: Mapped[Line]
    surface: Mapped[Line]
    verdict: Mapped[Verdict] = mapped_column(enum_type(Verdict, "verdict"))
    answers: Mapped[int] = mapped_column(default=0)
    decided_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[Instant]


class NameProposal(Base):
    """A name seen in articles that no enterprise carries, and what a person made of it."""

    __tablename__ = "name_proposal"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("stories >= 0", name="stories"),
        Index(None, "state", "stories", "id"),
    )

    id: Mapped[IntPk]
    folded: Mapped[Line] = mapped_column(unique=True)
    surface: Mapped[Line]
    form: Mapped[Code]
    hint: Mapped[Line | None]
    stories: Mapped[int] = mapped_column(default=0)
    first_seen_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    state: Mapped[ProposalState] = mapped_column(enum_type(ProposalState, "state"), default=ProposalState.OPEN)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id", ondelete="SET NULL"), index=True)
    alias_id: Mapped[BigInt | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[Instant | None]


class NameSighting(Base):
    """A story in which a proposed name was seen, with the words around it; a repost counts once."""

    __tablename__ = "name_sighting"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("name_proposal.id", ondelete="CASCADE"), primary_key=True)
    cluster_id: Mapped[int] = mapped_column(ForeignKey("article_cluster.id", ondelete="CASCADE"), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    context: Mapped[Line]
    offset: Mapped[int]


class LearnedModel(Base):
    """Weights learned from the office's own answers, as plain numbers, with the figures that justify them."""

    __tablename__ = "learned_model"
    __table_args__ = (CheckConstraint("answers >= 0", name="answers"), Index(None, "subject", "id"))

    id: Mapped[IntPk]
    subject: Mapped[Code]
    numbers: Mapped[JsonDict]
    figures: Mapped[JsonDict]
    answers: Mapped[int]
    usable: Mapped[bool]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[Instant]
    note: Mapped[Short | None]
