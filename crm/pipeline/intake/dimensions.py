"""Dimensions of a lead and a project: kind of deal, cooperation, chain, band, tier, fit. Pure.

Source: the trade's tables of projects (bands and tiers are decided per office, so they are options).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable


class DealType(StrEnum):
    """What kind of deal it is (投资方式)."""

    GREENFIELD = "greenfield"
    MERGER = "merger"
    JOINT_VENTURE = "joint_venture"
    EXPANSION = "expansion"


DEAL_LABELS: dict[DealType, str] = {
    DealType.GREENFIELD: "新建",
    DealType.MERGER: "并购重组",
    DealType.JOINT_VENTURE: "合资新设",
    DealType.EXPANSION: "增资扩产",
}


class Cooperation(StrEnum):
    """How the sides work together (合作方式)."""

    EQUITY = "equity"
    CONTRACTUAL = "contractual"
    SOLE = "sole"
    BT = "bt"
    BOT = "bot"
    PPP = "ppp"
    LEASE = "lease"
    OTHER = "other"


COOPERATION_LABELS: dict[Cooperation, str] = {
    Cooperation.EQUITY: "合资",
    Cooperation.CONTRACTUAL: "合作",
    Cooperation.SOLE: "独资",
    Cooperation.BT: "BT（建设—移交）",
    Cooperation.BOT: "BOT（建设—经营—移交）",
    Cooperation.PPP: "PPP（政府和社会资本合作）",
    Cooperation.LEASE: "租赁厂房",
    Cooperation.OTHER: "其他方式",
}


class ChainRole(StrEnum):
    """What the project does for a local chain (延链、强链、补链)."""

    EXTEND = "extend"
    STRENGTHEN = "strengthen"
    FILL = "fill"


CHAIN_LABELS: dict[ChainRole, str] = {
    ChainRole.EXTEND: "延链",
    ChainRole.STRENGTHEN: "强链",
    ChainRole.FILL: "补链",
}


class IndustryRole(StrEnum):
    """Place of an industry in the office's plan (一主两辅一特)."""

    LEAD = "lead"
    AUXILIARY = "auxiliary"
    SPECIAL = "special"


INDUSTRY_LABELS: dict[IndustryRole, str] = {
    IndustryRole.LEAD: "主导产业",
    IndustryRole.AUXILIARY: "辅助产业",
    IndustryRole.SPECIAL: "特色产业",
}
OUTSIDE = "规划外"


class ReferrerKind(StrEnum):
    """Who brings projects to us."""

    AGENT = "agent"
    CHAMBER = "chamber"
    ENTERPRISE = "enterprise"
    AMBASSADOR = "ambassador"
    PERSON = "person"


REFERRER_LABELS: dict[ReferrerKind, str] = {
    ReferrerKind.AGENT: "委托代理机构",
    ReferrerKind.CHAMBER: "商会协会",
    ReferrerKind.ENTERPRISE: "在地企业",
    ReferrerKind.AMBASSADOR: "招商大使",
    ReferrerKind.PERSON: "个人引荐",
}


class LinkKind(StrEnum):
    """What a leader is linked to (挂钩联系)."""

    REGION = "region"
    PROJECT = "project"
    SQUAD = "squad"


LINK_LABELS: dict[LinkKind, str] = {LinkKind.REGION: "片区", LinkKind.PROJECT: "项目", LinkKind.SQUAD: "小分队"}


@dataclass(frozen=True, slots=True)
class Tier:
    """A size of project: from how much on, who leads it, how often it is met about."""

    label: str
    floor: Decimal
    leader: str
    meeting_days: int


@dataclass(frozen=True, slots=True)
class Industry:
    """One industry of the office's plan: its words, and the team and leader it goes to."""

    name: str
    role: IndustryRole
    words: tuple[str, ...] = ()
    unit_id: int | None = None
    leader_id: int | None = None


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What the office set: borders of bands in 万元, tiers from large to small, industries."""

    bands: tuple[Decimal, ...] = tuple(Decimal(edge) for edge in (5_000, 10_000, 50_000, 100_000, 500_000))
    tiers: tuple[Tier, ...] = (
        Tier("特大", Decimal(100_000), "主要领导", 7),
        Tier("重大", Decimal(10_000), "分管领导", 14),
        Tier("一般", Decimal(0), "牵头单位负责人", 30),
    )
    industries: tuple[Industry, ...] = field(default=())


def tier_of(amount: Decimal | None, dimensions: Dimensions) -> Tier | None:
    """Return the tier of a total investment, None while it is not known."""
    if amount is None:
        return None
    return next((tier for tier in dimensions.tiers if amount >= tier.floor), None)


def band_of(amount: Decimal | None, dimensions: Dimensions) -> tuple[Decimal | None, Decimal | None] | None:
    """Return the borders of the band an amount falls in; an open side is None, an unknown amount has no band."""
    if amount is None:
        return None
    below = [edge for edge in dimensions.bands if edge <= amount]
    above = [edge for edge in dimensions.bands if edge > amount]
    return (below[-1] if below else None, above[0] if above else None)


def industry_of(texts: Iterable[str | None], dimensions: Dimensions) -> Industry | None:
    """Return the first industry of the plan that one of the texts names, by its name or one of its words."""
    folded = [fold(text) for text in texts if text]
    for industry in dimensions.industries:
        words = [fold(word) for word in (industry.name, *industry.words) if word.strip()]
        if any(word in text for word in words for text in folded):
            return industry
    return None
