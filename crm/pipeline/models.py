"""Projects, their stage history, reviews, agreements and notes."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.auth.models import OrgUnit, User
from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, JsonDict, Line, LongText, Money, Short, enum_type
from crm.enterprises.models import Enterprise
from crm.pipeline.intake.dimensions import ChainRole, Cooperation, DealType
from crm.pipeline.rules import AgreementKind, Capital, Channel, ExitKind, ExitReason, ReviewResult, Stage
from crm.pipeline.words import SourceArea


class Project(Base):
    """One project, one key, one history: from lead to full capacity."""

    __tablename__ = "project"
    __table_args__ = (
        UniqueConstraint("enterprise_id", "folded_name"),
        CheckConstraint("(exit_kind IS NULL) = (exit_reason IS NULL)", name="exit_reason"),
        CheckConstraint("(exit_kind IS NULL) = (exited_at IS NULL)", name="exited_at"),
        CheckConstraint("exit_kind IS NULL OR exit_kind <> 'suspended' OR review_on IS NOT NULL", name="review_on"),
        CheckConstraint("total_investment IS NULL OR total_investment > 0", name="total_investment"),
        CheckConstraint("stage = 'lead' OR owner_id IS NOT NULL", name="owner"),
        CheckConstraint("NOT key_project OR key_reason IS NOT NULL", name="key_reason"),
        Index("ix_project_stage", "stage", "stage_since", "id"),
        # No stage without its row of history: a stage changed alone is refused at the commit.
        ForeignKeyConstraint(
            ["id", "stage", "stage_seq"],
            ["stage_entry.project_id", "stage_entry.to_stage", "stage_entry.seq"],
            name="fk_project_stage_entry",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        CheckConstraint("NOT confidential OR code_name IS NOT NULL", name="code_name"),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability"),
        CheckConstraint("(probability IS NULL) = (probability_reason IS NULL)", name="probability_reason"),
        Index(
            "ix_project_confidential", "id", sqlite_where=text("confidential"), postgresql_where=text("confidential")
        ),
        Index(
            "ix_project_expected_sign_on",
            "expected_sign_on",
            sqlite_where=text("expected_sign_on IS NOT NULL"),
            postgresql_where=text("expected_sign_on IS NOT NULL"),
        ),
    )

    id: Mapped[IntPk] = mapped_column(autoincrement=True)  # a part of the key to the history, yet its own
    name: Mapped[Line]
    folded_name: Mapped[Line]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    stage: Mapped[Stage] = mapped_column(enum_type(Stage, "stage"))
    stage_since: Mapped[Instant]
    stage_seq: Mapped[int] = mapped_column(default=1)
    industry: Mapped[Line | None]
    site: Mapped[Line | None]
    product_line: Mapped[Line | None]
    total_investment: Mapped[Money | None]
    fixed_investment: Mapped[Money | None]
    land_mu: Mapped[int | None]
    capital: Mapped[Capital] = mapped_column(enum_type(Capital, "capital"))
    channel: Mapped[Channel] = mapped_column(enum_type(Channel, "channel"))
    referrer_id: Mapped[int | None] = mapped_column(ForeignKey("referrer.id"), index=True)
    deal_type: Mapped[DealType | None] = mapped_column(enum_type(DealType, "deal_type"))
    cooperation: Mapped[Cooperation | None] = mapped_column(enum_type(Cooperation, "cooperation"))
    chain_role: Mapped[ChainRole | None] = mapped_column(enum_type(ChainRole, "chain_role"))
    key_project: Mapped[bool] = mapped_column(default=False, server_default="0")
    key_reason: Mapped[Line | None]
    content: Mapped[LongText | None]
    source_signal_id: Mapped[int | None] = mapped_column(ForeignKey("signal.id"))
    exit_kind: Mapped[ExitKind | None] = mapped_column(enum_type(ExitKind, "exit_kind"))
    exit_reason: Mapped[ExitReason | None] = mapped_column(enum_type(ExitReason, "exit_reason_key"))
    exit_detail: Mapped[LongText | None]
    exited_at: Mapped[Instant | None]
    review_on: Mapped[Day | None]
    confidential: Mapped[bool] = mapped_column(default=False, server_default="0")
    code_name: Mapped[Short | None]
    expected_sign_on: Mapped[Day | None]
    probability: Mapped[int | None]
    probability_reason: Mapped[Line | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant] = mapped_column(index=True)
    updated_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)

    enterprise: Mapped[Enterprise] = relationship()
    unit: Mapped[OrgUnit] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    entries: Mapped[list[StageEntry]] = relationship(
        back_populates="project", order_by="StageEntry.id", foreign_keys="StageEntry.project_id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class StageEntry(Base):
    """One change of stage: from, to, who, when, why. Never edited, except that an undo marks what it undid.

    ``seq`` counts the changes of a project from 1. An undo names in ``undoes`` the change it took back and in
    ``since`` the moment from which the project counts as being where it is again.
    """

    __tablename__ = "stage_entry"
    __table_args__ = (
        CheckConstraint("undoes IS NULL OR undoes < seq", name="undoes"),
        Index("ix_stage_entry_to_stage_at", "to_stage", "at"),
        Index("uq_stage_entry_seq", "project_id", "seq", unique=True),
        Index("uq_stage_entry_stage", "project_id", "to_stage", "seq", unique=True),
        Index(
            "uq_stage_entry_undoes",
            "project_id",
            "undoes",
            unique=True,
            sqlite_where=text("undoes IS NOT NULL"),
            postgresql_where=text("undoes IS NOT NULL"),
        ),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    seq: Mapped[int] = mapped_column(default=1)
    from_stage: Mapped[Code | None]
    to_stage: Mapped[Code]
    at: Mapped[Instant]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    reason: Mapped[LongText | None]
    first: Mapped[bool] = mapped_column(default=True)
    takes_over: Mapped[Short | None]
    promised: Mapped[LongText | None]
    undoes: Mapped[int | None]
    undone_at: Mapped[Instant | None]
    since: Mapped[Instant | None]

    project: Mapped[Project] = relationship(back_populates="entries", foreign_keys=[project_id])


class Review(Base):
    """Pre-admission review (事前评估): six pass/fail opinions and a result."""

    __tablename__ = "review"
    __table_args__ = (Index(None, "project_id", "decided_at"),)

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    opinions: Mapped[JsonDict]
    result: Mapped[ReviewResult] = mapped_column(enum_type(ReviewResult, "result"))
    minutes_no: Mapped[Short]
    note: Mapped[LongText | None]
    decided_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[Instant]


class Agreement(Base):
    """An agreement of one of three kinds; reported (上报) and recognised (认定) side by side."""

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(currency = 'CNY') = (rate IS NULL)", name="rate"),
        CheckConstraint(
            "(rate IS NULL) = (original_amount IS NULL) AND (rate IS NULL) = (rate_on IS NULL) "
            "AND (rate IS NULL) = (rate_source IS NULL)",
            name="rate_used",
        ),
        CheckConstraint("(recognized_at IS NULL) = (recognized_by IS NULL)", name="recognized"),
        CheckConstraint("recognized_by IS NULL OR recognized_by <> reported_by", name="separation"),
        Index(None, "project_id"),
        Index("ix_agreement_kind_signed_on", "kind", "signed_on"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    kind: Mapped[AgreementKind] = mapped_column(enum_type(AgreementKind, "kind"))
    number: Mapped[Short | None]
    signed_on: Mapped[Day]
    amount: Mapped[Money]
    currency: Mapped[Code] = mapped_column(default="CNY", server_default="CNY")
    original_amount: Mapped[Money | None]
    rate: Mapped[Money | None]
    rate_on: Mapped[Day | None]
    rate_source: Mapped[Line | None]
    source_area: Mapped[SourceArea | None] = mapped_column(enum_type(SourceArea, "source_area"))
    none_ours: Mapped[Line | None]
    none_theirs: Mapped[Line | None]
    no_deposit: Mapped[Line | None]
    reported_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    reported_at: Mapped[Instant]
    recognized_amount: Mapped[Money | None]
    recognized_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recognized_at: Mapped[Instant | None]
    difference_reason: Mapped[Line | None]

    project: Mapped[Project] = relationship()


class ProjectNote(Base):
    """A remark in the stream of a project."""

    __tablename__ = "project_note"
    __table_args__ = (Index(None, "project_id", "at"),)

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
    body: Mapped[LongText]
