"""What the pages of a plan show: nodes with their clocks, and who and what can be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth import queries as people
from crm.auth.models import Roster, User
from crm.auth.queries import valid_on
from crm.auth.rules import Role
from crm.delivery.plans import queries
from crm.delivery.plans.rules import clock_due, used_days
from crm.pipeline import queries as projects
from crm.pipeline.landing.nodes import NodeState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.core.files import Attachment
    from crm.pipeline.landing.models import PlanNode
    from crm.pipeline.models import Project

MOST = 300
WAITING = frozenset({NodeState.OPEN, NodeState.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Line:
    """A node as a page shows it: evidence, the end of its clock, working days used; ``due``: how late it is."""

    node: PlanNode
    files: tuple[Attachment, ...]
    clock_on: date | None
    used: int | None
    due: str

    @property
    def waiting(self) -> bool:
        """Whether it is still to be done."""
        return self.node.state in WAITING

    @property
    def beyond(self) -> bool:
        """Whether the department took, or has taken so far, longer than its clock."""
        clock = self.node.clock_days
        return clock is not None and self.used is not None and self.used > clock


def lines(session: Session, nodes: Sequence[PlanNode], today: date) -> list[Line]:
    """Nodes with what hangs on them, in one more query."""
    papers = queries.files(session, [node.id for node in nodes])
    return [_line(node, tuple(papers.get(node.id, ())), today) for node in nodes]


def _line(node: PlanNode, papers: tuple[Attachment, ...], today: date) -> Line:
    accepted, clock = node.accepted_on, node.clock_days
    clock_on = clock_due(accepted, clock, node.paused_days) if accepted and clock else None
    used = used_days(accepted, node.done_on or today, node.paused_days) if accepted else None
    return Line(node, papers, clock_on, used, _due(node, today))


def _due(node: PlanNode, today: date) -> str:
    if node.state not in WAITING:
        return "done" if node.state is NodeState.DONE else "none"
    return "overdue" if node.due_on < today else "today" if node.due_on == today else "planned"


def units(session: Session, today: date) -> list[tuple[int, str]]:
    """Units that can answer for a node, as (id, name)."""
    return [(unit.id, unit.name) for unit in people.units(session, today)]


def staff(session: Session, project: Project, today: date) -> list[tuple[int, str]]:
    """People who may run the errands of a project: those who may own it, and the registrars."""
    own = [(person.id, person.name) for person in projects.owner_choices(session, project.unit_id, today)]
    statement = (
        select(User.id, User.name)
        .join(Roster, Roster.user_id == User.id)
        .where(User.active, Roster.role == Role.REGISTRAR, valid_on(Roster, today))
        .distinct()
        .order_by(User.name, User.id)
        .limit(MOST)
    )
    return list(dict.fromkeys([*own, *((key, name) for key, name in session.execute(statement))]))
