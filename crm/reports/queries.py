"""Reads for the weekly report: standing figures as of a cut-off, details of counted rows, reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from crm.assessment.facts import Measure, RowKind, Window, touches
from crm.auth.models import OrgUnit, User
from crm.auth.rules import UnitKind
from crm.auth.units import names_on
from crm.core.errors import NotFoundError, Problem
from crm.core.jobs import WEEKLY_DRAFT
from crm.core.tasks import Task
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.rules import TouchKind
from crm.fieldwork.secrecy import not_secret
from crm.news.models import Article
from crm.pipeline.models import Agreement, Project, StageEntry
from crm.pipeline.rules import IDLE_DAYS, STAGE_LABELS, Stage
from crm.reports.models import ReportState, WeeklyReport
from crm.signals.models import Signal, SignalState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.reports.period import Week

IN_TALK = (Stage.VISITING, Stage.INSPECTING, Stage.REVIEWING, Stage.PRE_SIGNING)
LATE_KINDS = (TouchKind.VISIT, TouchKind.RECEPTION, TouchKind.INSPECTION)
MISSING = Problem("report.missing", "没有这一期周报，或者还没有定稿发布。")
RECENT_TASKS = 50


@dataclass(frozen=True, slots=True)
class Talk:
    """A project as it stood at the cut-off."""

    project: Project
    stage: Stage
    since: datetime
    idle_days: int

    @property
    def stage_label(self) -> str:
        """Chinese name of the stage it stood at."""
        return STAGE_LABELS[self.stage]


def _standing(session: Session, cutoff: datetime, stages: Iterable[Stage]) -> list[Talk]:
    latest = (
        select(StageEntry.project_id.label("project_id"), func.max(StageEntry.id).label("entry_id"))
        .where(StageEntry.at <= cutoff)
        .group_by(StageEntry.project_id)
        .subquery()
    )
    touched = (
        select(Touch.project_id.label("project_id"), func.max(Touch.occurred_at).label("at"))
        .where(
            Touch.project_id.is_not(None),
            Touch.recorded_at <= cutoff,
            or_(Touch.voided_at.is_(None), Touch.voided_at > cutoff),
        )
        .group_by(Touch.project_id)
        .subquery()
    )
    since = func.coalesce(StageEntry.since, StageEntry.at)  # an undo gives the days before the mistake back
    statement = (
        select(Project, StageEntry.to_stage, since, touched.c.at)
        .join(latest, latest.c.project_id == Project.id)
        .join(StageEntry, StageEntry.id == latest.c.entry_id)
        .outerjoin(touched, touched.c.project_id == Project.id)
        .where(
            StageEntry.to_stage.in_([stage.value for stage in stages]),
            or_(Project.exited_at.is_(None), Project.exited_at > cutoff),
            Project.confidential.is_(False),
        )
        .options(joinedload(Project.unit), joinedload(Project.enterprise), joinedload(Project.owner))
        .order_by(since, Project.id)
    )
    return [
        Talk(project, Stage(stage), since, (cutoff - max(since, last or since)).days)
        for project, stage, since, last in session.execute(statement).all()
    ]


def in_talk(session: Session, cutoff: datetime) -> list[Talk]:
    """Projects in talks at the cut-off, longest in their stage first."""
    return _standing(session, cutoff, IN_TALK)


def stalled(session: Session, cutoff: datetime) -> list[Talk]:
    """Leads and projects in talks without progress for longer than their stage allows."""
    return [talk for talk in _standing(session, cutoff, IDLE_DAYS) if talk.idle_days > IDLE_DAYS[talk.stage]]


def _open_tasks(cutoff: datetime) -> Select[Any]:
    return (
        select(FollowUp)
        .where(
            FollowUp.created_at <= cutoff,
            or_(FollowUp.done_at.is_(None), FollowUp.done_at > cutoff),
            not_secret(FollowUp.project_id),
        )
        .options(joinedload(FollowUp.enterprise), joinedload(FollowUp.owner))
        .order_by(FollowUp.due_on, FollowUp.id)
    )


def overdue(session: Session, week: Week) -> list[FollowUp]:
    """Follow-ups due before the day of the cut-off and still open then."""
    return list(session.scalars(_open_tasks(week.cutoff).where(FollowUp.due_on < week.day)))


def due_next_week(session: Session, week: Week) -> list[FollowUp]:
    """Open follow-ups due from Monday to Sunday of the week after."""
    first, last = week.end + timedelta(days=1), week.end + timedelta(days=7)
    return list(session.scalars(_open_tasks(week.cutoff).where(FollowUp.due_on.between(first, last))))


def accepted_signals(session: Session, week: Week) -> list[Signal]:
    """Signals accepted between the last cut-off and this one."""
    statement = (
        select(Signal)
        .where(Signal.state == SignalState.ACCEPTED, Signal.decided_at > week.before, Signal.decided_at <= week.cutoff)
        .options(joinedload(Signal.enterprise), joinedload(Signal.article).joinedload(Article.source))
        .order_by(Signal.decided_at, Signal.id)
    )
    return list(session.scalars(statement))


def late_touches(week: Week) -> Measure:
    """Touches that happened before the week and were recorded after the last cut-off."""

    def build(window: Window) -> Select[Any]:
        since = Window(week.start - timedelta(days=400), week.start - timedelta(days=1), window.cutoff)
        return touches(*LATE_KINDS)(since).where(Touch.recorded_at > week.before)

    return Measure("late", "补记", "次", "", RowKind.TOUCH, build)


def touch_details(session: Session, touch_ids: Sequence[int]) -> list[tuple[Touch, str | None]]:
    """Touches with enterprise, unit and author, each with the name of its project; oldest first."""
    statement = (
        select(Touch, Project.name)
        .outerjoin(Project, Project.id == Touch.project_id)
        .where(Touch.id.in_(touch_ids))
        .options(joinedload(Touch.enterprise), joinedload(Touch.unit), joinedload(Touch.author))
        .order_by(Touch.occurred_at, Touch.id)
    )
    return [(touch, name) for touch, name in session.execute(statement).all()]


def next_steps(session: Session, touch_ids: Sequence[int], cutoff: datetime) -> dict[int, str]:
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


def changed_projects(session: Session, window: Window) -> set[int]:
    """Projects that moved or were touched in the week, as known at the cut-off."""
    moved = select(StageEntry.project_id).where(window.holds(StageEntry.at), StageEntry.at <= window.cutoff)
    dealt = select(Touch.project_id).where(
        Touch.project_id.is_not(None),
        window.holds(Touch.occurred_at),
        Touch.recorded_at <= window.cutoff,
        or_(Touch.voided_at.is_(None), Touch.voided_at > window.cutoff),
    )
    return {int(found) for found in session.scalars(moved.union(dealt)) if found is not None}


def contracts(session: Session, agreement_ids: Sequence[int]) -> list[Agreement]:
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
    statement = select(OrgUnit.name).order_by((OrgUnit.kind != UnitKind.BUREAU), OrgUnit.position, OrgUnit.id).limit(1)
    return session.scalar(statement) or "招商局"


def visible_reports(*, drafts: bool) -> ColumnElement[bool]:
    """Condition: frozen issues are sent to everybody; drafts are for those who see all units."""
    return WeeklyReport.state.is_not(None) if drafts else WeeklyReport.state == ReportState.FROZEN


def reports(session: Session, *, drafts: bool) -> list[tuple[WeeklyReport, str | None]]:
    """Issues of the last three years, newest first, with the name of who froze them."""
    statement = (
        select(WeeklyReport, User.name)
        .outerjoin(User, User.id == WeeklyReport.frozen_by)
        .where(visible_reports(drafts=drafts))
        .order_by(WeeklyReport.iso_year.desc(), WeeklyReport.iso_week.desc())
        .limit(160)
    )
    return [(report, name) for report, name in session.execute(statement).all()]


def report_by_week(session: Session, iso_year: int, iso_week: int) -> WeeklyReport | None:
    """The report of a week, if it was built."""
    statement = select(WeeklyReport).where(WeeklyReport.iso_year == iso_year, WeeklyReport.iso_week == iso_week)
    return session.scalar(statement)


def report(session: Session, report_id: int, *, drafts: bool) -> WeeklyReport:
    """One report, or not found."""
    found = session.scalar(select(WeeklyReport).where(WeeklyReport.id == report_id, visible_reports(drafts=drafts)))
    if found is None:
        raise NotFoundError(MISSING)
    return found


def last_numbers(session: Session, iso_year: int) -> tuple[int, int]:
    """The last issue number of a year and the last running number of all, 0 before the first."""
    issue = session.scalar(select(func.max(WeeklyReport.issue_no)).where(WeeklyReport.iso_year == iso_year))
    total = session.scalar(select(func.max(WeeklyReport.total_no)))
    return issue or 0, total or 0


def draft_task(session: Session, week_name: str) -> Task | None:
    """The latest building task of a week."""
    statement = select(Task).where(Task.kind == WEEKLY_DRAFT).order_by(Task.id.desc()).limit(RECENT_TASKS)
    return next((task for task in session.scalars(statement) if task.payload.get("week") == week_name), None)
