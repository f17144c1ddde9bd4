"""Planned projects with their steps, frozen catalogues, proposals in versions, and public links with their visits."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.bank.rules import BankState
from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, JsonDict, Line, LongText, Money, Mu, Short, enum_type

LIVE = text("state <> 'withdrawn'")


class BankProject(Base):
    """A planned project (策划项目) offered to investors; money in 万元, land in 亩, floors in 平方米."""

    __tablename__ = "bank_project"
    __table_args__ = (
        CheckConstraint("investment > 0", name="investment"),
        CheckConstraint("land_mu IS NULL OR land_mu > 0", name="land"),
        CheckConstraint("state IN ('draft', 'withdrawn') OR reviewed_on IS NOT NULL", name="reviewed"),
        CheckConstraint(
            "(state = 'matched') = (matched_enterprise_id IS NOT NULL OR matched_project_id IS NOT NULL)",
            name="matched",
        ),
        Index("uq_bank_project_folded_name", "folded_name", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_bank_project_state_id", "state", "id"),
        Index("ix_bank_project_reviewed_on", "reviewed_on"),
    )

    id: Mapped[IntPk]
    name: Mapped[Line]
    folded_name: Mapped[Line]
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    node_id: Mapped[int | None] = mapped_column(ForeignKey("industry_node.id"), index=True)
    industry: Mapped[Line | None]
    content: Mapped[LongText]
    investment: Mapped[Money]
    land_mu: Mapped[Mu | None]
    floor_sqm: Mapped[Mu | None]
    conditions: Mapped[LongText | None]
    benefit: Mapped[LongText | None]
    output: Mapped[Money | None]
    tax: Mapped[Money | None]
    contact_post: Mapped[Line]
    state: Mapped[BankState] = mapped_column(enum_type(BankState, "state"), default=BankState.DRAFT)
    reviewed_on: Mapped[Day | None]
    published_on: Mapped[Day | None]
    matched_enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    matched_project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    updated_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    updated_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class BankProjectCarrier(Base):
    """A carrier a planned project is meant for."""

    __tablename__ = "bank_project_carrier"

    bank_project_id: Mapped[int] = mapped_column(ForeignKey("bank_project.id"), primary_key=True)
    carrier_id: Mapped[int] = mapped_column(ForeignKey("carrier.id"), primary_key=True, index=True)


class BankStep(Base):
    """One step of a planned project from state to state; rows are only added."""

    __tablename__ = "bank_step"
    __table_args__ = (Index("ix_bank_step_bank_project_id_id", "bank_project_id", "id"),)

    id: Mapped[IntPk]
    bank_project_id: Mapped[int] = mapped_column(ForeignKey("bank_project.id"))
    from_state: Mapped[BankState | None] = mapped_column(enum_type(BankState, "from_state"))
    to_state: Mapped[BankState] = mapped_column(enum_type(BankState, "to_state"))
    reason: Mapped[LongText | None]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class BankEdition(Base):
    """One numbered version of the catalogue (产业招商项目目录 第N版); ``body`` is what it said and never changes."""

    __tablename__ = "bank_edition"
    __table_args__ = (CheckConstraint("number > 0", name="number"),)

    id: Mapped[IntPk]
    number: Mapped[int] = mapped_column(unique=True)
    title: Mapped[Line]
    day: Mapped[Day]
    projects: Mapped[int]
    amount: Mapped[Money]
    body: Mapped[JsonDict] = mapped_column(deferred=True)
    digest: Mapped[Short]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]


class BankProposal(Base):
    """A tailored proposal (招商专案) for one enterprise, or for one of its projects."""

    __tablename__ = "bank_proposal"
    __table_args__ = (Index("ix_bank_proposal_enterprise_id_id", "enterprise_id", "id"),)

    id: Mapped[IntPk]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]


class BankProposalText(Base):
    """One version of a proposal as somebody wrote it; a change is a further version."""

    __tablename__ = "bank_proposal_text"
    __table_args__ = (UniqueConstraint("proposal_id", "number"),)

    id: Mapped[IntPk]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("bank_proposal.id"))
    number: Mapped[int]
    title: Mapped[Line]
    body: Mapped[JsonDict] = mapped_column(deferred=True)
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]


class BankLink(Base):
    """A public link (云招商) to one frozen version; only the digest of its token is kept.

    ``tokens`` and ``filled_at`` are the bucket of its rate limit; ``visits`` counts what was opened.
    """

    __tablename__ = "bank_link"
    __table_args__ = (
        CheckConstraint("(edition_id IS NULL) <> (text_id IS NULL)", name="one"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
    )

    id: Mapped[IntPk]
    token_hash: Mapped[Short] = mapped_column(unique=True)
    tail: Mapped[Code]
    label: Mapped[Line]
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("bank_edition.id"), index=True)
    text_id: Mapped[int | None] = mapped_column(ForeignKey("bank_proposal_text.id"), index=True)
    contact: Mapped[LongText]
    expires_on: Mapped[Day]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    revoked_at: Mapped[Instant | None]
    visits: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[Instant | None]
    tokens: Mapped[float]
    filled_at: Mapped[Instant]


class BankLinkVisit(Base):
    """A public link was opened: when, which page, from roughly where (the address is shortened)."""

    __tablename__ = "bank_link_visit"
    __table_args__ = (Index("ix_bank_link_visit_link_id_id", "link_id", "id"),)

    id: Mapped[IntPk]
    link_id: Mapped[int] = mapped_column(ForeignKey("bank_link.id"))
    at: Mapped[Instant]
    address: Mapped[Code]
    page: Mapped[Short]
