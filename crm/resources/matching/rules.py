"""One engine for what fits what: hard limits first, then points with reasons that add up. Pure.

The same verdict is read by the page, the interface for other systems and the brief. What nobody typed does not limit
and earns nothing: a limit is only broken by a figure.

A rule gives findings: plain tuples that carry points but no words yet. Thousands of rows are ranked by findings over
whole numbers (every figure times the same scale); only those that are shown are told as reasons.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from crm.core.money import digits
from crm.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ZERO = Decimal(0)
BASE = 50
TENTHS, SNUG, ROOMY = 10, 12, 20  # what is free against what is asked, in tenths
CLEAR = "没有碰到硬条件"
Finding: TypeAlias = "tuple[str, int, str, tuple[tuple[str, Any], ...]]"  # text, points, limit, what is filled in
INDUSTRY, CLOSE, WIDE, BELOW, DEAR, ROOM, AGAIN = 20, 15, 5, 5, 10, 5, 5
LIMITS: dict[str, str] = {
    "kind": "不是要的类别",
    "area": "面积不够",
    "barred": "产业被禁止",
    "industry": "产业不在接受之列",
    "ceiling": "层高不够",
    "load": "荷载不够",
    "power": "电力不够",
    "energy": "能耗指标不够",
    "height": "超过限高",
    "intensity": "投资强度不够",
    "tax": "亩均税收不够",
}


class Unit(Enum):
    """What an area is counted in."""

    MU = "亩"
    SQM = "平方米"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a Chinese msgid with what is filled in; its points, or the key of the hard limit it breaks."""

    text: str
    params: tuple[tuple[str, str], ...] = ()
    points: int = 0
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What speaks against (each one is enough) and what speaks for it; ``points`` is their sum."""

    against: tuple[Reason, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether no hard limit is broken."""
        return not self.against

    @property
    def points(self) -> int:
        """The sum of the reasons."""
        return sum(reason.points for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Need:
    """What a project asks of a place; land in 亩, floors in 平方米, money in 万元, energy in 吨标煤 a year."""

    land: Decimal | None = None
    floor: Decimal | None = None
    words: frozenset[str] = frozenset()
    ceiling: Decimal | None = None
    load: Decimal | None = None
    power: Decimal | None = None
    energy: Decimal | None = None
    building: Decimal | None = None  # 米, height of what is to be built
    price: Decimal | None = None  # the most it pays, in the unit of the place
    fixed: Decimal | None = None  # 固定资产投资, 万元
    tax: Decimal | None = None  # 万元 a year when in full production


@dataclass(frozen=True, slots=True)
class Sought:
    """A need as it is compared, its figures all times the same scale; only limits that it can break.

    ``most``: (limit, text, attribute of the place, what is asked of it); ``least``: the same with what the project
    brings against a floor of the land.
    """

    need: Need
    land: Any
    floor: Any
    price: Any
    most: tuple[tuple[str, str, str, Any], ...]
    least: tuple[tuple[str, str, str, Any], ...]


@dataclass(slots=True)  # not frozen: thousands are made for one page
class Place:
    """What a carrier offers; ``free`` in its own unit. Figures in one scale: Decimals, or whole numbers of a part."""

    unit: Unit
    free: Any
    price: Any = None
    industries: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    ceiling: Any = None
    load: Any = None
    power: Any = None
    energy: Any = None
    height_limit: Any = None
    min_intensity: Any = None
    min_tax: Any = None
    words: frozenset[str] = field(default=frozenset())
    again: str = ""  # the day since which it is offered again (二次招商), blank where it is not


def words_of(texts: Iterable[str | None]) -> frozenset[str]:
    """Fold words once, so that ten thousand comparisons need not."""
    return frozenset(folded for text in texts if text and (folded := fold(text).strip()))


@lru_cache(maxsize=4096)
def words_in(texts: tuple[str, ...]) -> frozenset[str]:
    """Fold words that many rows share, once."""
    return words_of(texts)


@lru_cache(maxsize=8192)
def meets(asked: frozenset[str], offered: frozenset[str]) -> str | None:
    """Return a word of ``asked`` that is, holds or lies in a word of ``offered``; None where nothing meets."""
    both = asked & offered
    if both:
        return min(both)
    return next((word for word in sorted(asked) for other in offered if other in word or word in other), None)


MOST: tuple[tuple[str, str, str, str], ...] = (  # limit, text, attribute of the need, attribute of the place
    ("ceiling", "要层高%(asked)s米，只有%(offered)s米", "ceiling", "ceiling"),
    ("load", "要荷载%(asked)s吨/平方米，只有%(offered)s吨", "load", "load"),
    ("power", "要电%(asked)s千伏安，只有%(offered)s千伏安", "power", "power"),
    ("energy", "年用能%(asked)s吨标煤，指标只有%(offered)s吨", "energy", "energy"),
    ("height", "建筑高%(asked)s米，限高%(offered)s米", "building", "height_limit"),
)
LEAST: tuple[tuple[str, str, str, str], ...] = (  # the need's attribute is taken per 亩
    ("intensity", "投资强度要求%(asked)s万元/亩，项目只有%(offered)s万元/亩", "fixed", "min_intensity"),
    ("tax", "亩均税收要求%(asked)s万元，项目只有%(offered)s万元", "tax", "min_tax"),
)
ROOMS: tuple[tuple[str, str], ...] = (
    ("ceiling", "层高有余：要%(asked)s米，有%(offered)s米"),
    ("power", "供电有余：要%(asked)s千伏安，有%(offered)s千伏安"),
    ("energy", "能耗指标够：要%(asked)s吨，有%(offered)s吨"),
)


def sought(need: Need, scale: int = 1) -> Sought:
    """Give a need as it is compared; with a ``scale``, in whole numbers of that part."""

    def scaled(value: Decimal | None) -> Any:  # noqa: ANN401 (Decimal or whole number)
        return value if value is None or scale == 1 else int(value * scale)

    most = [(limit, text, of, scaled(getattr(need, name))) for limit, text, name, of in MOST]
    least = [(limit, text, of, scaled(_per_mu(getattr(need, name), need))) for limit, text, name, of in LEAST]
    return Sought(
        need,
        scaled(need.land),
        scaled(need.floor),
        scaled(need.price),
        tuple(one for one in most if one[-1] is not None),
        tuple(one for one in least if one[-1] is not None),
    )


def _per_mu(amount: Decimal | None, need: Need) -> Decimal | None:
    return None if amount is None or not need.land else round(amount / need.land, 2)


def judge_place(need: Need, place: Place) -> Verdict:
    """Say whether a project fits a carrier, and how well."""
    asked = sought(need)
    return verdict_of(limits(asked, place), lambda: merits(asked, place))


def verdict_of(against: list[Finding], merits_of: Callable[[], list[Finding]]) -> Verdict:
    """Tell findings as reasons; merits count only where no limit is broken."""
    return Verdict(tuple(map(_reason, against)), () if against else tuple(map(_reason, merits_of())))


def _reason(found: Finding) -> Reason:
    text, points, limit, params = found
    return Reason(
        text, tuple((key, one if isinstance(one, str) else digits(one)) for key, one in params), points, limit
    )


def pair(asked: Any, offered: Any) -> tuple[tuple[str, Any], ...]:  # noqa: ANN401 (figures of any scale)
    """Name two figures of a finding."""
    return (("asked", asked), ("offered", offered))


def limits(one: Sought, place: Place) -> list[Finding]:
    """Find every hard limit that is broken."""
    found = [*_area_limits(one, place), *_industry_limits(one.need.words, place)]
    for limit, text, of, asked in one.most:
        offered = getattr(place, of)
        if offered is not None and asked > offered:
            found.append((text, 0, limit, pair(asked, offered)))
    if place.unit is Unit.MU:
        for limit, text, of, brought in one.least:
            asked = getattr(place, of)
            if asked is not None and asked > brought:
                found.append((text, 0, limit, pair(asked, brought)))
    return found


def _area_limits(one: Sought, place: Place) -> list[Finding]:
    land = place.unit is Unit.MU
    area, other = (one.land, one.floor) if land else (one.floor, one.land)
    if area is None and other is not None:
        return [("项目要厂房，不要土地" if land else "项目要土地，不要厂房", 0, "kind", ())]
    if area is not None and area > place.free:
        text = "要%(asked)s亩，只剩%(offered)s亩" if land else "要%(asked)s平方米，只剩%(offered)s平方米"
        return [(text, 0, "area", pair(area, place.free))]
    return []


def _industry_limits(words: frozenset[str], place: Place) -> list[Finding]:
    if place.barred and (word := meets(words, place.barred)):
        return [("产业在禁止之列：%(word)s", 0, "barred", (("word", word),))]
    if place.industries and words and not meets(words, place.industries):
        return [("只接受：%(words)s", 0, "industry", (("words", "、".join(sorted(place.industries))),))]
    return []


def merits(one: Sought, place: Place) -> list[Finding]:
    """Find what speaks for a place where no limit is broken; the points add up."""
    found: list[Finding] = [(CLEAR, BASE, "", ())]
    if word := meets(one.need.words, place.industries | place.words if place.words else place.industries):
        found.append(("产业对口：%(word)s", INDUSTRY, "", (("word", word),)))
    area = one.land if place.unit is Unit.MU else one.floor
    if area:
        if place.free * TENTHS <= area * SNUG:
            found.append(("面积正合适：要%(asked)s，剩%(offered)s", CLOSE, "", pair(area, place.free)))
        elif place.free * TENTHS <= area * ROOMY:
            found.append(("面积够用：要%(asked)s，剩%(offered)s", WIDE, "", pair(area, place.free)))
    if one.price is not None and place.price is not None:
        if place.price <= one.price:
            found.append(("价格在预算内：%(offered)s，预算%(asked)s", BELOW, "", pair(one.price, place.price)))
        else:
            found.append(("价格高出预算：%(offered)s，预算%(asked)s", -DEAR, "", pair(one.price, place.price)))
    asked_of = {of: asked for _limit, _text, of, asked in one.most}
    for of, text in ROOMS:
        asked, offered = asked_of.get(of), getattr(place, of)
        if asked is not None and offered is not None:
            found.append((text, ROOM, "", pair(asked, offered)))
    if place.again:
        found.append(("二次招商：%(day)s收回，优先推荐", AGAIN, "", (("day", place.again),)))
    return found
