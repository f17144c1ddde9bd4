"""Vocabulary of the register: alias kinds, credit code check, masking."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crm.core.errors import Problem
from crm.core.text import fold
from crm.enterprises.identifiers import clean_codes, clean_uscc, split_codes, stock_code, uscc_is_valid

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

LINE = 200
SHORT = 80
CODE = 40
SHORT_NAME = 3
PHONE = re.compile(r"[0-9+()\- ]{5,40}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE_VISIBLE_HEAD = 3
PHONE_VISIBLE_TAIL = 4
PHONE_HIDDEN = 4


ALIAS_LABELS = {
    "full": "全称",
    "short": "简称",
    "brand": "品牌",
    "former": "曾用名",
    "english": "外文名",
    "ticker": "证券简称",
}


class AliasKind(StrEnum):
    """Where a name of an enterprise comes from."""

    FULL = "full"
    SHORT = "short"
    BRAND = "brand"
    FORMER = "former"
    ENGLISH = "english"
    TICKER = "ticker"


class RelationKind(StrEnum):
    """How one enterprise stands to another; the first is the kind of the second."""

    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    COMPETITOR = "competitor"
    INTRODUCER = "introducer"
    PARTNER = "partner"


RELATION_LABELS: dict[RelationKind, tuple[str, str]] = {
    RelationKind.SUPPLIER: ("供应商", "客户"),
    RelationKind.CUSTOMER: ("客户", "供应商"),
    RelationKind.COMPETITOR: ("竞争对手", "竞争对手"),
    RelationKind.INTRODUCER: ("引荐方", "由其引荐"),
    RelationKind.PARTNER: ("合作方", "合作方"),
}


class ProfileBlock(StrEnum):
    """The six blocks of an enterprise profile (企业档案六块), in order."""

    HISTORY = "history"
    CULTURE = "culture"
    SCOPE = "scope"
    REACH = "reach"
    PLAN = "plan"
    NEWS = "news"


BLOCK_LABELS: dict[ProfileBlock, str] = {
    ProfileBlock.HISTORY: "成长历史",
    ProfileBlock.CULTURE: "企业文化",
    ProfileBlock.SCOPE: "经营范围",
    ProfileBlock.REACH: "联系方式",
    ProfileBlock.PLAN: "发展规划",
    ProfileBlock.NEWS: "最新动态",
}


class KnownThrough(StrEnum):
    """How we came to know a contact."""

    KIN = "kin"
    CHAMBER = "chamber"
    INTRODUCER = "introducer"
    EVENT = "event"
    VISIT = "visit"
    PUBLIC = "public"
    OTHER = "other"


KNOWN_LABELS: dict[KnownThrough, str] = {
    KnownThrough.KIN: "亲情乡贤",
    KnownThrough.CHAMBER: "商会协会",
    KnownThrough.INTRODUCER: "引荐人介绍",
    KnownThrough.EVENT: "招商活动",
    KnownThrough.VISIT: "走访结识",
    KnownThrough.PUBLIC: "公开信息",
    KnownThrough.OTHER: "其他",
}
LEGAL_BASES: dict[str, str] = {
    "duty": "履行法定职责",
    "consent": "本人同意",
    "contract": "订立或履行合同",
    "public": "本人已公开的信息",
}
CLOSENESS: dict[str, str] = {"met": "见过面", "acquainted": "熟识", "close": "密切"}
REVEAL_REASONS: dict[str, str] = {
    "call": "联系洽谈",
    "check": "核对信息",
    "order": "领导交办",
    "other": "其他",
}
SOURCE_KINDS: dict[str, str] = {
    "resident": "驻点招商",
    "liaison": "驻外办事处",
    "chamber": "商协会",
    "list": "榜单",
    "news": "动态信息",
    "referral": "引荐推荐",
    "own": "自行筛选",
}
AMOUNT_UNITS: dict[str, str] = {
    "registered_capital": "万元",
    "revenue": "万元",
    "investment_plan": "万元",
    "land_plan": "亩",
}
LARGEST_AMOUNT = 10_000_000_000
DECIMALS = 6
LINE_FIELDS = ("name_en", "industry", "region", "website", "source_org")
GRAVE = "~"


def tombstone(value: str, record_id: int) -> str:
    """Mark a unique value of a deleted or merged record, so that it blocks nobody: ``云岭电子~7``."""
    mark = f"{GRAVE}{record_id}"
    return value if value.endswith(mark) else f"{value[: LINE - 20]}{mark}"


def exhume(value: str) -> str:
    """Give a tombstoned value as it was."""
    return value.rpartition(GRAVE)[0] or value


def mask_phone(phone: str) -> str:
    """Hide the middle of a phone number, four digits at least: ``13812345678`` becomes ``138****5678``."""
    digits = sum(char.isdigit() for char in phone)
    if digits < PHONE_HIDDEN + PHONE_VISIBLE_TAIL:
        return "*" * len(phone)
    head = min(PHONE_VISIBLE_HEAD, digits - PHONE_HIDDEN - PHONE_VISIBLE_TAIL)
    return f"{phone[:head]}****{phone[-PHONE_VISIBLE_TAIL:]}"


def mask_email(email: str) -> str:
    """Hide the local part of an address: ``wangwei@x.cn`` becomes ``w***@x.cn``."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}***@{domain}" if domain else "***"


