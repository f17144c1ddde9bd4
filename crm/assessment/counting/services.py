"""Write an edition of the counting rules. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.assessment.periods.models import Period
from crm.assessment.periods.rules import PeriodState
from crm.auth.rules import Permission
from crm.core import audit, jobs
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.core.scheduling import local_day
from crm.core.tasks import enqueue
from crm.pipeline.counting import finding
from crm.pipeline.counting.book import book_problems, edition_problems, to_json
from crm.pipeline.counting.models import CountingEdition

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.counting.book import Book

KIND = "counting_edition"
SAME = Problem("counting.same", "没有改动，和现在的规则一样。")


def closed_to(session: Session) -> date | None:
    """Return the last day of a closed period, or of one that is being closed."""
    over = Period.state.in_((PeriodState.CLOSING, PeriodState.CLOSED))
    return session.scalar(select(func.max(Period.end_on)).where(over))


def change(
    session: Session, actor: Actor, book: Book, *, effective_on: date | None, reason: str, now: datetime
) -> CountingEdition:
    """Set the rules from a day on, never inside a closed period; projects are decided anew in the background."""
    if not actor.may(Permission.PIPELINE_CONFIGURE):
        raise ForbiddenError(Problem("counting.forbidden", "只有招商办可以改认定规则。"))
    problems = book_problems(book) + edition_problems(effective_on, reason, closed_to(session))
    if problems or effective_on is None:
        raise DomainError(*problems)
    if finding.book_of(session, effective_on) == book:
        raise DomainError(SAME)
    row = CountingEdition(
        effective_on=effective_on, rules=to_json(book), reason=reason.strip(), made_by=actor.user_id, made_at=now
    )
    session.add(row)
    session.flush()
    detail = {"from": effective_on.isoformat(), "reason": row.reason, "rules": row.rules}
    audit.record(session, actor.user_id, "counting.edition", (KIND, row.id), now=now, **detail)
    if effective_on <= local_day(now):
        enqueue(session, jobs.APPLY_COUNTING, {}, now=now, dedupe_key=jobs.APPLY_COUNTING)
    return row
