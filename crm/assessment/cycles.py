"""Reads: how long projects take from one step to another (周期), for those that took the second step in a period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crm.assessment.facts import entries
from crm.core.scheduling import SHANGHAI
from crm.enterprises.models import Enterprise
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import STAGE_LABELS, Stage

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.assessment.window import Window

MOST = 5000


@dataclass(frozen=True, slots=True)
class Cycle:
    """From which stage to which."""

    start: Stage
    end: Stage

    @property
    def key(self) -> str:
        """How an address names it."""
        return f"{self.start.value}-{self.end.value}"

    @property
    def labels(self) -> tuple[str, str]:
        """What the two stages are called."""
        return STAGE_LABELS[self.start], STAGE_LABELS[self.end]


CYCLES: tuple[Cycle, ...] = (
    Cycle(Stage.LEAD, Stage.VISITING),
    Cycle(Stage.VISITING, Stage.SIGNED),
    Cycle(Stage.SIGNED, Stage.REGISTERED),
    Cycle(Stage.SIGNED, Stage.STARTED),
    Cycle(Stage.STARTED, Stage.IN_PRODUCTION),
    Cycle(Stage.IN_PRODUCTION, Stage.FULL_CAPACITY),
)


@dataclass(frozen=True, slots=True)
class Walk:
    """One project's way from one step to the other, in calendar days of Shanghai."""

    project_id: int
    project: str
    enterprise: str
    begun: date
    ended: date

    @property
    def days(self) -> int:
        """How long it took."""
        return (self.ended - self.begun).days


def walks(session: Session, cycle: Cycle, window: Window) -> list[Walk]:
    """Every project that first reached the second stage in the window, the slowest first."""
    found = entries(cycle.end)(window).subquery()
    first = aliased(StageEntry)
    begun = (
        select(func.min(first.at))
        .where(first.project_id == found.c.project_id, first.to_stage == cycle.start.value, first.undone_at.is_(None))
        .correlate(found)
        .scalar_subquery()
    )
    statement = (
        select(Project.id, Project.name, Enterprise.name, begun, found.c.at)
        .select_from(found)
        .join(Project, Project.id == found.c.project_id)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .limit(MOST)
    )
    rows = [
        Walk(project_id, name, firm, _day(since), _day(at))
        for project_id, name, firm, since, at in session.execute(statement)
        if since is not None
    ]
    return sorted(rows, key=lambda one: (-one.days, one.project_id))


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()