@dataclass(frozen=True, slots=True)
class EnterpriseDraft:
    """What a person says about an enterprise; ``confirmed`` waves through a similar name.

    Money is in 万元, land in 亩. The codes follow from ``industry`` and ``region`` unless given.
    """

    name: str
    name_en: str | None = None
    uscc: str | None = None
    stock_codes: str | None = None
    industry: str | None = None
    region: str | None = None
    website: str | None = None
    profile: str | None = None
    industry_code: str | None = None
    region_code: str | None = None
    registered_capital: Decimal | None = None
    revenue: Decimal | None = None
    investment_plan: Decimal | None = None
    land_plan: Decimal | None = None
    source_kind: str | None = None
    source_org: str | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """What a person says about a contact."""

    name: str
    post: str | None = None
    phone: str | None = None
    email: str | None = None
    source: str | None = None
    note: str | None = None
    do_not_contact: bool = False
    known_through: KnownThrough | None = None
    introducer: str | None = None
    hometown: str | None = None
    legal_basis: str = "duty"
    notice_on: date | None = None
    retain_until: date | None = None
    confirmed: bool = True


def enterprise_problems(draft: EnterpriseDraft) -> list[Problem]:
    """Say what is wrong with an enterprise by itself; empty means nothing."""
    problems = []
    if not any(char.isalpha() for char in fold(draft.name)):
        problems.append(Problem("enterprise.name", "请填写企业全称，例如营业执照上的名称。", "name"))
    if folded_length(draft.name) > LINE:
        problems.append(Problem("enterprise.long", "企业名称太长，最多 200 个字。", "name"))
    uscc = clean_uscc(draft.uscc)
    if uscc and not uscc_is_valid(uscc):
        problems.append(
            Problem("enterprise.uscc", "统一社会信用代码不对：应为 18 位且校验位相符，请核对执照。", "uscc")
        )
    bad = [part for part in split_codes(draft.stock_codes) if stock_code(part) is None]
    if bad:
        problems.append(Problem("enterprise.stock", "股票代码写法不对，例如 600000 或 00700.HK。", "stock_codes"))
    if draft.website and not web_address(draft.website):
        problems.append(Problem("enterprise.website", "网址应以 http:// 或 https:// 开头。", "website"))
    if draft.source_kind and draft.source_kind not in SOURCE_KINDS:
        problems.append(Problem("enterprise.source_kind", "来源渠道不对，请从列表中选一个。", "source_kind"))
    return problems + _amount_problems(draft) + _length_problems(draft)


def _amount_problems(draft: EnterpriseDraft) -> list[Problem]:
    problems = []
    for field, unit in AMOUNT_UNITS.items():
        value: Decimal | None = getattr(draft, field)
        if value is None:
            continue
        if not value.is_finite() or value < 0 or value > LARGEST_AMOUNT:
            message = "数字应在 0 到 %(most)s 之间，单位是%(unit)s，请核对单位。"
            params: dict[str, object] = {"most": f"{LARGEST_AMOUNT:,}", "unit": unit}
            problems.append(Problem("enterprise.amount", message, field, params))
        elif round(value, DECIMALS) != value:
            problems.append(Problem("enterprise.decimals", "小数最多 6 位。", field))
    return problems


def _length_problems(draft: EnterpriseDraft) -> list[Problem]:
    values = {field: getattr(draft, field) for field in LINE_FIELDS}
    values["stock_codes"] = clean_codes(draft.stock_codes)
    return [
        Problem("enterprise.line", "最多 200 个字。", field)
        for field, value in values.items()
        if folded_length(value or "") > LINE
    ]


def folded_length(text: str) -> int:
    """Characters of a text or of its folded form, whichever are more: one sign may fold into eighteen letters."""
    return max(len(text), len(fold(text)))


def web_address(text: str) -> bool:
    """Whether a text is an http(s) address with a host."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def contact_problems(draft: ContactDraft) -> list[Problem]:
    """Say what is wrong with a contact; empty means nothing."""
    problems = []
    if not fold(draft.name):
        problems.append(Problem("contact.name", "请填写联系人姓名。", "name"))
    if draft.phone and not PHONE.fullmatch(draft.phone):
        problems.append(Problem("contact.phone", "电话只能有数字、空格、括号、加号和横线，至少 5 位。", "phone"))
    if draft.email and not EMAIL.fullmatch(draft.email):
        problems.append(Problem("contact.email", "邮箱写法不对，例如 name@example.com。", "email"))
    if draft.legal_basis not in LEGAL_BASES:
        problems.append(Problem("contact.basis", "请从列表里选择处理依据。", "legal_basis"))
    if draft.notice_on and draft.retain_until and draft.retain_until < draft.notice_on:
        problems.append(Problem("contact.retention", "保存期限不能早于告知日期。", "retain_until"))
    return problems
