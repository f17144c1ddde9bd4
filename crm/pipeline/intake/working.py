"""From accepted to being worked on: by the first touch or note of a person, by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from crm.pipeline.intake.models import LeadIntake
from crm.pipeline.intake.opening import locked, step
from crm.pipeline.intake.rules import LeadState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session


def note_work(session: Session, project_id: int | None, user_id: int, *, now: datetime) -> None:
    """A person touched a lead or wrote a note: from accepted it is now being worked on."""
    if project_id is None:
        return
    accepted = select(LeadIntake.id).where(LeadIntake.project_id == project_id, LeadIntake.state == LeadState.ACCEPTED)
    if session.scalar(accepted) is None:
        return
    row = locked(session, project_id)
    if row.state is LeadState.ACCEPTED:
        step(session, row, LeadState.WORKING, by=user_id, now=now)


def awaiting_work(project_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Condition: the lead of this project is accepted, and nobody has begun to work on it."""
    return exists().where(LeadIntake.project_id == project_id, LeadIntake.state == LeadState.ACCEPTED)
