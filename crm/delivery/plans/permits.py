"""How long departments take over permits (审批用时): working days from acceptance to the end, with rows behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.auth.models import OrgUnit
from crm.core.ranks import HALF, NINE_TENTHS, percentile
from crm.delivery.plans.rules import used_days
from crm.pipeline.landing.models import PlanNode
from crm.pipeline.landing.nodes import STATUTORY, NodeKind, NodeState
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 5000


@dataclass(frozen=True, slots=True)
class Permit:
    """One permit that was given: by which department, when accepted and done, its clock, working days used."""

    project_id: int
    project: str
    unit_id: int
    unit: str
    kind: NodeKind
    accepted_on: date
    done_on: date
    clock_days: int | None
    paused_days: int

    @property
    def used(self) -> int:
        """Working days the department took."""
        return used_days(self.accepted_on, self.done_on, self.paused_days)

    @property
    def late(self) -> bool:
        """Whether it took longer than its clock."""
        return self.clock_days is not None and self.used > self.clock_days


@dataclass(frozen=True, slots=True)
class Share:
    """Permits of one department: how many, median and nine in ten in working days, how many beyond the clock."""

    unit_id: int
    unit: str
    count: int
    median: int
    most: int
    late: int


def permits(
    session: Session,
    actor: Actor,
    since: date,
    until: date,
    *,
    kind: NodeKind | None = None,
    unit_id: int | None = None,
) -> list[Permit]:
    """Permits given in the window on projects the actor may see, newest first; those from before a plan left out."""
    statement = (
        select(
            Project.id,
            Project.name,
            OrgUnit.id,
            OrgUnit.name,
            PlanNode.kind,
            PlanNode.accepted_on,
            PlanNode.done_on,
            PlanNode.clock_days,
            PlanNode.paused_days,
        )
        .join(Project, Project.id == PlanNode.project_id)
        .join(OrgUnit, OrgUnit.id == PlanNode.unit_id)
        .where(
            visible_to(actor),
            PlanNode.state == NodeState.DONE,
            PlanNode.accepted_on.is_not(None),
            PlanNode.kind.in_((kind,) if kind else tuple(STATUTORY)),
            PlanNode.done_on.between(since, until),
        )
        .order_by(PlanNode.done_on.desc(), PlanNode.id.desc())
        .limit(MOST)
    )
    if unit_id is not None:
        statement = statement.where(PlanNode.unit_id == unit_id)
    rows: Iterable[Any] = session.execute(statement)  # whose dates are there: only what was accepted and done
    return [Permit(*row) for row in rows]


def shares(found: Sequence[Permit]) -> list[Share]:
    """Sum permits up by department, the slowest median first."""
    by_unit: dict[int, list[Permit]] = {}
    for one in found:
        by_unit.setdefault(one.unit_id, []).append(one)
    shown = [_share(rows) for rows in by_unit.values()]
    return sorted(shown, key=lambda one: (-one.median, -one.most, one.unit))


def _share(rows: Sequence[Permit]) -> Share:
    used = [one.used for one in rows]
    median, most = percentile(used, HALF) or 0, percentile(used, NINE_TENTHS) or 0
    return Share(rows[0].unit_id, rows[0].unit, len(rows), median, most, sum(one.late for one in rows))
