"""Weekly reports that wait for a person's approval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crm.auth.rules import Permission
from crm.notices.desk import Ready, Source
from crm.reports.models import ReportState, RoadStep, WeeklyReport, WeeklyStep
from crm.reports.period import week_of

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Row, Select

    from crm.auth.rules import Actor

MOST = 10
REPORT = "%(week)s 周报待审批"


def _waiting(actor: Actor, _today: date) -> Select[*tuple[Any, ...]] | None:
    """Reports sent in by somebody else, for who may approve them; the oldest first."""
    if not actor.may(Permission.REPORT_FREEZE):
        return None
    later = aliased(WeeklyStep)
    last = select(func.max(later.id)).where(later.report_id == WeeklyReport.id).correlate(WeeklyReport)
    return (
        select(WeeklyReport.iso_year, WeeklyReport.iso_week, WeeklyStep.at)
        .join(WeeklyStep, WeeklyStep.report_id == WeeklyReport.id)
        .where(WeeklyStep.id == last.scalar_subquery())
        .where(WeeklyReport.state != ReportState.FROZEN, WeeklyStep.step == RoadStep.SUBMITTED)
        .where(WeeklyStep.user_id != actor.user_id)
        .order_by(WeeklyStep.id)
        .limit(MOST)
    )


def _told(row: Row[*tuple[Any, ...]]) -> Ready:
    year, week, at = row
    name = week_of(year, week).name
    return Ready(REPORT, f"/reports/weekly/{name}", at, {"week": name})


WAITING = Source("weekly", _waiting, _told)
