"""Which carriers fit a project: hard limits first, the rest ranked with reasons. One reading for every door."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.land import needs
from crm.pipeline.intake import setup
from crm.pipeline.intake.dimensions import industry_of
from crm.resources.carriers import queries as carriers
from crm.resources.carriers.models import Carrier
from crm.resources.carriers.rules import LAND, CarrierKind
from crm.resources.matching.rules import Place, Unit, Verdict, judge_place, words_in

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal
    from typing import Any

    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from crm.resources.matching.rules import Need

SHOWN = 20
WHY_NOT = 8
NEARLY = 5


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


COLUMNS = (
    Carrier.id,
    Carrier.name,
    Carrier.code,
    Carrier.kind,
    Carrier.area,
    Carrier.price,
    Carrier.industries,
    Carrier.barred,
    Carrier.ceiling,
    Carrier.load,
    Carrier.power,
    Carrier.energy,
    Carrier.height_limit,
    Carrier.min_intensity,
    Carrier.min_tax,
)


def need_of(session: Session, project: Project) -> Need:
    """Give what a project needs; its industry brings the words of the office's plan with it."""
    industry = industry_of((project.industry, project.product_line, project.name), setup.load(session).dimensions)
    extra = () if industry is None else (industry.name, *industry.words)
    return needs.need_of(project, needs.stated(session, project.id), tuple(extra))


def for_project(session: Session, project: Project, day: date, most: int = SHOWN) -> Matches:
    """Look through everything offered on a day for a project."""
    return best_for(session, need_of(session, project), day, most)


def best_for(session: Session, need: Need, day: date, most: int = SHOWN) -> Matches:
    """Look through everything offered on a day for a need."""
    held = carriers.held_on(day)
    again = carriers.offered_again(day).label("again")
    statement = carriers.offered(day).with_only_columns(*COLUMNS, held.label("held"), again)
    found: list[Match] = []
    missed: list[Match] = []
    why = Counter[str]()
    looked = 0
    for row in session.execute(statement):
        looked += 1
        place = _place(row)
        verdict = judge_place(need, place)
        match = Match(row.id, row.name, row.code, row.kind, place.free, verdict)
        if verdict.fits:
            found.append(match)
            continue
        limits = {reason.limit for reason in verdict.against}
        why.update(limits)
        if len(limits) == 1 and "kind" not in limits:
            missed.append(match)
    found.sort(key=lambda match: (-match.verdict.points, match.free, match.code))
    missed.sort(key=lambda match: (match.verdict.against[0].limit, -match.free, match.code))
    return Matches(tuple(found[:most]), len(found), looked, tuple(why.most_common(WHY_NOT)), tuple(missed[:NEARLY]))


def _place(row: Any) -> Place:  # noqa: ANN401 (a row of chosen columns)
    return Place(
        unit=Unit.MU if row.kind in LAND else Unit.SQM,
        free=row.area - (row.held or 0),
        price=row.price,
        industries=words_in(tuple(row.industries)),
        barred=words_in(tuple(row.barred)),
        ceiling=row.ceiling,
        load=row.load,
        power=row.power,
        energy=row.energy,
        height_limit=row.height_limit,
        min_intensity=row.min_intensity,
        min_tax=row.min_tax,
        again=row.again.isoformat() if row.again else "",
    )
