"""Building reports and papers in the background, and reminding who has not reported for the week."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from crm.auth.models import User
from crm.auth.queries import actor_for
from crm.auth.rules import SYSTEM
from crm.core.errors import ConflictError, ForbiddenError
from crm.core.scheduling import SHANGHAI, local_day
from crm.papers.issues import services as papers
from crm.papers.rules import PAPERS, read_period
from crm.pipeline.cards import Clock
from crm.reports import annex, services
from crm.reports.chasing import services as chasing
from crm.reports.models import WeeklyReport
from crm.reports.period import due_at
from crm.reports.secrecy import hidden_rows
from crm.reports.weeks import parse_week

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result

ANNEX_SECONDS = 1800


def weekly_draft(session: Session, payload: Payload, context: Context) -> Result:
    """Build the draft of the week in the payload, or of the one cut off today; an issue on its road is left alone."""
    due = due_at(context.now)
    named = payload.get("week") or (due.name if due is not None else None)
    if named is None:
        return {"skipped": "report.not_due"}
    year, number = parse_week(named)
    cutoff = payload.get("cutoff")
    try:
        report = services.build_weekly(
            session,
            SYSTEM,
            year,
            number,
            now=context.now,
            cutoff=datetime.fromisoformat(cutoff) if cutoff else None,
            user_id=payload.get("user_id"),
        )
    except ConflictError as refusal:
        return {"skipped": refusal.problems[0].key}
    return {"report_id": report.id, "figures": len(report.figures)}


def write_annex(payload: Payload, context: Context) -> bool:
    """Write the annex of a report as it stood when it was asked for, without what is kept from who asked.

    False when the report was changed or is gone, or who asked is.
    """
    with context.database.reading() as session:
        report = session.get(WeeklyReport, payload["report_id"])
        user = session.get(User, payload["user_id"])
        if report is None or user is None or report.version != payload["version"]:
            return False
        hidden = hidden_rows(session, actor_for(session, user, local_day(context.now)))
        annex.write(report, annex.path_of(context.settings.files_dir, report, hidden), hidden, context.progress)
        return True


def annex_written(session: Session, payload: Payload, data: bool, context: Context) -> Result:  # noqa: FBT001 (shape of a job)
    """Tell who asked for it."""
    report = session.get(WeeklyReport, payload["report_id"])
    if not data or report is None:
        return {"skipped": "report.changed"}
    annex.announce(session, report, payload["user_id"], now=context.now)
    return {"rows": annex.size(report)}


def chase_weekly(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Remind units of the week's report when their hour has come."""
    return dict(chasing.chase(session, now=context.now))


def paper_draft(session: Session, payload: Payload, context: Context) -> Result:
    """Make the draft of a paper as its writer may see it; a numbered one is left alone."""
    kind, clock = PAPERS[payload["paper"]], Clock(context.now, local_day(context.now), SHANGHAI)
    period = read_period(kind.period, payload["period"], clock.today)
    user = session.get(User, payload["user_id"])
    if period is None or user is None:
        return {"skipped": "paper.missing"}
    try:
        issue = papers.build(session, actor_for(session, user, clock.today), kind, period, clock)
    except (ConflictError, ForbiddenError) as refusal:
        return {"skipped": refusal.problems[0].key}
    return {"issue_id": issue.id}
