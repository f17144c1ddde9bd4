"""Reads: figures by unit and the rows behind them, targets, campaigns, the funnel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.assessment.facts import READ, Measure, Window, furthest
from crm.assessment.goals import WHOLE_YEAR
from crm.assessment.items import STANDARD, Item, Phase, stored
from crm.assessment.measures import FUNNEL_STAGES, INVESTMENT
from crm.assessment.models import Campaign, CampaignItem, CampaignPhase, CampaignTask, Target
from crm.assessment.ratios import plain
from crm.assessment.rules import Metric, Number, TargetLevel
from crm.assessment.summing import by_person, by_unit, figures, paired, ratio, ratios, selected, summed, total
from crm.auth.models import OrgUnit
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import PAGE_SIZE, Key, Page, fetch_page
from crm.enterprises.models import Enterprise
from crm.pipeline.models import Project
from crm.pipeline.rules import ORDER, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

__all__ = [  # sums are read from here as well
    "by_person",
    "by_unit",
    "figures",
    "paired",
    "ratio",
    "ratios",
    "selected",
    "summed",
    "total",
]
MISSING = Problem("campaign.missing", "没有这个会战，可能已被删除。")
NO_UNIT = Problem("unit.hidden", "没有这个单位，或者不在您的查看范围内。")


@dataclass(frozen=True, slots=True)
class FactRow:
    """One counted row with the names it is shown by; ``amount`` is what it adds to the figure."""

    id: int
    unit_id: int
    unit: str
    enterprise_id: int | None
    enterprise: str
    project_id: int | None
    project: str | None
    at: datetime
    note: str | None
    person_id: int | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the funnel: projects that reached it and their planned investment (万元)."""

    stage: Stage
    count: int
    amount: Decimal


def visible_units(
    actor: Actor, measure: Measure, unit_id: int | None = None, units: frozenset[int] | None = None
) -> frozenset[int] | None:
    """Units whose rows of this kind the person sees, narrowed to one unit or to several; None means all.

    A unit out of reach is not found, so that its existence is not told either.
    """
    scope = actor.scope(READ[measure.kind])
    asked = units if unit_id is None else frozenset({unit_id})
    if asked is None:
        return scope
    if scope is not None and not asked <= scope:
        raise NotFoundError(NO_UNIT)
    return asked


def matrix(session: Session, window: Window, items: Sequence[Item] = STANDARD) -> dict[tuple[int, str], Number]:
    """Done per unit and key of an item, in one query; the five metrics unless told otherwise."""
    wanted = [(item.key, item.measure, replace(window, lens=item.lens)) for item in items]
    found = summed(session, wanted, "unit_id")
    return {(unit_id, key): plain(done) for key, sums in found.items() for unit_id, done in sums.items()}


def by_people(session: Session, window: Window, items: Sequence[Item]) -> list[tuple[int | None, dict[str, Number]]]:
    """Done per person and key of an item, the busiest first; None is what is nobody's."""
    found = summed(session, [(item.key, item.measure, replace(window, lens=item.lens)) for item in items], "person_id")
    lines: dict[int | None, dict[str, Number]] = {}
    for key, sums in found.items():
        for person, done in sums.items():
            lines.setdefault(person, {})[key] = plain(done)
    return sorted(
        lines.items(), key=lambda line: (-sum(bool(done) for done in line[1].values()), -sum(line[1].values()))
    )


def _named(session: Session, measure: Measure, window: Window) -> tuple[Select[Any], Any]:
    facts = selected(session, measure, window).subquery()
    statement = (
        select(facts, OrgUnit.name.label("unit"), Enterprise.name.label("enterprise"), Project.name.label("project"))
        .join(OrgUnit, OrgUnit.id == facts.c.unit_id)
        .outerjoin(Enterprise, Enterprise.id == facts.c.enterprise_id)
        .outerjoin(Project, Project.id == facts.c.project_id)
    )
    return statement, facts


