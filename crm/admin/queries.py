"""What the administration pages show: tasks, schedules, people, units, the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.auth import queries as auth_queries
from crm.auth.models import OrgUnit, User
from crm.core.audit import AuditEvent
from crm.core.paging import Key, Page, fetch_page
from crm.core.tasks import Schedule, Task, TaskState
from crm.enterprises.models import Enterprise
from crm.news.models import Article, Source
from crm.pipeline.confidential.queries import told_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts for the first administration page."""

    tasks: dict[TaskState, int]
    oldest_waiting: datetime | None
    people: int
    units: int
    enterprises: int
    articles: int
    sources: int
    failing_sources: int


def overview(session: Session, *, now: datetime) -> Overview:
    """Count what runs, waits and failed."""
    rows = session.execute(select(Task.state, func.count()).group_by(Task.state)).all()
    by_state = dict.fromkeys(TaskState, 0) | {row[0]: row[1] for row in rows}
    waiting = select(func.min(Task.run_after)).where(
        Task.state.in_((TaskState.NEW, TaskState.SENT)), Task.run_after <= now
    )
    failing = select(func.count()).select_from(Source).where(Source.enabled, Source.failures_in_row > 0)
    return Overview(
        tasks=by_state,
        oldest_waiting=session.scalar(waiting),
        people=_count(session, User),
        units=_count(session, OrgUnit),
        enterprises=_count(session, Enterprise),
        articles=_count(session, Article),
        sources=_count(session, Source),
        failing_sources=session.scalar(failing) or 0,
    )


def _count(session: Session, model: type[User | OrgUnit | Enterprise | Article | Source]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def tasks(session: Session, state: TaskState | None, *, cursor: str | None) -> Page[Task]:
    """Tasks, newest first, optionally of one state."""
    statement = select(Task)
    if state is not None:
        statement = statement.where(Task.state == state)
    return fetch_page(session, statement, [Key(Task.id, descending=True)], lambda task: (task.id,), cursor=cursor)


def schedules(session: Session) -> Sequence[Schedule]:
    """All recurring tasks by name."""
    return session.scalars(select(Schedule).order_by(Schedule.name)).all()


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the auditor looks for."""

    actor_id: int | None = None
    action: str = ""
    subject_type: str = ""


def audit_trail(session: Session, actor: Actor, wanted: AuditFilter, *, cursor: str | None) -> Page[AuditEvent]:
    """Audit events, newest first, without those of confidential projects on which the person is not named."""
    statement = select(AuditEvent).where(told_to(actor))
    if wanted.actor_id:
        statement = statement.where(AuditEvent.actor_id == wanted.actor_id)
    if wanted.action:
        statement = statement.where(AuditEvent.action.startswith(wanted.action, autoescape=True))
    if wanted.subject_type:
        statement = statement.where(AuditEvent.subject_type == wanted.subject_type)
    order = [Key(AuditEvent.id, descending=True)]
    return fetch_page(session, statement, order, lambda event: (event.id,), cursor=cursor, size=50)


def actor_names(session: Session, events: Sequence[AuditEvent]) -> dict[int, str]:
    """Names of the people in a page of events."""
    return auth_queries.names(session, [event.actor_id for event in events if event.actor_id])
