"""Writes of the approval chain: send a paper, take it from station to station, answer what it asks. Nothing commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.auth.rules import Permission
from crm.core import audit, filestore
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.pipeline import queries as projects
from crm.pipeline.approval import queries, routes
from crm.pipeline.approval.models import (
    Approval,
    ApprovalStep,
)
from crm.pipeline.approval.rules import (
    CATEGORY_LABELS,
    Category,
    PaperState,
    Station,
    StepResult,
    following,
    starting_problems,
    step_problems,
)
from crm.pipeline.facts import facts_of

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.filestore import Upload
    from crm.pipeline.approval.rules import StepDraft
    from crm.pipeline.models import Project

KIND = "approval"
ANSWER_DAYS = 5
OWN = Problem("approval.own", "项目负责人不能登记自己项目的送审环节，请由其他人办理。")


def start(
    session: Session, actor: Actor, project_id: int, category: Category, title: str, *, now: datetime, today: date
) -> Approval:
    """Send a paper on its way: the chain of its category is kept with it."""
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    framework = category is Category.FRAMEWORK
    under_way = queries.running(session, project.id, framework=framework) is not None
    review = facts_of(session, project).review
    left = project.exit_kind is not None
    problems = starting_problems(project.stage, category, review, left=left, running=under_way)
    if problems:
        raise DomainError(*problems)
    office = routes.current(session)
    chain = office.chain(category)
    number = session.scalar(select(func.max(Approval.number)).where(Approval.project_id == project.id)) or 0
    row = Approval(
        project_id=project.id,
        number=number + 1,
        title=title.strip() or CATEGORY_LABELS[category],
        category=category,
        framework=framework,
        station=chain[0],
        station_since=today,
        chain=[str(station) for station in chain],
        checklist=list(office.checklist),
        started_by=actor.user_id,
        started_at=now,
    )
    session.add(row)
    session.flush()
    detail = {"project": project.id, "category": str(category)}
    audit.record(session, actor.user_id, "approval.start", (KIND, row.id), now=now, **detail)
    return row


def take(  # noqa: PLR0913 (the paper and its folder belong together and may be left out)
    session: Session,
    actor: Actor,
    project_id: int,
    approval_id: int,
    draft: StepDraft,
    *,
    now: datetime,
    today: date,
    paper: Upload | None = None,
    folder: Path | None = None,
) -> ApprovalStep:
    """Record what a station did: passed it on, or returned it with a reason; the registrar keeps the minutes."""
    project, row = running(session, actor, project_id, approval_id, Permission.APPROVAL_RECORD)
    if project.owner_id == actor.user_id:
        raise ForbiddenError(OWN)
    problems = step_problems(queries.whole(session, row).facts(), draft, today=today)
    problems += _number_problems(session, project.id, draft)
    if problems:
        raise DomainError(*problems)
    if paper is not None:
        filestore.check(paper, "file")
    returned = draft.result is StepResult.RETURNED
    step = ApprovalStep(
        approval_id=row.id,
        project_id=project.id,
        station=draft.station,
        result=draft.result,
        back_to=draft.back_to if returned else None,
        decided_on=draft.decided_on,
        year=draft.decided_on.year,
        minutes_no=draft.minutes_no.strip() or None,
        body=draft.text.strip() or None,
        by=actor.user_id,
        at=now,
    )
    session.add(step)
    onward = draft.back_to if returned else following([Station(key) for key in row.chain], draft.station)
    row.station, row.station_since = onward, draft.decided_on
    if onward is None:
        row.state, row.closed_at = PaperState.DONE, now
    session.flush()
    if paper is not None and folder is not None:
        filestore.store(session, folder, (queries.FILES, step.id), paper, by=actor.user_id, now=now)
    detail = {"project": project.id, "station": str(draft.station), "result": str(draft.result)}
    audit.record(session, actor.user_id, "approval.step", (KIND, row.id), now=now, **detail, minutes=step.minutes_no)
    return step


def withdraw(
    session: Session, actor: Actor, project_id: int, approval_id: int, reason: str, *, now: datetime
) -> Approval:
    """Take a paper back with a reason; what it went through stays."""
    project, row = running(session, actor, project_id, approval_id, Permission.PROJECT_WRITE)
    if not reason.strip():
        raise DomainError(Problem("approval.withdraw", "撤回须写明理由。", "reason"))
    row.state, row.station, row.closed_at, row.closed_reason = PaperState.WITHDRAWN, None, now, reason.strip()
    session.flush()
    audit.record(session, actor.user_id, "approval.withdraw", (KIND, row.id), now=now, project=project.id)
    return row


def running(
    session: Session, actor: Actor, project_id: int, approval_id: int, permission: Permission
) -> tuple[Project, Approval]:
    """Return a running paper of a project on which the actor holds a right, locked."""
    project = projects.get_for(session, actor, project_id, permission)
    row = queries.get(session, project.id, approval_id, lock=True)
    still(row)
    return project, row


def still(row: Approval) -> None:
    """Refuse to touch a paper that has arrived or was taken back."""
    if row.state is not PaperState.RUNNING:
        raise ConflictError(Problem("approval.closed", "这份文件已经办结或撤回。"))


def _number_problems(session: Session, project_id: int, draft: StepDraft) -> list[Problem]:
    number = draft.minutes_no.strip()
    if not number:
        return []
    same = select(ApprovalStep.id).where(
        ApprovalStep.project_id == project_id,
        ApprovalStep.station == draft.station,
        ApprovalStep.year == draft.decided_on.year,
        ApprovalStep.minutes_no == number,
    )
    if session.scalar(same.limit(1)) is None:
        return []
    return [Problem("approval.number", "本项目今年在这个会上已用过这个纪要编号，请核对。", "minutes_no")]
