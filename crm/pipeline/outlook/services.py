"""Writes on the outlook: when a project is expected to be signed, how likely it is, and the office's own figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth.rules import Permission
from crm.core import audit, options
from crm.core.errors import ConflictError, DomainError
from crm.pipeline import queries, services
from crm.pipeline.outlook import rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project
    from crm.pipeline.outlook.rules import Outlook
    from crm.pipeline.rules import Stage


def set_outlook(
    session: Session, actor: Actor, project_id: int, outlook: Outlook, *, version: int, now: datetime, today: date
) -> Project:
    """Say when a project is expected to be signed, and how likely; the audit keeps what was said before."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    if project.version != version:
        raise ConflictError(services.STALE)
    problems = rules.outlook_problems(outlook, today, before=project.expected_sign_on)
    if problems:
        raise DomainError(*problems)
    before = {
        "expected_on": project.expected_sign_on.isoformat() if project.expected_sign_on else None,
        "probability": project.probability,
    }
    project.expected_sign_on, project.probability = outlook.expected_on, outlook.probability
    project.probability_reason, project.updated_at = outlook.reason.strip() or None, now
    after = {
        "expected_on": outlook.expected_on.isoformat() if outlook.expected_on else None,
        "probability": outlook.probability,
    }
    subject = (services.KIND, project.id)
    audit.record(session, actor.user_id, "project.outlook", subject, now=now, before=before, after=after)
    session.flush()
    return project


def set_probabilities(session: Session, actor: Actor, by_stage: Mapping[Stage, int | None], *, now: datetime) -> None:
    """Set the office's probability of each stage; the caller holds the right."""
    problems = [problem for stage, value in by_stage.items() for problem in rules.percent_problems(value, str(stage))]
    if problems:
        raise DomainError(*problems)
    value = {str(stage): value for stage, value in by_stage.items() if value is not None}
    options.write(session, actor.user_id, rules.OPTION, value, now=now)
