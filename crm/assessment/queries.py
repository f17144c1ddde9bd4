"""Reads: figures by unit and the rows behind them, targets, campaigns, the funnel."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, select, union_all

from crm.assessment.facts import READ, Measure, Window, furthest
from crm.assessment.measures import FUNNEL_STAGES, INVESTMENT, MEASURES
from crm.assessment.models import Campaign, CampaignTask, Target
from crm.assessment.rules import Metric, TargetLevel
from crm.auth.models import OrgUnit
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.models import Enterprise
from crm.pipeline.models import Project
from crm.pipeline.rules import ORDER, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MISSING = Problem("campaign.missing", "没有这个会战，可能已被删除。")
NO_UNIT = Problem("unit.hidden", "没有这个单位，或者不在您的查看范围内。")


@dataclass(frozen=True, slots=True)
class FactRow:
    """One counted row with the names it is shown by; ``amount`` is what it adds to the figure."""

    id: int
    unit_id: int
    unit: str
    enterprise_id: int
    enterprise: str
    project_id: int | None
    project: str | None
    at: datetime
    note: str | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the funnel: projects that reached it and their planned investment (万元)."""

    stage: Stage
    count: int
    amount: Decimal


def visible_units(actor: Actor, measure: Measure, unit_id: int | None = None) -> frozenset[int] | None:
    """Units whose rows of this kind the person sees, narrowed to one unit; None means all.

    A unit out of reach is not found, so that its existence is not told either.
    """
    scope = actor.scope(READ[measure.kind])
    if unit_id is None:
        return scope
    if scope is not None and unit_id not in scope:
        raise NotFoundError(NO_UNIT)
    return frozenset({unit_id})


def by_unit(session: Session, measure: Measure, window: Window) -> dict[int, Decimal]:
    """The figure of each unit that has any; their sum is the whole."""
    facts = measure.select(window).subquery()
    rows = session.execute(select(facts.c.unit_id, func.sum(facts.c.amount)).group_by(facts.c.unit_id)).all()
    return {unit_id: Decimal(amount) for unit_id, amount in rows}


def total(session: Session, measure: Measure, window: Window) -> Decimal:
    """The figure over all units of the window."""
    return sum(by_unit(session, measure, window).values(), Decimal(0))


def matrix(session: Session, window: Window) -> dict[tuple[int, Metric], int]:
    """Done per unit and metric, in one query."""
    parts = []
    for metric in Metric:
        facts = MEASURES[metric.value].select(window).subquery()
        name = literal(metric.value).label("metric")
        parts.append(select(name, facts.c.unit_id, func.sum(facts.c.amount)).group_by(facts.c.unit_id))
    return {(unit_id, Metric(metric)): int(done) for metric, unit_id, done in session.execute(union_all(*parts)).all()}


def _named(measure: Measure, window: Window) -> tuple[Select[Any], Any]:
    facts = measure.select(window).subquery()
    statement = (
        select(facts, OrgUnit.name.label("unit"), Enterprise.name.label("enterprise"), Project.name.label("project"))
        .join(OrgUnit, OrgUnit.id == facts.c.unit_id)
        .join(Enterprise, Enterprise.id == facts.c.enterprise_id)
        .outerjoin(Project, Project.id == facts.c.project_id)
    )
    return statement, facts


def _fact(row: Any) -> FactRow:  # noqa: ANN401 (a result row)
    fields = FactRow.__slots__
    return FactRow(**{name: getattr(row, name) for name in fields if name != "amount"}, amount=Decimal(row.amount))


def rows(session: Session, measure: Measure, window: Window) -> list[FactRow]:
    """Every row behind a figure, oldest first."""
    statement, facts = _named(measure, window)
    found = session.execute(statement.order_by(facts.c.at, facts.c.id, facts.c.unit_id)).all()
    return [_fact(row) for row in found]


def rows_page(session: Session, measure: Measure, window: Window, cursor: str | None) -> Page[FactRow]:
    """One page of the rows behind a figure, newest entry first."""
    statement, facts = _named(measure, window)
    order = [Key(facts.c.id, descending=True), Key(facts.c.unit_id)]  # a shared amount is a row for each unit
    page = fetch_page(session, statement, order, lambda row: (row.id, row.unit_id), cursor=cursor)
    return Page(tuple(_fact(row) for row in page.rows), page.next, page.previous)


def size(session: Session, measure: Measure, window: Window) -> int:
    """How many rows stand behind a figure."""
    return int(session.scalar(select(func.count()).select_from(measure.select(window).subquery())) or 0)


def funnel(session: Session, window: Window) -> list[Step]:
    """Count and planned investment by stage ever reached, in one query."""
    far = furthest(window)
    statement = (
        select(far.c.place, func.count(), func.sum(INVESTMENT))
        .join(Project, Project.id == far.c.project_id)
        .group_by(far.c.place)
    )
    found = [(int(place), int(count), Decimal(amount)) for place, count, amount in session.execute(statement).all()]
    steps = []
    for stage in FUNNEL_STAGES:
        beyond = [row for row in found if row[0] >= ORDER.index(stage)]
        steps.append(Step(stage, sum(row[1] for row in beyond), sum((row[2] for row in beyond), Decimal(0))))
    return steps


def targets(session: Session, year: int, level: TargetLevel) -> dict[tuple[int, Metric], int]:
    """Targets of a year by unit and metric."""
    found = session.scalars(select(Target).where(Target.year == year, Target.level == level))
    return {(row.unit_id, row.metric): row.value for row in found}


def target_units(session: Session, year: int, today: date) -> list[OrgUnit]:
    """Units valid today, and those that hold a target of the year, in the office's order."""
    held = select(Target.unit_id).where(Target.year == year)
    valid = (OrgUnit.valid_from <= today) & (OrgUnit.valid_to.is_(None) | (OrgUnit.valid_to >= today))
    statement = select(OrgUnit).where(valid | OrgUnit.id.in_(held)).order_by(OrgUnit.position, OrgUnit.id)
    return list(session.scalars(statement))


def units_by_id(session: Session, unit_ids: Sequence[int]) -> list[OrgUnit]:
    """These units in the office's order."""
    statement = select(OrgUnit).where(OrgUnit.id.in_(unit_ids)).order_by(OrgUnit.position, OrgUnit.id)
    return list(session.scalars(statement))


def campaigns(session: Session) -> list[tuple[Campaign, int]]:
    """All campaigns, newest first, each with the number of units that hold a task."""
    statement = (
        select(Campaign, func.count(func.distinct(CampaignTask.unit_id)))
        .outerjoin(CampaignTask, CampaignTask.campaign_id == Campaign.id)
        .group_by(Campaign.id)
        .order_by(Campaign.start_on.desc(), Campaign.id.desc())
    )
    return [(campaign, int(units)) for campaign, units in session.execute(statement).all()]


def campaign(session: Session, campaign_id: int) -> Campaign:
    """One campaign, or not found."""
    found = session.get(Campaign, campaign_id)
    if found is None:
        raise NotFoundError(MISSING)
    return found


def tasks(session: Session, campaign_id: int) -> dict[tuple[int, Metric], int]:
    """The tasks of a campaign by unit and metric."""
    found = session.scalars(select(CampaignTask).where(CampaignTask.campaign_id == campaign_id))
    return {(row.unit_id, row.metric): row.value for row in found}
