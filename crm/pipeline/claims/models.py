"""Claims of units on investors, their disputes, credit splits and transfers.

``claim.investor_key`` is the enterprise at the head of the investor's group when the claim was filed: a plain
number, no reference, because it is a fact of that moment (:mod:`crm.pipeline.claims.queries` also looks for
the enterprise itself).
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import BigInt, Day, Instant, IntPk, Line, LongText, Money, Short, enum_type
from crm.pipeline.claims.kinds import (
    Basis,
    ClaimStatus,
    DisputeState,
    EventKind,
    Outcome,
    SplitBasis,
    TransferState,
)

LIVE = text("status IN ('active', 'contested')")
STANDING = text("status IN ('draft', 'filed', 'active', 'contested')")
OPEN_TRANSFER = text("state IN ('proposed', 'approved')")
FIRST_SPLIT = text("follows_id IS NULL")
NOT_CLOSED = text("state <> 'closed'")


class Claim(Base):
    """A unit's claim on an investor: who said what, when, and until when it protects."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("(status = 'draft') = (filed_at IS NULL)", name="filed"),
        CheckConstraint("(filed_at IS NULL) = (filed_by IS NULL)", name="filed_by"),
        CheckConstraint("(filed_at IS NULL) = (content_hash IS NULL)", name="content_hash"),
        CheckConstraint("status NOT IN ('active', 'contested') OR protection_until IS NOT NULL", name="protection"),
        Index("uq_claim_live", "investor_key", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("uq_claim_standing", "project_id", unique=True, sqlite_where=STANDING, postgresql_where=STANDING),
        Index("ix_claim_investor_key", "investor_key", "id"),
        Index("ix_claim_status_protection_until", "status", "protection_until"),
        Index("ix_claim_unit_id_status", "unit_id", "status"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    investor: Mapped[Line]
    investor_key: Mapped[BigInt]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    status: Mapped[ClaimStatus] = mapped_column(enum_type(ClaimStatus, "status"))
    content: Mapped[LongText]
    total_investment: Mapped[Money | None]
    fixed_investment: Mapped[Money | None]
    land: Mapped[Line | None]
    energy: Mapped[Line | None]
    environment: Mapped[Line | None]
    output: Mapped[Money | None]
    tax: Mapped[Money | None]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    filed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    filed_at: Mapped[Instant | None]
    content_hash: Mapped[Short | None]
    protection_until: Mapped[Day | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class ClaimEvent(Base):
    """One thing that happened to a claim. Never edited."""

    __tablename__ = "claim_event"
    __table_args__ = (Index(None, "claim_id"),)

    id: Mapped[IntPk]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    kind: Mapped[EventKind] = mapped_column(enum_type(EventKind, "kind"))
    at: Mapped[Instant]
    by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[LongText | None]


class ClaimRenewal(Base):
    """A longer protection and the progress that proves it; one proof renews once. Never edited."""

    __tablename__ = "claim_renewal"
    __table_args__ = (
        UniqueConstraint("claim_id", "basis", "ref_id"),
        CheckConstraint("until_after > until_before", name="longer"),
    )

    id: Mapped[IntPk]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    basis: Mapped[Basis] = mapped_column(enum_type(Basis, "basis"))
    ref_id: Mapped[BigInt]
    evidence_at: Mapped[Instant]
    until_before: Mapped[Day]
    until_after: Mapped[Day]
    at: Mapped[Instant]
    by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class ClaimDispute(Base):
    """A contested ticket: the first claim, the second, one ruling, at most one appeal. Each part is written once."""

    __tablename__ = "claim_dispute"
    __table_args__ = (
        CheckConstraint("first_claim_id <> second_claim_id", name="sides"),
        CheckConstraint("(ruled_by IS NULL) = (ruled_at IS NULL)", name="ruled_at"),
        CheckConstraint("(ruled_by IS NULL) = (outcome IS NULL)", name="outcome_set"),
        CheckConstraint(
            "ruled_by IS NULL OR (ruled_by <> first_filed_by AND ruled_by <> second_filed_by)", name="own_ruling"
        ),
        CheckConstraint("(share IS NOT NULL) = (outcome IS NOT NULL AND outcome = 'shared')", name="share"),
        CheckConstraint("share IS NULL OR (share > 0 AND share < 1000)", name="share_range"),
        CheckConstraint("(appealed_by IS NULL) = (appealed_at IS NULL)", name="appealed_at"),
        CheckConstraint("appealed_by IS NULL OR ruled_by IS NOT NULL", name="appeal_after_ruling"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("decided_by IS NULL OR appealed_by IS NOT NULL", name="decided_after_appeal"),
        CheckConstraint(
            "decided_by IS NULL OR (decided_by <> ruled_by AND decided_by <> first_filed_by"
            " AND decided_by <> second_filed_by)",
            name="own_decision",
        ),
        CheckConstraint(
            "(final_share IS NOT NULL) = (final_outcome IS NOT NULL AND final_outcome = 'shared')", name="final_share"
        ),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint("(state = 'closed') = (final_outcome IS NOT NULL)", name="closed"),
        Index(
            "uq_claim_dispute_open", "investor_key", unique=True, sqlite_where=NOT_CLOSED, postgresql_where=NOT_CLOSED
        ),
        Index("ix_claim_dispute_state", "state", "due_on"),
    )

    id: Mapped[IntPk]
    investor_key: Mapped[BigInt]
    first_claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)
    second_claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), unique=True)
    first_filed_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    second_filed_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    opened_at: Mapped[Instant]
    due_on: Mapped[Day]
    state: Mapped[DisputeState] = mapped_column(enum_type(DisputeState, "state"))
    ruled_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ruled_at: Mapped[Instant | None]
    outcome: Mapped[Outcome | None] = mapped_column(enum_type(Outcome, "outcome"))
    share: Mapped[int | None]
    ruling: Mapped[LongText | None]
    appeal_until: Mapped[Day | None]
    appealed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    appealed_at: Mapped[Instant | None]
    appeal: Mapped[LongText | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[Instant | None]
    decision: Mapped[LongText | None]
    final_outcome: Mapped[Outcome | None] = mapped_column(enum_type(Outcome, "final_outcome"))
    final_share: Mapped[int | None]
    closed_at: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class ClaimEvidence(Base):
    """What one side of a dispute says and shows; files hang on it as attachments. Never edited."""

    __tablename__ = "claim_evidence"
    __table_args__ = (Index(None, "dispute_id"),)

    id: Mapped[IntPk]
    dispute_id: Mapped[int] = mapped_column(ForeignKey("claim_dispute.id"))
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    body: Mapped[LongText]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class Transfer(Base):
    """A project handed from one unit to another (流转): proposed, approved, accepted; kept for good."""

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint("from_unit_id <> to_unit_id", name="units"),
        CheckConstraint("from_share >= 0 AND from_share <= 1000", name="from_share"),
        CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="own_approval"),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved_at"),
        CheckConstraint("accepted_by IS NULL OR accepted_by <> proposed_by", name="own_acceptance"),
        CheckConstraint("(accepted_by IS NULL) = (accepted_at IS NULL)", name="accepted_at"),
        CheckConstraint("(state = 'accepted') = (accepted_by IS NOT NULL)", name="accepted"),
        CheckConstraint("state <> 'accepted' OR approved_by IS NOT NULL", name="approved_first"),
        Index(
            "uq_transfer_open", "project_id", unique=True, sqlite_where=OPEN_TRANSFER, postgresql_where=OPEN_TRANSFER
        ),
        Index("ix_transfer_to_unit_id_state", "to_unit_id", "state"),
        Index("ix_transfer_state", "state", "id"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    from_unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    to_unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    reason: Mapped[LongText]
    from_share: Mapped[int]
    state: Mapped[TransferState] = mapped_column(enum_type(TransferState, "state"))
    proposed_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    proposed_at: Mapped[Instant]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[Instant | None]
    approval: Mapped[LongText | None]
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    accepted_at: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class CreditSplit(Base):
    """Who gets how much of a project: its parts run from 0 to the whole without a gap. Never edited.

    The head refers to the part that ends at the whole, each part to the one it follows, so that the database
    itself refuses at commit any split that does not sum to 100 %.
    """

    __tablename__ = "credit_split"
    __table_args__ = (
        CheckConstraint("whole = 1000", name="whole"),
        ForeignKeyConstraint(
            ["id", "whole"],
            ["credit_part.split_id", "credit_part.upto"],
            name="fk_credit_split_whole",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        UniqueConstraint("follows_id"),
        Index(
            "uq_credit_split_first", "project_id", unique=True, sqlite_where=FIRST_SPLIT, postgresql_where=FIRST_SPLIT
        ),
    )

    id: Mapped[IntPk] = mapped_column(autoincrement=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    whole: Mapped[int]
    basis: Mapped[SplitBasis] = mapped_column(enum_type(SplitBasis, "basis"))
    reason: Mapped[LongText]
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("credit_split.id"))
    dispute_id: Mapped[int | None] = mapped_column(ForeignKey("claim_dispute.id"))
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("transfer.id"))
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[Instant]


class CreditPart(Base):
    """One unit's part of a split, from ``since`` up to ``upto`` tenths of a percent."""

    __tablename__ = "credit_part"
    __table_args__ = (
        CheckConstraint("share > 0", name="share"),
        CheckConstraint("since >= 0", name="since"),
        CheckConstraint("since + share = upto", name="upto"),
        CheckConstraint("upto <= 1000", name="whole"),
        CheckConstraint("(since = 0 AND follows IS NULL) OR (follows IS NOT NULL AND follows = since)", name="follows"),
        UniqueConstraint("split_id", "since"),
        UniqueConstraint("split_id", "unit_id", name="uq_credit_part_unit"),
        ForeignKeyConstraint(
            ["split_id", "follows"],
            ["credit_part.split_id", "credit_part.upto"],
            name="fk_credit_part_follows",
            deferrable=True,
            initially="DEFERRED",
        ),
    )

    split_id: Mapped[int] = mapped_column(ForeignKey("credit_split.id"), primary_key=True, autoincrement=False)
    upto: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[int]
    share: Mapped[int]
    follows: Mapped[int | None]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
