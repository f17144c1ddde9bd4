"""Carriers (载体): what one must say of them, what is free on a day. Pure.

Areas are 亩 for parks and plots, 平方米 for factories and floors.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import DomainError, Problem
from crm.core.money import digits
from crm.resources.carriers.geometry import outline_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

ZERO = Decimal(0)
LARGEST = Decimal(10_000_000)
FINE = 6
SHORTEST_REASON = 4
EAST, NORTH = Decimal(180), Decimal(90)


class CarrierKind(StrEnum):
    """Kinds of carrier (载体类别)."""

    PARK = "park"
    PLOT = "plot"
    FACTORY = "factory"
    FLOOR = "floor"


KIND_LABELS: dict[CarrierKind, str] = {
    CarrierKind.PARK: "园区",
    CarrierKind.PLOT: "地块",
    CarrierKind.FACTORY: "标准厂房",
    CarrierKind.FLOOR: "楼宇楼层",
}
LAND = frozenset({CarrierKind.PARK, CarrierKind.PLOT})


class PriceBasis(StrEnum):
    """What a price is of (计价方式)."""

    SALE_MU = "sale_mu"
    SALE_SQM = "sale_sqm"
    RENT_SQM = "rent_sqm"


BASIS_LABELS: dict[PriceBasis, str] = {
    PriceBasis.SALE_MU: "万元/亩",
    PriceBasis.SALE_SQM: "元/平方米（售）",
    PriceBasis.RENT_SQM: "元/平方米·月（租）",
}


class LandUse(StrEnum):
    """What a carrier may be used for (用途)."""

    INDUSTRY = "industry"
    LOGISTICS = "logistics"
    RESEARCH = "research"
    COMMERCE = "commerce"
    MIXED = "mixed"


USE_LABELS: dict[LandUse, str] = {
    LandUse.INDUSTRY: "工业",
    LandUse.LOGISTICS: "仓储物流",
    LandUse.RESEARCH: "科研",
    LandUse.COMMERCE: "商服",
    LandUse.MIXED: "综合",
}


class HoldKind(StrEnum):
    """How somebody holds a part of a carrier (占用方式)."""

    RESERVED = "reserved"
    ALLOTTED = "allotted"
    LEASED = "leased"


HOLD_LABELS: dict[HoldKind, str] = {
    HoldKind.RESERVED: "预留",
    HoldKind.ALLOTTED: "供地（出让）",
    HoldKind.LEASED: "租用",
}


class Availability(StrEnum):
    """How much of a carrier can be offered on a day (可供状态)."""

    FREE = "free"
    PARTLY = "partly"
    FULL = "full"
    WITHDRAWN = "withdrawn"


AVAILABILITY_LABELS: dict[Availability, str] = {
    Availability.FREE: "可供",
    Availability.PARTLY: "部分可供",
    Availability.FULL: "已满",
    Availability.WITHDRAWN: "已下架",
}
AVAILABILITY_TONES: dict[Availability, str] = {
    Availability.FREE: "green",
    Availability.PARTLY: "amber",
    Availability.FULL: "grey",
    Availability.WITHDRAWN: "grey",
}


@dataclass(frozen=True, slots=True)
class CarrierDraft:
    """What a person types of a carrier; limits left out do not limit."""

    kind: CarrierKind
    name: str
    code: str
    unit_id: int
    area: Decimal
    parent_id: int | None = None
    address: str = ""
    use: LandUse = LandUse.INDUSTRY
    price: Decimal | None = None
    basis: PriceBasis | None = None
    industries: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    height_limit: Decimal | None = None  # 米, of buildings to be built
    ceiling: Decimal | None = None  # 米, 层高
    load: Decimal | None = None  # 吨/平方米
    power: Decimal | None = None  # 千伏安
    energy: Decimal | None = None  # 吨标煤 a year that may be used
    min_intensity: Decimal | None = None  # 万元/亩
    min_tax: Decimal | None = None  # 万元/亩 a year
    longitude: Decimal | None = None
    latitude: Decimal | None = None
    outline: str | None = None  # GeoJSON as typed; None leaves what stands
    listed_from: date | None = None
    facilities: str = ""
    note: str = ""


NUMBERS: dict[str, str] = {
    "height_limit": "限高",
    "ceiling": "层高",
    "load": "荷载",
    "power": "电力容量",
    "energy": "能耗指标",
    "min_intensity": "投资强度底线",
    "min_tax": "亩均税收底线",
}


def carrier_problems(draft: CarrierDraft, parent: CarrierKind | None = None) -> list[Problem]:
    """Reasons why a carrier cannot be kept; ``parent`` is the kind of what it lies in."""
    problems = []
    if not draft.name:
        problems.append(Problem("carrier.name", "请填写载体名称，例如东区3号标准厂房。", "name"))
    if not draft.code:
        problems.append(Problem("carrier.code", "请填写编号，全局唯一，例如 DQ-C03。", "code"))
    problems += _number(draft.area, "area", "面积", least=Decimal("0.01"))
    if draft.parent_id is not None and parent is not CarrierKind.PARK:
        problems.append(Problem("carrier.parent", "所在园区只能选园区。", "parent_id"))
    if draft.kind is CarrierKind.PARK and draft.parent_id is not None:
        problems.append(Problem("carrier.park", "园区不能放在另一个园区里。", "parent_id"))
    if (draft.price is None) != (draft.basis is None):
        problems.append(Problem("carrier.price", "价格和计价方式要一起填，或者都不填。", "price"))
    elif draft.price is not None:
        problems += _number(draft.price, "price", "价格")
        if (draft.basis is PriceBasis.SALE_MU) != (draft.kind in LAND):
            problems.append(Problem("carrier.basis", "园区和地块按万元/亩计价，厂房和楼宇按平方米计价。", "basis"))
    for name, label in NUMBERS.items():
        value = getattr(draft, name)
        if value is not None:
            problems += _number(value, name, label)
    return problems + _place(draft) + _outline(draft.outline or "")


def _number(value: Decimal, field: str, label: str, least: Decimal = ZERO) -> list[Problem]:
    if not value.is_finite() or value < least or value > LARGEST:
        text = "%(label)s要填%(least)s到一千万之间的数。"
        return [Problem("carrier.number", text, field, {"label": label, "least": str(least)})]
    if value != round(value, FINE):
        text = "%(label)s最多六位小数。"
        return [Problem("carrier.fine", text, field, {"label": label})]
    return []


def _place(draft: CarrierDraft) -> list[Problem]:
    if (draft.longitude is None) != (draft.latitude is None):
        return [Problem("carrier.place", "经度和纬度要一起填，或者都不填。", "longitude")]
    if draft.longitude is None or draft.latitude is None:
        return []
    if not (abs(draft.longitude) <= EAST and abs(draft.latitude) <= NORTH):
        return [Problem("carrier.place", "经度在 -180 到 180 之间，纬度在 -90 到 90 之间。", "longitude")]
    if any(value != round(value, FINE) for value in (draft.longitude, draft.latitude)):
        return [Problem("carrier.fine", "%(label)s最多六位小数。", "longitude", {"label": "经纬度"})]
    return []


def _outline(typed: str) -> list[Problem]:
    try:
        outline_of(typed)
    except DomainError as error:
        return list(error.problems)
    return []


@dataclass(frozen=True, slots=True)
class Held:
    """So much of a carrier from a day, to a day when it ends."""

    area: Decimal
    from_on: date
    until_on: date | None = None

    def on(self, day: date) -> bool:
        """Whether it holds on a day; the last day still counts."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


