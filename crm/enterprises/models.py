"""Target enterprises, their names, relations, profile, dated list memberships and contacts."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.db import Base
from crm.core.types import BigInt, Code, Day, Instant, IntPk, Line, LongText, Money, Mu, Short, enum_type
from crm.core.vault import Sealed
from crm.enterprises.rules import AliasKind, KnownThrough, ProfileBlock, RelationKind


class Enterprise(Base):
    """A target enterprise (目标企业): shared by all units, nobody's private record.

    A deleted or merged one keeps its row; its ``folded_name`` and ``uscc`` are tombstoned
    (:func:`crm.enterprises.rules.tombstone`), so that they block nothing.
    """

    __tablename__ = "enterprise"

    id: Mapped[IntPk]
    name: Mapped[Line]
    folded_name: Mapped[Line] = mapped_column(unique=True)
    sort_key: Mapped[str] = mapped_column(String(400), index=True)
    name_en: Mapped[Line | None]
    uscc: Mapped[Code | None] = mapped_column(unique=True)
    stock_codes: Mapped[Line | None]
    industry: Mapped[Line | None] = mapped_column(index=True)
    industry_code: Mapped[Code | None] = mapped_column(index=True)
    region: Mapped[Line | None] = mapped_column(index=True)
    region_code: Mapped[Code | None] = mapped_column(index=True)
    website: Mapped[Line | None]
    site_domain: Mapped[Line | None] = mapped_column(index=True)
    stem: Mapped[Line] = mapped_column(index=True, default="", server_default="")
    profile: Mapped[LongText | None]
    registered_capital: Mapped[Money | None]
    revenue: Mapped[Money | None]
    investment_plan: Mapped[Money | None]
    land_plan: Mapped[Mu | None]
    source_kind: Mapped[Code | None]
    source_org: Mapped[Line | None]
    last_touch_at: Mapped[Instant | None] = mapped_column(index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    deleted_at: Mapped[Instant | None] = mapped_column(index=True)
    deleted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)

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
    run_id: Mapped[BigInt | None] = mapped_column(index=True)

    enterprise: Mapped[Enterprise] = relationship(back_populates="aliases")


class EnterpriseRelation(Base):
    """A typed relation: ``from`` is the ``kind`` of ``to`` (供应商 of, 引荐人 of); the group tree is ``parent_id``."""

    __tablename__ = "enterprise_relation"
    __table_args__ = (
        UniqueConstraint("from_id", "to_id", "kind"),
        CheckConstraint("from_id <> to_id", name="itself"),
    )

    id: Mapped[IntPk]
    from_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"))
    to_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"), index=True)
    kind: Mapped[RelationKind] = mapped_column(enum_type(RelationKind, "kind"))
    since: Mapped[Day | None]
    until: Mapped[Day | None]
    source: Mapped[Line | None]
    note: Mapped[Line | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]


class ProfileEntry(Base):
    """One dated, sourced paragraph of a profile block (成长历史, 企业文化, 经营范围, 联系方式, 发展规划, 最新动态)."""

    __tablename__ = "profile_entry"
    __table_args__ = (Index(None, "enterprise_id", "block"),)

    id: Mapped[IntPk]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"))
    block: Mapped[ProfileBlock] = mapped_column(enum_type(ProfileBlock, "block"))
    body: Mapped[LongText]
    source: Mapped[Line]
    as_of: Mapped[Day]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    archived_at: Mapped[Instant | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


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
    run_id: Mapped[BigInt | None] = mapped_column(index=True)

    edition: Mapped[ListEdition] = relationship()
    enterprise: Mapped[Enterprise] = relationship(back_populates="entries")


class Contact(Base):
    """A person at an enterprise: sealed at rest, masked on pages, every reveal logged with its reason.

    ``enterprise_id`` and ``post`` are where the person is today; :class:`ContactPost` holds the road there.
    ``phone_key`` and ``email_key`` are keyed digests that find equal ones, ``phone_tail`` the last four digits.
    """

    __tablename__ = "contact"
    __table_args__ = (Index(None, "enterprise_id", "unit_id"),)

    id: Mapped[IntPk]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    name: Mapped[Short]
    sort_key: Mapped[str] = mapped_column(String(400))
    post: Mapped[Short | None]
    phone: Mapped[str | None] = mapped_column("phone_sealed", Sealed())
    phone_key: Mapped[Code | None] = mapped_column(index=True)
    phone_tail: Mapped[Code | None] = mapped_column(index=True)
    email: Mapped[str | None] = mapped_column("email_sealed", Sealed())
    email_key: Mapped[Code | None] = mapped_column(index=True)
    source: Mapped[Line | None]
    known_through: Mapped[KnownThrough | None] = mapped_column(enum_type(KnownThrough, "known_through"))
    introducer: Mapped[Short | None]
    hometown: Mapped[Short | None]
    legal_basis: Mapped[Code] = mapped_column(default="duty")
    notice_on: Mapped[Day | None]
    retain_until: Mapped[Day | None] = mapped_column(index=True)
    do_not_contact: Mapped[bool] = mapped_column(default=False)
    note: Mapped[LongText | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    archived_at: Mapped[Instant | None]
    erased_at: Mapped[Instant | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)

    enterprise: Mapped[Enterprise] = relationship()
    posts: Mapped[list[ContactPost]] = relationship(back_populates="contact", order_by="ContactPost.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads a plain dict)


class ContactPost(Base):
    """One post of a person over time (任职经历): where, as what, from when to when."""

    __tablename__ = "contact_post"
    __table_args__ = (CheckConstraint("until IS NULL OR since IS NULL OR until >= since", name="validity"),)

    id: Mapped[IntPk]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    post: Mapped[Short | None]
    since: Mapped[Day | None]
    until: Mapped[Day | None]
    source: Mapped[Line | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Instant]

    contact: Mapped[Contact] = relationship(back_populates="posts")
    enterprise: Mapped[Enterprise] = relationship()


class ContactKnower(Base):
    """Who of us knows a contact, and how well."""

    __tablename__ = "contact_knower"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    closeness: Mapped[Code] = mapped_column(default="met")
    note: Mapped[Line | None]
    created_at: Mapped[Instant]
