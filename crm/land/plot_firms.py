"""For a vacant carrier: enterprises to approach, hard limits first, then the sum of their reasons.

The place is judged by the engine of the page 匹配; what drives an enterprise by the rules of the proposals for a chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from crm.enterprises.models import Enterprise, ListEntry
from crm.enterprises.queries import live
from crm.land.chains import finding, gathering
from crm.matching import places
from crm.pipeline.intake import setup
from crm.pipeline.intake.dimensions import industry_of
from crm.resources.carriers.models import CarrierHold
from crm.resources.chains import matching
from crm.resources.chains.matching import Wanted
from crm.resources.chains.rules import Reason
from crm.resources.matching.rules import CLEAR, judge_place, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.land.chains.finding import Proposal
    from crm.pipeline.intake.setup import Setup
    from crm.resources.carriers.models import Carrier
    from crm.resources.matching.rules import Verdict

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Called:
    """What is free of a carrier (its own unit), and whom to approach for it, the weightiest first."""

    free: Decimal | None
    proposals: Sequence[Proposal]


def firms(session: Session, actor: Actor, carrier: Carrier, *, now: datetime, today: date) -> Called:
    """Say whom to approach for what is free of a carrier; nobody where nothing is."""
    offered = list(places.offered(session, today, carrier.id))
    if not offered:
        return Called(None, ())
    place, known = places.exact(offered[0].place), setup.load(session)
    ids = _ids(session, carrier, known)
    rows = {row.id: row for row in session.scalars(select(Enterprise).where(Enterprise.id.in_(ids), live()))}
    verdicts = {key: judge_place(places.need_of_firm(row, known), place) for key, row in rows.items()}
    fitting = [key for key in ids if key in verdicts and verdicts[key].fits]
    found = gathering.candidates(session, actor, fitting, (), now=now)
    reasons = {key: [*_of_place(verdicts[key]), *matching.drive(one)] for key, one in found.rows.items()}
    return Called(place.free, finding.ranked(found, reasons)[:SHOWN])


def _of_place(verdict: Verdict) -> list[Reason]:
    """Give what the engine of places said, without what everybody is given."""
    return [Reason(one.text, dict(one.params), one.points) for one in verdict.reasons if one.text != CLEAR]


def _ids(session: Session, carrier: Carrier, known: Setup) -> list[int]:
    """Enterprises that may do, a bounded number: of the industries that are taken, or with a plan where all are."""
    inside = select(CarrierHold.enterprise_id).where(
        CarrierHold.carrier_id == carrier.id, CarrierHold.enterprise_id.is_not(None), CarrierHold.ended_at.is_(None)
    )
    without = {key for key in session.scalars(inside) if key is not None}
    if words_of(carrier.industries):
        return finding.search(session, Wanted(_words(carrier, known), ()), (), without)
    listed = select(ListEntry.id).where(ListEntry.enterprise_id == Enterprise.id).exists()
    planned = or_(Enterprise.land_plan.is_not(None), Enterprise.investment_plan.is_not(None))
    statement = select(Enterprise.id).where(live(), Enterprise.id.not_in(without), planned)
    order = (listed.desc(), Enterprise.id.desc())
    return list(session.scalars(statement.order_by(*order).limit(finding.LOOKED_AT)))


def _words(carrier: Carrier, known: Setup) -> tuple[str, ...]:
    """What a carrier takes, with the words by which the office's plan knows these industries."""
    named = (industry_of((one,), known.dimensions) for one in carrier.industries)
    more = [word for one in named if one is not None for word in (one.name, *one.words)]
    return tuple(dict.fromkeys([*carrier.industries, *more]))
