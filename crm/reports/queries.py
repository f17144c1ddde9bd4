"""Reads for the weekly report: standing figures as of a cut-off, details of counted rows, reports."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from crm.assessment.facts import Measure, RowKind, Window, touches
from crm.auth.models import User
from crm.auth.units import names_on, office_name
from crm.core.errors import NotFoundError, Problem
from crm.core.jobs import WEEKLY_DRAFT
from crm.core.tasks import Task
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.rules import TouchKind
from crm.fieldwork.secrecy import not_secret
from crm.news.models import Article
from crm.pipeline.models import Agreement, Project, StageEntry
from crm.reports.models import ReportFigure, ReportState, WeeklyReport, WeeklyStep
from crm.signals.models import Signal, SignalState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.reports.period import Week

LATE_KINDS = (TouchKind.VISIT, TouchKind.RECEPTION, TouchKind.INSPECTION)
MISSING = Problem("report.missing", "没有这一期周报，或者还没有定稿发布。")
RECENT_TASKS = 50
SINCE_NEW_YEAR = "year_"


def open_tasks(cutoff: datetime) -> Select[Any]:
    """Follow-ups that were open at the cut-off."""
    return select(FollowUp).where(
        FollowUp.created_at <= cutoff,
        or_(FollowUp.done_at.is_(None), FollowUp.done_at > cutoff),
        not_secret(FollowUp.project_id),
    )


def overdue(week: Week) -> Select[Any]:
    """Follow-ups due before the day of the cut-off and still open then."""
    return open_tasks(week.cutoff).where(FollowUp.due_on < week.day)


def due_next_week(week: Week) -> Select[Any]:
    """Open follow-ups due from Monday to Sunday of the week after."""
    first, last = week.end + timedelta(days=1), week.end + timedelta(days=7)
    return open_tasks(week.cutoff).where(FollowUp.due_on.between(first, last))


def tasks_of(session: Session, ids: Sequence[int]) -> list[FollowUp]:
    """These follow-ups with enterprise and owner, first the one due first."""
    statement = select(FollowUp).where(FollowUp.id.in_(ids)).order_by(FollowUp.due_on, FollowUp.id)
    return list(session.scalars(statement.options(joinedload(FollowUp.enterprise), joinedload(FollowUp.owner))))


def accepted_signals(week: Week) -> Select[Any]:
    """Signals accepted between the last cut-off and this one."""
    timely = (Signal.decided_at > week.before, Signal.decided_at <= week.cutoff)
    return select(Signal).where(Signal.state == SignalState.ACCEPTED, *timely)


def signals_of(session: Session, ids: Sequence[int]) -> list[Signal]:
    """These signals with enterprise and source, the one accepted first on top."""
    statement = select(Signal).where(Signal.id.in_(ids)).order_by(Signal.decided_at, Signal.id)
    sources = joinedload(Signal.article).joinedload(Article.source)
    return list(session.scalars(statement.options(joinedload(Signal.enterprise), sources)))


def late_touches(week: Week) -> Measure:
    """Touches that happened before the week and were recorded after the last cut-off."""

    def build(window: Window) -> Select[Any]:
        since = Window(week.start - timedelta(days=400), week.start - timedelta(days=1), window.cutoff)
        return touches(*LATE_KINDS)(since).where(Touch.recorded_at > week.before)

    return Measure("late", "补记", "次", "", RowKind.TOUCH, build)


def touch_details(session: Session, touch_ids: Select[Any]) -> list[tuple[Touch, str | None]]:
    """Touches with enterprise, unit and author, each with the name of its project; oldest first."""
    statement = (
        select(Touch, Project.name)
        .outerjoin(Project, Project.id == Touch.project_id)
        .where(Touch.id.in_(touch_ids))
        .options(joinedload(Touch.enterprise), joinedload(Touch.unit), joinedload(Touch.author))
        .order_by(Touch.occurred_at, Touch.id)
    )
    return [(touch, name) for touch, name in session.execute(statement).all()]


def next_steps(session: Session, touch_ids: Select[Any], cutoff: datetime) -> dict[int, str]:
    """What was promised in each touch by the cut-off."""
    statement = select(FollowUp).where(FollowUp.touch_id.in_(touch_ids), FollowUp.created_at <= cutoff)
    tasks = session.scalars(statement.order_by(FollowUp.id.desc()))
    return {task.touch_id: task.title for task in tasks if task.touch_id is not None}


def projects_of_entries(session: Session, entry_ids: Sequence[int]) -> list[Project]:
    """Projects behind stage entries, in the order of the entries."""
    statement = (
        select(Project)
        .join(StageEntry, StageEntry.project_id == Project.id)
        .where(StageEntry.id.in_(entry_ids))
        .options(joinedload(Project.unit), joinedload(Project.enterprise), joinedload(Project.owner))
        .order_by(StageEntry.id)
    )
    return list(session.scalars(statement))


def changed_projects(window: Window) -> Select[Any]:
    """Ids of projects that moved or were touched in the week, as known at the cut-off."""
    moved = select(StageEntry.project_id).where(window.holds(StageEntry.at), StageEntry.at <= window.cutoff)
    dealt = select(Touch.project_id).where(
        Touch.project_id.is_not(None),
        window.holds(Touch.occurred_at),
        Touch.recorded_at <= window.cutoff,
        or_(Touch.voided_at.is_(None), Touch.voided_at > window.cutoff),
    )
    return select(moved.union(dealt).subquery().c.project_id)


def contracts(session: Session, agreement_ids: Select[Any]) -> list[Agreement]:
    """Agreements with project, investor and owner, by day of signing."""
    statement = (
        select(Agreement)
        .where(Agreement.id.in_(agreement_ids))
        .options(
            joinedload(Agreement.project).joinedload(Project.enterprise),
            joinedload(Agreement.project).joinedload(Project.owner),
        )
        .order_by(Agreement.signed_on, Agreement.id)
    )
    return list(session.scalars(statement))


def unit_names(session: Session, day: date) -> dict[int, str]:
    """Names of all units in the office's order, as they were called on a day."""
    return names_on(session, day)


