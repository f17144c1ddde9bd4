"""Building the weekly report in the background."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from crm.auth.rules import SYSTEM
from crm.core.errors import ConflictError
from crm.reports import services
from crm.reports.period import week_at
from crm.reports.weeks import parse_week

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result


def weekly_draft(session: Session, payload: Payload, context: Context) -> Result:
    """Build the draft of the week in the payload, or of this week; a frozen issue is left alone."""
    named = payload.get("week")
    year, number = parse_week(named) if named else week_at(context.now)
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
