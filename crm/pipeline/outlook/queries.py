"""Reads of the calendar and the forecast: few queries over the same projects as the board."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select, type_coerce

from crm.core import options
from crm.core.types import Wan
from crm.enterprises.models import Enterprise
from crm.pipeline.cards import conditions, next_due
from crm.pipeline.models import Project
from crm.pipeline.outlook import rules
from crm.pipeline.outlook.rules import CERTAIN, UNSIGNED, Gap

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.cards import Clock, Filters
    from crm.pipeline.outlook.rules import Probabilities
    from crm.pipeline.rules import Stage

SHOWN = 3
MONTHS = 60


@dataclass(frozen=True, slots=True)
class Item:
    """A project on a day of the calendar."""

    id: int
    name: str
    enterprise: str
    stage: Stage


@dataclass(slots=True)
class Day:
    """What a day of the calendar holds: how many projects, and the first of them."""

    count: int
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Month:
    """What is expected to be signed in a month, raw and weighted, in 万元; ``key`` is how the list is narrowed."""

    key: str
    count: int
    amount: Decimal
    weighted: Decimal


def probabilities(session: Session) -> Probabilities:
    """Return the probabilities by stage as the office set them."""
    return rules.probabilities(options.read(session, rules.OPTION).get(rules.OPTION, {}))


def chance(chances: Probabilities) -> Any:  # noqa: ANN401 (a column)
    """How likely the signing of a project is, in percent: its own outlook, else that of its stage."""
    usual = case({stage: chances.of(stage) for stage in UNSIGNED}, value=Project.stage, else_=0)
    return func.coalesce(Project.probability, usual)


def days(
    session: Session, actor: Actor, filters: Filters, clock: Clock, span: tuple[date, date], *, signing: bool
) -> dict[date, Day]:
    """Days of a span with the projects whose next step is due, or whose signing is expected, in one query."""
    shown = conditions(session, actor, filters, clock)
    statement: Any = select(Project.id, Project.name, Enterprise.name.label("enterprise"), Project.stage)
    statement = statement.join(Enterprise, Enterprise.id == Project.enterprise_id).where(*shown)
    if signing:
        on: Any = Project.expected_sign_on
        statement = statement.where(Project.stage.in_(UNSIGNED))
    else:
        due = next_due()
        on = due.c.due_on
        statement = statement.join(due, due.c.project_id == Project.id)
    place = func.row_number().over(partition_by=on, order_by=Project.id).label("place")
    number = func.count().over(partition_by=on).label("number")
    placed = statement.add_columns(on.label("day"), place, number).where(on.between(*span)).subquery()
    rows = session.execute(select(placed).where(placed.c.place <= SHOWN).order_by(placed.c.day, placed.c.place))
    found: dict[date, Day] = {}
    for row in rows:
        day = found.setdefault(row.day, Day(row.number, []))
        day.items.append(Item(row.id, row.name, row.enterprise, row.stage))
    return found


def forecast(session: Session, actor: Actor, filters: Filters, chances: Probabilities, clock: Clock) -> list[Month]:
    """Months with what is expected to be signed in them, slipped first, without a day last, in one query."""
    shown = conditions(session, actor, replace(filters, expect=None), clock)
    weighted = func.sum(Project.total_investment * chance(chances))
    statement = (
        select(
            Project.expected_sign_on,
            func.count().label("number"),
            func.sum(Project.total_investment).label("amount"),
            type_coerce(weighted, Wan).label("weighted"),
        )
        .where(*shown, Project.stage.in_(UNSIGNED))
        .group_by(Project.expected_sign_on)
    )
    sums: defaultdict[str, list[Any]] = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for row in session.execute(statement):
        line = sums[_month(row.expected_sign_on, clock.today)]
        line[0] += row.number
        line[1] += row.amount or 0
        line[2] += (row.weighted or Decimal(0)) / CERTAIN
    order = {str(Gap.SLIPPED): "", str(Gap.NONE): "~"}
    keys = sorted(sums, key=lambda key: order.get(key, key))
    return [Month(key, *sums[key]) for key in keys][:MONTHS]


def _month(day: date | None, today: date) -> str:
    if day is None:
        return str(Gap.NONE)
    return str(Gap.SLIPPED) if day < today else rules.month_of(day)
