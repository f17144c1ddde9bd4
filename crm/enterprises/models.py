"""Target enterprises, their names, dated list memberships and contacts."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.db import Base
from crm.core.types import Code, Day, Instant, IntPk, JsonDict, JsonList, Line, LongText, Short, enum_type
from crm.enterprises.rules import AliasKind


class Enterprise(Base):
    """A target enterprise (目标企业): shared by all units, nobody's private record."""

    __tablename__ = "enterprise"

    id: Mapped[IntPk]
    name: Mapped[Line]
    folded_name: Mapped[Line] = mapped_column(unique=True)
    sort_key: Mapped[str] = mapped_column(String(400), index=True)
    name_en: Mapped[Line | None]
    uscc: Mapped[Code | None] = mapped_column(unique=True)
    stock_codes: Mapped[Line | None]
    industry: Mapped[Line | None] = mapped_column(index=True)
    region: Mapped[Line | None]
    website: Mapped[Line | None]
    profile: Mapped[LongText | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)

    aliases: Mapped[list[EnterpriseAlias]] = relationship(back_populates="enterprise", order_by="EnterpriseAlias.id")
    entries: Mapped[list[ListEntry]] = relationship(back_populates="enterprise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class EnterpriseAlias(Base):
    """Another name of an enterprise; one folded string may belong to several enterprises."""

    __tablename__ = "enterprise_alias"
    __table_args__ = (UniqueConstraint("enterprise_id", "folded"),)

    id: Mapped[IntPk]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"))
    alias: Mapped[Line]
    folded: Mapped[Line] = mapped_column(index=True)
    kind: Mapped[AliasKind] = mapped_column(enum_type(AliasKind, "kind"))
    ambiguous: Mapped[bool] = mapped_column(default=False)
    source: Mapped[Line | None]
    valid_from: Mapped[Day | None]
    valid_to: Mapped[Day | None]

    enterprise: Mapped[Enterprise] = relationship(back_populates="aliases")


class TargetList(Base):
    """A published or own list of targets (世界500强, 民营500强, 行业50强)."""

    __tablename__ = "target_list"

    id: Mapped[IntPk]
    key: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Short] = mapped_column(unique=True)
    publisher: Mapped[Short | None]
    weight: Mapped[int] = mapped_column(default=0)


class ListEdition(Base):
    """One year's edition of a list, with its source."""

    __tablename__ = "list_edition"
    __table_args__ = (
        UniqueConstraint("list_id", "year"),
        CheckConstraint("year BETWEEN 1990 AND 2100", name="year"),
    )

    id: Mapped[IntPk]
    list_id: Mapped[int] = mapped_column(ForeignKey("target_list.id"))
    year: Mapped[int]
    source: Mapped[Line | None]
    imported_at: Mapped[Instant]

    target_list: Mapped[TargetList] = relationship()


class ListEntry(Base):
    """Membership of an enterprise in an edition: rank and the name as printed then."""

    __tablename__ = "list_entry"
    __table_args__ = (
        UniqueConstraint("edition_id", "enterprise_id"),
        CheckConstraint("rank IS NULL OR rank > 0", name="rank"),
    )

    id: Mapped[IntPk]
    edition_id: Mapped[int] = mapped_column(ForeignKey("list_edition.id", ondelete="CASCADE"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"), index=True)
    rank: Mapped[int | None]
    printed_name: Mapped[Line]
    revenue_note: Mapped[Line | None]

    edition: Mapped[ListEdition] = relationship()
    enterprise: Mapped[Enterprise] = relationship(back_populates="entries")


class Contact(Base):
    """A person at an enterprise; phone and mail are masked unless revealed, which is logged."""

    __tablename__ = "contact"
    __table_args__ = (Index(None, "enterprise_id", "unit_id"),)

    id: Mapped[IntPk]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    name: Mapped[Short]
    sort_key: Mapped[str] = mapped_column(String(400))
    post: Mapped[Short | None]
    phone: Mapped[Code | None]
    email: Mapped[Line | None]
    source: Mapped[Line | None]
    legal_basis: Mapped[Code] = mapped_column(default="duty")
    do_not_contact: Mapped[bool] = mapped_column(default=False)
    note: Mapped[LongText | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    archived_at: Mapped[Instant | None]

    enterprise: Mapped[Enterprise] = relationship()


class ImportRun(Base):
    """One import of a list: what came in, what it became, and every row that did not fit."""

    __tablename__ = "import_run"

    id: Mapped[IntPk]
    kind: Mapped[Code]
    filename: Mapped[Line]
    sha256: Mapped[Short]
    options: Mapped[JsonDict]
    state: Mapped[Code]
    counts: Mapped[JsonDict]
    rejected: Mapped[JsonList]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
