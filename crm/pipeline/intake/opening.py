"""Open the road of a lead, and write each step of it; nothing else writes ``lead_intake.state``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.queries import names
from crm.core import audit
from crm.core.errors import NotFoundError, Problem
from crm.pipeline.intake.models import LeadEvent, LeadIntake
from crm.pipeline.intake.rules import LeadState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project

ABSENT = Problem("lead.absent", "没有这条线索，或者不在您的查看范围内。")


def open_lead(session: Session, project: Project, *, by: int, now: datetime) -> LeadIntake:
    """Begin the road of a project just registered: it waits for triage, whoever registered it answers for it."""
    row = LeadIntake(project_id=project.id, state=LeadState.REGISTERED, since=now, first_by=by)
    session.add(row)
    session.add(LeadEvent(project_id=project.id, at=now, by=by, to_state=LeadState.REGISTERED))
    return row


def locked(session: Session, project_id: int) -> LeadIntake:
    """Return the lead of a project for writing; a second writer waits and then sees what the first did."""
    statement = select(LeadIntake).where(LeadIntake.project_id == project_id).with_for_update()
    row = session.scalar(statement.execution_options(populate_existing=True))
    if row is None:
        raise NotFoundError(ABSENT)
    return row


def step(
    session: Session,
    row: LeadIntake,
    target: LeadState,
    *,
    by: int | None,
    now: datetime,
    reason: str = "",
    keep_clock: bool = False,
) -> None:
    """Write one step with its row of history and its audit; ``keep_clock`` lets the running clock run on."""
    before = row.state
    row.state = target
    row.pooled_at = now if target is LeadState.POOLED else None
    if not keep_clock:
        row.since = now
    words = reason.strip() or None
    session.add(LeadEvent(project_id=row.project_id, at=now, by=by, from_state=before, to_state=target, reason=words))
    detail = {"from": str(before), "to": str(target), "reason": words}
    audit.record(session, by, f"lead.{target}", ("project", row.project_id), now=now, **detail)


def note_owner(session: Session, project: Project, before: int | None, *, by: int, now: datetime) -> None:
    """Tell in the history whose the project was and whose it is now, by name."""
    known = names(session, [one for one in (before, project.owner_id) if one])
    detail = {"from": known.get(before or 0), "to": known.get(project.owner_id or 0), "unit": project.unit_id}
    audit.record(session, by, "project.assign", ("project", project.id), now=now, **detail)
