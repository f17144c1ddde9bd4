"""Something to do for the owners of both projects when a ticket is opened: file evidence before it is ruled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.fieldwork.models import FollowUp
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.pipeline.claims.models import Claim, ClaimDispute

TITLE = "首报首谈有争议，裁定前请提交材料"


def remind(session: Session, ticket: ClaimDispute, *claims: Claim, now: datetime) -> None:
    """Add a follow-up for the owner of each claim's project, due when the ruling is."""
    filers = {claim.project_id: claim.filed_by for claim in claims}
    for project in session.scalars(select(Project).where(Project.id.in_(filers)).order_by(Project.id)):
        if project.owner_id is not None:
            session.add(
                FollowUp(
                    title=TITLE,
                    enterprise_id=project.enterprise_id,
                    project_id=project.id,
                    unit_id=project.unit_id,
                    owner_id=project.owner_id,
                    due_on=ticket.due_on,
                    created_by=filers[project.id] or project.owner_id,
                    created_at=now,
                )
            )
    session.flush()
