"""A finding of an inspection becomes a blocker: it goes on there until the firm says that it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.errors import DomainError, Problem
from crm.core.workdays import add_workdays
from crm.delivery.blockers import queries as blockers
from crm.delivery.blockers import services
from crm.delivery.blockers.book import OTHER
from crm.delivery.blockers.rules import LINE, BlockerDraft, BlockerSource
from crm.fieldwork.supervision import queries
from crm.fieldwork.supervision import services as supervision
from crm.fieldwork.supervision.rules import RecheckDraft

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SOON = 5
NO_FIRM = Problem("finding.firm", "这次督查没有写企业，问题不能转入台账，请补记一次带企业的督查。")
CLOSED = Problem("finding.closed", "这个问题已经销号。")


def to_blocker(session: Session, actor: Actor, finding_id: int, *, now: datetime, today: date) -> int:
    """Raise a finding as a blocker with the same person and deadline and close the finding; return the blocker's id.

    A finding whose day is over gets five working days. Turned twice, the first blocker is returned.
    """
    row = queries.finding(session, actor, finding_id)
    first = blockers.raised_from(session, BlockerSource.INSPECTION, [row.id]).get(row.id)
    if first is not None:
        return first
    if row.closed_at is not None:
        raise DomainError(CLOSED)
    if row.inspection.enterprise_id is None:
        raise DomainError(NO_FIRM)
    chosen = blockers.rules_of(session).chosen()
    words = " ".join(row.body.split())
    draft = BlockerDraft(
        client_id=f"finding-{row.id}",
        title=words[:LINE],
        category=OTHER if OTHER in dict(chosen) else chosen[0][0],
        unit_id=row.follow_up.unit_id,
        responsible_id=row.responsible_id,
        due_on=row.due_on if row.due_on >= today else add_workdays(today, SOON),
        source=BlockerSource.INSPECTION,
        ref_id=row.id,
        detail=row.body if len(words) > LINE else "",
        project_id=row.inspection.project_id,
        enterprise_id=row.inspection.enterprise_id,
    )
    made = services.raise_one(session, actor, draft, now=now, today=today)
    note = f"已转入问题台账：{blockers.number(made)}"
    supervision.recheck(session, actor, row.id, RecheckDraft(passed=True, note=note), now=now, today=today)
    return made.id
