"""One engine for what fits what: hard limits first, then points with reasons that add up. Pure.

The same verdict is read by the page, the interface for other systems and the brief. What nobody typed does not limit
and earns nothing: a limit is only broken by a figure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from crm.core.money import digits
from crm.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

ZERO = Decimal(0)
BASE = 50
SNUG, ROOMY = Decimal("1.2"), Decimal(2)
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
class Place:
    """What a carrier offers; ``free`` in its own unit."""

    unit: Unit
    free: Decimal
    price: Decimal | None = None
    industries: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    ceiling: Decimal | None = None
    load: Decimal | None = None
    power: Decimal | None = None
    energy: Decimal | None = None
    height_limit: Decimal | None = None
    min_intensity: Decimal | None = None
    min_tax: Decimal | None = None
    words: frozenset[str] = field(default=frozenset())
    again: str = ""  # the day since which it is offered again (二次招商), blank where it is not


def words_of(texts: Iterable[str | None]) -> frozenset[str]:
    """Fold words once, so that ten thousand comparisons need not."""
    return frozenset(folded for text in texts if text and (folded := fold(text).strip()))


@lru_cache(maxsize=4096)
def words_in(texts: tuple[str, ...]) -> frozenset[str]:
    """Fold words that many rows share, once."""
    return words_of(texts)


def meets(asked: frozenset[str], offered: frozenset[str]) -> str | None:
    """Return a word of ``asked`` that is, holds or lies in a word of ``offered``; None where nothing meets."""
    both = asked & offered
    if both:
        return min(both)
    return next((word for word in sorted(asked) for other in offered if other in word or word in other), None)


def judge_place(need: Need, place: Place) -> Verdict:
    """Say whether a project fits a carrier, and how well."""
    against = _limits(need, place)
    return Verdict(tuple(against), () if against else tuple(_merits(need, place)))


def _pair(asked: Decimal, offered: Decimal) -> tuple[tuple[str, str], ...]:
    return (("asked", digits(asked)), ("offered", digits(offered)))


def _limits(need: Need, place: Place) -> list[Reason]:
    found = [*_area_limits(need, place), *_industry_limits(need, place)]
    for limit, text, asked, offered in (
        ("ceiling", "要层高%(asked)s米，只有%(offered)s米", need.ceiling, place.ceiling),
        ("load", "要荷载%(asked)s吨/平方米，只有%(offered)s吨", need.load, place.load),
        ("power", "要电%(asked)s千伏安，只有%(offered)s千伏安", need.power, place.power),
        ("energy", "年用能%(asked)s吨标煤，指标只有%(offered)s吨", need.energy, place.energy),
        ("height", "建筑高%(asked)s米，限高%(offered)s米", need.building, place.height_limit),
        (
            "intensity",
            "投资强度要求%(asked)s万元/亩，项目只有%(offered)s万元/亩",
            place.min_intensity,
            _per_mu(need.fixed, need, place),
        ),
        ("tax", "亩均税收要求%(asked)s万元，项目只有%(offered)s万元", place.min_tax, _per_mu(need.tax, need, place)),
    ):
        if asked is not None and offered is not None and asked > offered:
            found.append(Reason(text, _pair(asked, offered), limit=limit))
    return found


def _area_limits(need: Need, place: Place) -> Iterable[Reason]:
    land = place.unit is Unit.MU
    area, other = (need.land, need.floor) if land else (need.floor, need.land)
    if area is None and other is not None:
        yield Reason("项目要厂房，不要土地" if land else "项目要土地，不要厂房", limit="kind")
    elif area is not None and area > place.free:
        text = "要%(asked)s亩，只剩%(offered)s亩" if land else "要%(asked)s平方米，只剩%(offered)s平方米"
        yield Reason(text, _pair(area, place.free), limit="area")


def _industry_limits(need: Need, place: Place) -> Iterable[Reason]:
    if place.barred and (word := meets(need.words, place.barred)):
        yield Reason("产业在禁止之列：%(word)s", (("word", word),), limit="barred")
    elif place.industries and need.words and not meets(need.words, place.industries):
        yield Reason("只接受：%(words)s", (("words", "、".join(sorted(place.industries))),), limit="industry")


def _per_mu(amount: Decimal | None, need: Need, place: Place) -> Decimal | None:
    if amount is None or not need.land or place.unit is not Unit.MU:
        return None
    return round(amount / need.land, 2)


def _merits(need: Need, place: Place) -> Iterable[Reason]:
    yield Reason("没有碰到硬条件", points=BASE)
    if word := meets(need.words, place.industries | place.words):
        yield Reason("产业对口：%(word)s", (("word", word),), INDUSTRY)
    area = need.land if place.unit is Unit.MU else need.floor
    if area:
        share = place.free / area
        if share <= SNUG:
            yield Reason("面积正合适：要%(asked)s，剩%(offered)s", _pair(area, place.free), CLOSE)
        elif share <= ROOMY:
            yield Reason("面积够用：要%(asked)s，剩%(offered)s", _pair(area, place.free), WIDE)
    if need.price is not None and place.price is not None:
        if place.price <= need.price:
            yield Reason("价格在预算内：%(offered)s，预算%(asked)s", _pair(need.price, place.price), BELOW)
        else:
            yield Reason("价格高出预算：%(offered)s，预算%(asked)s", _pair(need.price, place.price), -DEAR)
    for text, asked, offered in (
        ("层高有余：要%(asked)s米，有%(offered)s米", need.ceiling, place.ceiling),
        ("供电有余：要%(asked)s千伏安，有%(offered)s千伏安", need.power, place.power),
        ("能耗指标够：要%(asked)s吨，有%(offered)s吨", need.energy, place.energy),
    ):
        if asked is not None and offered is not None:
            yield Reason(text, _pair(asked, offered), ROOM)
    if place.again:
        yield Reason("二次招商：%(day)s收回，优先推荐", (("day", place.again),), AGAIN)