def _fact(row: Any) -> FactRow:  # noqa: ANN401 (a result row)
    fields = [name for name in FactRow.__slots__ if name not in {"amount", "enterprise"}]
    kept = {name: getattr(row, name) for name in fields}
    return FactRow(**kept, enterprise=row.enterprise or "", amount=Decimal(row.amount))


def rows(session: Session, measure: Measure, window: Window, *, most: int | None = None) -> list[FactRow]:
    """Every row behind a figure, oldest first; at most so many where told."""
    statement, facts = _named(session, measure, window)
    found = session.execute(statement.order_by(facts.c.at, facts.c.id, facts.c.unit_id).limit(most)).all()
    return [_fact(row) for row in found]


def rows_page(
    session: Session, measure: Measure, window: Window, cursor: str | None, size: int = PAGE_SIZE
) -> Page[FactRow]:
    """One page of the rows behind a figure, newest entry first."""
    statement, facts = _named(session, measure, window)
    order = [Key(facts.c.id, descending=True), Key(facts.c.unit_id)]  # a shared amount is a row for each unit
    page = fetch_page(session, statement, order, lambda row: (row.id, row.unit_id), cursor=cursor, size=size)
    return Page(tuple(_fact(row) for row in page.rows), page.next, page.previous)


def whole(session: Session, measure: Measure, window: Window) -> tuple[int, Decimal]:
    """How many rows stand behind a figure, and what they add up to."""
    facts = selected(session, measure, window).subquery()
    count, amount = session.execute(select(func.count(), func.sum(facts.c.amount))).one()
    return int(count), Decimal(amount or 0)


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


def grid_targets(session: Session, year: int, level: TargetLevel) -> list[Target]:
    """Targets of a whole year for one of the five metrics, of a unit or of the whole office, without other limits."""
    whole = (Target.person_id.is_(None), Target.low.is_(None), Target.high.is_(None), Target.period == WHOLE_YEAR)
    bare = (Target.currency == "", Target.sector == "", Target.site == "")
    five = Target.metric.in_([metric.value for metric in Metric])
    statement = select(Target).where(Target.year == year, Target.level == level, five, *whole, *bare)
    return list(session.scalars(statement.order_by(Target.id)))


def targets(session: Session, year: int, level: TargetLevel) -> dict[tuple[int, Metric], int]:
    """Targets of a year by unit and metric; parts of another unit's target are left to the tree."""
    rows = grid_targets(session, year, level)
    roots = {row.id for row in rows if row.unit_id is None}
    return {
        (row.unit_id, Metric(row.metric)): int(row.value)
        for row in rows
        if row.unit_id is not None and (row.parent_id is None or row.parent_id in roots)
    }


def office_targets(session: Session, year: int, level: TargetLevel) -> dict[Metric, int]:
    """Targets of the whole office for a year, by metric."""
    return {Metric(row.metric): int(row.value) for row in grid_targets(session, year, level) if row.unit_id is None}


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


def items(session: Session, campaign_id: int) -> tuple[Item, ...]:
    """What is counted in a campaign, in order."""
    kept = select(CampaignItem).where(CampaignItem.campaign_id == campaign_id)
    return stored(session.scalars(kept.order_by(CampaignItem.position, CampaignItem.id)).all())


def has_items(session: Session, campaign_id: int) -> bool:
    """Whether it was said what is counted in a campaign."""
    return session.scalar(select(CampaignItem.id).where(CampaignItem.campaign_id == campaign_id).limit(1)) is not None


def phases(session: Session, campaign_id: int) -> list[Phase]:
    """The phases of a campaign, in order."""
    kept = select(CampaignPhase).where(CampaignPhase.campaign_id == campaign_id).order_by(CampaignPhase.start_on)
    return [Phase(row.name, row.start_on, row.end_on, row.percent, row.plan or "") for row in session.scalars(kept)]


def tasks(session: Session, campaign_id: int) -> dict[tuple[int, str], Number]:
    """The tasks of a campaign by unit and key of its item."""
    found = session.scalars(select(CampaignTask).where(CampaignTask.campaign_id == campaign_id))
    return {(row.unit_id, row.metric): plain(row.value) for row in found}
