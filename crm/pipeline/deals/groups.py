"""Local views of the board (五个一批、八步规程): the same projects, summed up by groups of stages."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.pipeline.cards import conditions
from crm.pipeline.models import Project
from crm.pipeline.rules import Stage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.cards import Clock, Filters
    from crm.pipeline.deals.terms import Group, LocalView


@dataclass(slots=True)
class GroupRow:
    """A group with its number of projects, their sum in 万元, and the number in each of its stages."""

    group: Group
    count: int = 0
    total: Decimal = Decimal(0)
    stages: dict[Stage, int] = field(default_factory=dict)


def totals(session: Session, actor: Actor, filters: Filters, view: LocalView, clock: Clock) -> list[GroupRow]:
    """Sum up the visible projects by the groups of a local view, in one query."""
    rows = {group.name: GroupRow(group, stages=dict.fromkeys(group.stages, 0)) for group in view.groups}
    statement = (
        select(Project.stage, func.count(), func.sum(Project.total_investment))
        .where(*conditions(session, actor, filters, clock))
        .group_by(Project.stage)
    )
    for stage, count, total in session.execute(statement):
        row = rows[view.group_of(stage).name]
        row.count += count
        row.total += total or Decimal(0)
        row.stages[Stage(stage)] = count
    return list(rows.values())
