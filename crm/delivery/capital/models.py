"""Vouchers of capital that arrived, and the decisions on them, which are never changed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, Line, LongText, Money, Short, enum_type
from crm.delivery.capital.rules import CapitalForm, SourceArea, VoucherKind, VoucherState, folded
from crm.pipeline.models import Project

LIVE = "state IN ('waiting', 'recognised')"
PAPER = ("number_key", "arrived_on", "payer_key")  # the same paper, however it is called, written or scanned


class CapitalVoucher(Base):
    """One payment into a project with its paper; the same paper counts once in the office (一张凭证只用一次)."""

    __tablename__ = "capital_voucher"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("recognized_amount >= 0 AND recognized_amount <= amount", name="recognized"),
        CheckConstraint("(state = 'recognised') = (recognized_amount > 0)", name="recognised_state"),
        CheckConstraint("(currency = 'CNY') = (rate IS NULL)", name="rate"),
        CheckConstraint(
            "(rate IS NULL) = (original_amount IS NULL) AND (rate IS NULL) = (rate_on IS NULL) "
            "AND (rate IS NULL) = (rate_source IS NULL)",
            name="rate_used",
        ),
        Index("uq_capital_voucher_sha256", "sha256", unique=True, sqlite_where=text(LIVE), postgresql_where=text(LIVE)),
        Index("uq_capital_voucher_paper", *PAPER, unique=True, sqlite_where=text(LIVE), postgresql_where=text(LIVE)),
        Index("ix_capital_voucher_state_id", "state", "id"),
        Index("ix_capital_voucher_project_id_arrived_on", "project_id", "arrived_on"),
    )

    id: Mapped[IntPk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    kind: Mapped[VoucherKind] = mapped_column(enum_type(VoucherKind, "kind"))
    form: Mapped[CapitalForm] = mapped_column(enum_type(CapitalForm, "form"))
    area: Mapped[SourceArea] = mapped_column(enum_type(SourceArea, "area"))
    number: Mapped[Short]
    number_key: Mapped[Line] = mapped_column(server_default="")
    payer: Mapped[Line]
    payer_key: Mapped[Line] = mapped_column(server_default="")
    arrived_on: Mapped[Day]
    amount: Mapped[Money]
    currency: Mapped[Code] = mapped_column(default="CNY", server_default="CNY")
    original_amount: Mapped[Money | None]
    rate: Mapped[Money | None]
    rate_on: Mapped[Day | None]
    rate_source: Mapped[Line | None]
    note: Mapped[LongText | None]
    sha256: Mapped[str]
    state: Mapped[VoucherState] = mapped_column(enum_type(VoucherState, "state"))
    recognized_amount: Mapped[Money] = mapped_column(default=0, server_default="0")
    reported_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    reported_at: Mapped[Instant]

    project: Mapped[Project] = relationship()

    @validates("number", "payer")
    def _fold(self, name: str, text: str) -> str:
        """Keep beside what was typed by what it is known again."""
        setattr(self, f"{name}_key", folded(text))
        return text


class CapitalDecision(Base):
    """One decision on a voucher: so much recognised (认定), or sent back; the reporter never decides."""

    __tablename__ = "capital_decision"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("decided_by <> reported_by", name="separation"),
        Index("ix_capital_decision_voucher_id", "voucher_id"),
        Index("ix_capital_decision_decided_at", "decided_at"),
    )

    id: Mapped[IntPk]
    voucher_id: Mapped[int] = mapped_column(ForeignKey("capital_voucher.id"))
    amount: Mapped[Money]
    reason: Mapped[LongText | None]
    reported_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[Instant]