def issuer(session: Session) -> str:
    """Name of the bureau that issues the report (编印单位)."""
    return office_name(session)


def visible_reports(*, drafts: bool) -> ColumnElement[bool]:
    """Condition: frozen issues are sent to everybody; drafts are for those who see all units."""
    return WeeklyReport.state.is_not(None) if drafts else WeeklyReport.state == ReportState.FROZEN


def reports(session: Session, *, drafts: bool) -> list[tuple[WeeklyReport, str | None]]:
    """Issues of the last three years, newest first, with the name of who froze them."""
    statement = (
        select(WeeklyReport, User.name)
        .outerjoin(User, User.id == WeeklyReport.frozen_by)
        .where(visible_reports(drafts=drafts))
        .options(selectinload(WeeklyReport.steps).lazyload(WeeklyStep.user))
        .order_by(WeeklyReport.iso_year.desc(), WeeklyReport.iso_week.desc())
        .limit(160)
    )
    return [(report, name) for report, name in session.execute(statement).all()]


def report_by_week(session: Session, iso_year: int, iso_week: int) -> WeeklyReport | None:
    """The report of a week, if it was built."""
    statement = select(WeeklyReport).where(WeeklyReport.iso_year == iso_year, WeeklyReport.iso_week == iso_week)
    return session.scalar(statement)


def frozen_values(session: Session, iso_year: int, iso_week: int) -> dict[str, Decimal]:
    """The figures of a frozen issue by key, those counted since New Year left out; nothing without an issue."""
    statement = (
        select(ReportFigure.key, ReportFigure.value)
        .join(WeeklyReport, WeeklyReport.id == ReportFigure.report_id)
        .where(
            WeeklyReport.iso_year == iso_year,
            WeeklyReport.iso_week == iso_week,
            WeeklyReport.state == ReportState.FROZEN,
        )
    )
    rows = session.execute(statement).all()
    return {key: Decimal(value) for key, value in rows if not key.startswith(SINCE_NEW_YEAR)}


def report(session: Session, report_id: int, *, drafts: bool) -> WeeklyReport:
    """One report, or not found."""
    found = session.scalar(select(WeeklyReport).where(WeeklyReport.id == report_id, visible_reports(drafts=drafts)))
    if found is None:
        raise NotFoundError(MISSING)
    return found


def last_numbers(session: Session, iso_year: int) -> tuple[int, int]:
    """The last issue number of a year and the last running number of all, 0 before the first.

    Whoever numbers another week at the same moment waits.
    """
    session.execute(select(WeeklyReport.id).order_by(WeeklyReport.id).with_for_update())
    issue = session.scalar(select(func.max(WeeklyReport.issue_no)).where(WeeklyReport.iso_year == iso_year))
    total = session.scalar(select(func.max(WeeklyReport.total_no)))
    return issue or 0, total or 0


def draft_task(session: Session, week_name: str) -> Task | None:
    """The latest building task of a week."""
    statement = select(Task).where(Task.kind == WEEKLY_DRAFT).order_by(Task.id.desc()).limit(RECENT_TASKS)
    return next((task for task in session.scalars(statement) if task.payload.get("week") == week_name), None)
