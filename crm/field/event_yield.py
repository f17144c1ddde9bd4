"""What an event brought: the projects credited to it, which of them count as leads and signings, what each cost.

A project is credited out of an attendance, through a tip that became a lead, or by hand with a reason. What counts
as a lead or a signing is decided where every figure of the product is (:mod:`crm.assessment.measures`); confidential
projects count nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, select, union, union_all

from crm.assessment.facts import Window
from crm.assessment.measures import MEASURES
from crm.auth.models import OrgUnit, User
from crm.fieldwork.events.models import EventCredit, EventGuest
from crm.fieldwork.events.rules import per
from crm.pipeline.intake.models import LeadTip
from crm.pipeline.models import Project
from crm.pipeline.queries import privy, visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import CompoundSelect
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.rules import Stage

EVER = (date(2000, 1, 1), date(2100, 12, 31))
MOST = 500
LEADS, SIGNINGS, AMOUNT = "leads", "signings", "signed_amount"


class Way(StrEnum):
    """How a project came to be credited."""

    GUEST = "guest"
    TIP = "tip"
    HAND = "hand"


WAY_LABELS: dict[Way, str] = {Way.GUEST: "到场来宾转线索", Way.TIP: "来宾随手报转线索", Way.HAND: "人工计入"}


@dataclass(frozen=True, slots=True)
class Yield:
    """What one event brought; money in 万元."""

    leads: int = 0
    signings: int = 0
    amount: Decimal = Decimal(0)

    def per_lead(self, cost: Decimal | None) -> Decimal | None:
        """Cost of one lead, None without a cost or a lead."""
        return per(cost, self.leads)

    def per_signing(self, cost: Decimal | None) -> Decimal | None:
        """Cost of one signing, None without a cost or a signing."""
        return per(cost, self.signings)


@dataclass(frozen=True, slots=True)
class Brought:
    """A row behind the figures; ``name`` is None where the project is another unit's and not this reader's to open."""

    project_id: int
    name: str | None
    unit: str
    stage: Stage
    way: Way
    reason: str | None
    by: str | None
    credit_id: int | None
    lead: bool
    signing: bool
    amount: Decimal


def totals(session: Session, event_ids: Sequence[int], now: datetime) -> dict[int, Yield]:
    """Leads, signings and their amounts of several events, in two queries."""
    credited = _credited(event_ids).subquery()
    leads: dict[int, int] = {}
    signings: dict[int, int] = {}
    parts = []
    for key in (LEADS, SIGNINGS):
        facts = _facts(key, now)
        counted = select(literal(key), credited.c.event_id, func.count(facts.c.project_id.distinct()))
        parts.append(counted.join(facts, facts.c.project_id == credited.c.project_id).group_by(credited.c.event_id))
    for key, event_id, number in session.execute(union_all(*parts)):
        (leads if key == LEADS else signings)[event_id] = number
    facts = _facts(AMOUNT, now)
    summed = select(credited.c.event_id, func.sum(facts.c.amount))
    joined = summed.join(facts, facts.c.project_id == credited.c.project_id).group_by(credited.c.event_id)
    amounts = {event_id: Decimal(amount) for event_id, amount in session.execute(joined)}
    return {one: Yield(leads.get(one, 0), signings.get(one, 0), amounts.get(one, Decimal(0))) for one in event_ids}


def rows(session: Session, actor: Actor, event_id: int, now: datetime) -> list[Brought]:
    """Every project credited to an event of which the person may know, newest first."""
    credited = _credited([event_id]).subquery()
    seen = select(Project.id).where(visible_to(actor)).subquery()
    mine = (EventCredit.event_id == credited.c.event_id) & (EventCredit.project_id == credited.c.project_id)
    statement = (
        select(Project, seen.c.id, OrgUnit.name, EventCredit, User.name)
        .join(credited, credited.c.project_id == Project.id)
        .join(OrgUnit, OrgUnit.id == Project.unit_id)
        .outerjoin(EventCredit, mine)
        .outerjoin(User, User.id == EventCredit.by)
        .outerjoin(seen, seen.c.id == Project.id)
        .where(privy(actor))
        .order_by(Project.id.desc())
        .limit(MOST)
    )
    found = session.execute(statement).all()
    counted = _counted(session, [row[0].id for row in found], now)
    return [_brought(row, counted) for row in found]


def _brought(row: Any, counted: dict[str, dict[int, Decimal]]) -> Brought:  # noqa: ANN401 (a result row)
    project, seen, unit, credit, by = row
    return Brought(
        project_id=project.id,
        name=project.name if seen is not None else None,
        unit=unit,
        stage=project.stage,
        way=Way.TIP if credit is None else Way.HAND if credit.guest_id is None else Way.GUEST,
        reason=credit.reason if credit is not None and seen is not None else None,
        by=by,
        credit_id=credit.id if credit is not None else None,
        lead=project.id in counted[LEADS],
        signing=project.id in counted[SIGNINGS],
        amount=counted[AMOUNT].get(project.id, Decimal(0)),
    )


def _counted(session: Session, project_ids: Sequence[int], now: datetime) -> dict[str, dict[int, Decimal]]:
    """Which of these projects count as lead and signing, and with how much."""
    found: dict[str, dict[int, Decimal]] = {LEADS: {}, SIGNINGS: {}, AMOUNT: {}}
    if not project_ids:
        return found
    for key, by_project in found.items():
        facts = _facts(key, now)
        summed = select(facts.c.project_id, func.sum(facts.c.amount)).where(facts.c.project_id.in_(project_ids))
        rows_of = session.execute(summed.group_by(facts.c.project_id))
        by_project.update({project_id: Decimal(amount) for project_id, amount in rows_of})
    return found


def _facts(key: str, now: datetime) -> Any:  # noqa: ANN401 (a subquery)
    return MEASURES[key].select(Window(*EVER, now)).subquery()


def _credited(event_ids: Sequence[int]) -> CompoundSelect[Any]:
    """Pairs of event and project: credits, and tips of guests that became leads; each pair once."""
    credits_ = select(EventCredit.event_id, EventCredit.project_id).where(EventCredit.event_id.in_(event_ids))
    tips = (
        select(EventGuest.event_id, LeadTip.project_id)
        .join(LeadTip, LeadTip.id == EventGuest.tip_id)
        .where(EventGuest.event_id.in_(event_ids), LeadTip.project_id.is_not(None))
    )
    return union(credits_, tips)