def free_on(area: Decimal, holds: Iterable[Held], day: date) -> Decimal:
    """What nobody holds on a day, never below 0."""
    return max(ZERO, area - sum((hold.area for hold in holds if hold.on(day)), ZERO))


def availability(area: Decimal, free: Decimal, *, withdrawn: bool) -> Availability:
    """Say how much of a carrier can be offered."""
    if withdrawn:
        return Availability.WITHDRAWN
    if not free:
        return Availability.FULL
    return Availability.FREE if free == area else Availability.PARTLY


def hold_problems(new: Held, area: Decimal, others: Sequence[Held]) -> list[Problem]:
    """Reasons why so much cannot be held: nothing is given out twice on any day."""
    if not new.area.is_finite() or new.area <= ZERO:
        return [Problem("hold.area", "占用面积要大于0。", "area")]
    if new.area != round(new.area, FINE):
        return [Problem("carrier.fine", "%(label)s最多六位小数。", "area", {"label": "面积"})]
    if new.until_on is not None and new.until_on < new.from_on:
        return [Problem("hold.until", "结束日期不能早于开始日期。", "until_on")]
    days = [new.from_on, *(other.from_on for other in others if new.on(other.from_on))]
    least, worst = min((free_on(area, others, day), day) for day in days)
    if new.area > least:
        params: dict[str, object] = {"free": digits(least), "day": worst.isoformat()}
        return [Problem("hold.full", "只剩%(free)s可供（%(day)s），请改小面积或换一处载体。", "area", params)]
    return []
