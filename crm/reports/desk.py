"""Weekly reports that wait for a person's approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crm.auth.rules import Permission
from crm.notices.desk import Ready
from crm.reports.models import ReportState, RoadStep, WeeklyReport, WeeklyStep
from crm.reports.period import week_of

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 10
REPORT = "%(week)s 周报待审批"


def waiting(session: Session, actor: Actor, _today: date) -> list[Ready]:
    """Reports sent in by somebody else, for who may approve them; the oldest first."""
    if not actor.may(Permission.REPORT_FREEZE):
        return []
    later = aliased(WeeklyStep)
    last = select(func.max(later.id)).where(later.report_id == WeeklyReport.id).correlate(WeeklyReport)
    statement = (
        select(WeeklyReport.iso_year, WeeklyReport.iso_week, WeeklyStep.at)
        .join(WeeklyStep, WeeklyStep.report_id == WeeklyReport.id)
        .where(WeeklyStep.id == last.scalar_subquery())
        .where(WeeklyReport.state != ReportState.FROZEN, WeeklyStep.step == RoadStep.SUBMITTED)
        .where(WeeklyStep.user_id != actor.user_id)
        .order_by(WeeklyStep.id)
        .limit(MOST)
    )
    weeks = ((week_of(year, week).name, at) for year, week, at in session.execute(statement))
    return [Ready(REPORT, f"/reports/weekly/{name}", at, {"week": name}) for name, at in weeks]
