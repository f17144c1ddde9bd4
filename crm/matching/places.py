"""Which carriers fit a project: hard limits first, the rest ranked with reasons. One reading for every door.

Carriers are read once as whole numbers and ranked by findings; only those that are shown get figures and reasons.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from crm.core.types import MICRO_WAN
from crm.matching import needs
from crm.pipeline.intake import setup
from crm.pipeline.intake.dimensions import industry_of
from crm.resources.carriers import offers
from crm.resources.carriers.rules import LAND, CarrierKind
from crm.resources.matching.rules import Need, Place, Unit, Verdict, judge_place, limits, merits, sought, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from crm.matching.models import SiteNeed
    from crm.pipeline.intake.setup import Setup
    from crm.pipeline.models import Project

SHOWN = 20
WHY_NOT = 8
NEARLY = 5
ENOUGH = 500  # kept while ranking: the worse ones are let go, so that memory does not grow with what fits
FIGURES = ("free", "price", "ceiling", "load", "power", "energy", "height_limit", "min_intensity", "min_tax")


@dataclass(frozen=True, slots=True)
class Match:
    """A carrier and what is said of it for a project; ``free`` in its own unit."""

    carrier_id: int
    name: str
    code: str
    kind: CarrierKind
    free: Decimal
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Matches:
    """The best carriers, how many fit, why the others do not (key of the limit: how many), which nearly fit."""

    best: tuple[Match, ...]
    fitting: int
    looked: int
    why_not: tuple[tuple[str, int], ...]
    nearly: tuple[Match, ...] = ()


@dataclass(slots=True)  # not frozen: thousands are made for one page
class Offered:
    """A carrier as it is ranked, its place in whole numbers."""

    id: int
    kind: str
    code: str
    name: str
    place: Place


def need_of(session: Session, project: Project, known: Setup | None = None) -> Need:
    """Give what a project needs; its industry brings the words of the office's plan with it."""
    return need_from(project, needs.stated(session, project.id), known or setup.load(session))


def need_from(project: Project, stated: SiteNeed | None, known: Setup) -> Need:
    """Give what a project needs out of what was read of it."""
    industry = industry_of((project.industry, project.product_line, project.name), known.dimensions)
    extra = () if industry is None else (industry.name, *industry.words)
    return needs.need_of(project, stated, tuple(extra))


def need_of_firm(firm: Enterprise, known: Setup) -> Need:
    """What is known of an enterprise's wishes from the register: industry, land and money of its plan."""
    industry = industry_of((firm.industry, firm.name, firm.profile), known.dimensions)
    extra = () if industry is None else (industry.name, *industry.words)
    return Need(land=firm.land_plan or None, words=words_of((firm.industry, *extra)), fixed=firm.investment_plan)


def for_project(session: Session, project: Project, day: date, most: int = SHOWN) -> Matches:
    """Look through everything offered on a day for a project."""
    return best_for(session, need_of(session, project), day, most)


def best_for(session: Session, need: Need, day: date, most: int = SHOWN) -> Matches:
    """Look through everything offered on a day for a need."""
    return best_of(need, offered(session, day), most)


def offered(session: Session, day: date, carrier_id: int | None = None) -> Iterator[Offered]:
    """Read what is offered on a day; keep it in a list to rank it for many needs."""
    for key, kind, code, name, free, industries, barred, again, *figures in offers.offers(session, day, carrier_id):
        price, *others = figures
        unit = Unit.MU if kind in LAND else Unit.SQM
        place = Place(unit, free, price, words_of_json(industries), words_of_json(barred), *others)
        if again:
            place.again = again.isoformat()
        yield Offered(key, kind, code, name, place)


def best_of(need: Need, rows: Iterable[Offered], most: int = SHOWN) -> Matches:
    """Rank what is offered for a need."""
    asked = sought(need, MICRO_WAN)
    found: list[tuple[int, int, str, Offered]] = []
    missed: list[tuple[str, int, str, Offered]] = []
    why = Counter[str]()
    looked = fitting = 0
    for one in rows:
        looked += 1
        broken = limits(asked, one.place)
        if not broken:
            points = sum(finding[1] for finding in merits(asked, one.place))
            fitting += 1
            found.append((-points, one.place.free, one.code, one))
            found = found if len(found) < ENOUGH else nsmallest(most, found, key=_key)
            continue
        for finding in broken:
            why[finding[2]] += 1
        if len(broken) == 1 and broken[0][2] != "kind":
            missed.append((broken[0][2], -one.place.free, one.code, one))
            missed = missed if len(missed) < ENOUGH else nsmallest(NEARLY, missed, key=_key)
    best, nearly = nsmallest(most, found, key=_key), nsmallest(NEARLY, missed, key=_key)
    shown = [tuple(_told(need, one[-1]) for one in some) for some in (best, nearly)]
    return Matches(shown[0], fitting, looked, tuple(why.most_common(WHY_NOT)), shown[1])


def _key(one: tuple[Any, int, str, Offered]) -> tuple[Any, int, str]:
    return one[:3]


def _told(need: Need, one: Offered) -> Match:
    place = exact(one.place)
    return Match(one.id, one.name, one.code, CarrierKind(one.kind), place.free, judge_place(need, place))


def exact(place: Place) -> Place:
    """Give a place with its figures in their units."""
    figures: dict[str, Any] = {name: getattr(place, name) for name in FIGURES}
    exact_ones = {name: Decimal(one) / MICRO_WAN for name, one in figures.items() if one is not None}
    return replace(place, **{**figures, **exact_ones})


@lru_cache(maxsize=8192)
def words_of_json(text: str) -> frozenset[str]:
    """Fold a list of words that many rows share, once."""
    return words_of(json.loads(text))
