"""Writes on exits: leave the road, come back, write down what a loss taught. Nothing here commits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.models import OrgUnit
from crm.auth.queries import valid_on
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.core.scored import want_score
from crm.fieldwork.followups import add_follow_up
from crm.fieldwork.rules import FollowUpDraft
from crm.pipeline import limits, queries
from crm.pipeline.counting import finding as counting
from crm.pipeline.deals import setting
from crm.pipeline.exits.models import ProjectExit
from crm.pipeline.exits.rules import lesson_problems
from crm.pipeline.facts import facts_of
from crm.pipeline.models import Project
from crm.pipeline.repeats.finding import notice
from crm.pipeline.services import KIND, check_version
from crm.pipeline.words import ExitKind

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.limits import Exit

ABSENT = Problem("exit.absent", "没有这次退出记录。")
FINAL = Problem("exit.final", "合同已经终止，终止函已签发，不能恢复；重新引进请登记新项目。")


def leave(
    session: Session,
    actor: Actor,
    project_id: int,
    leaving: Exit,
    *,
    version: int,
    now: datetime,
    today: date,
) -> Project:
    """Take a project off the road with kind, reason, where to and what happened; its stage stays as it was.

    A suspended one leaves a follow-up for the day of its review, a lost one for the day by which it is gone over.
    """
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_MOVE)
    check_version(project, version)
    return take_off(session, actor, project, leaving, now=now, today=today)


def take_off(session: Session, actor: Actor, project: Project, leaving: Exit, *, now: datetime, today: date) -> Project:
    """Take a project off the road for a caller that has checked the right; what counted is decided anew."""
    problems = limits.exit_problems(facts_of(session, project, now=now), leaving, today=today)
    _refuse(problems or _target_problems(session, actor, project, leaving, today))
    lost = leaving.kind is ExitKind.LOST
    learn_by = today + timedelta(days=setting.current(session).learn_days) if lost else None
    session.add(
        ProjectExit(
            project_id=project.id,
            kind=leaving.kind,
            reason=leaving.reason,
            detail=leaving.detail.strip(),
            place=leaving.place.strip() or None,
            merged_into_id=leaving.merged_into_id if leaving.kind is ExitKind.MERGED else None,
            to_unit_id=leaving.to_unit_id if leaving.kind is ExitKind.TRANSFERRED else None,
            review_on=leaving.review_on,
            by=actor.user_id,
            at=now,
            learn_by=learn_by,
        )
    )
    project.exit_kind, project.exit_reason, project.exit_detail = leaving.kind, leaving.reason, leaving.detail.strip()
    project.exited_at, project.review_on, project.updated_at = now, leaving.review_on, now
    detail = {"kind": str(leaving.kind), "reason": str(leaving.reason), "text": leaving.detail.strip()}
    if leaving.place.strip():
        detail["place"] = leaving.place.strip()
    audit.record(session, actor.user_id, "project.leave", (KIND, project.id), now=now, **detail)
    words = {ExitKind.SUSPENDED: ("复核搁置的项目", leaving.review_on), ExitKind.LOST: ("复盘流失的项目", learn_by)}
    if leaving.kind in words:
        title, day = words[leaving.kind]
        reminder = FollowUpDraft(title, day, project.enterprise_id, project.id)
        add_follow_up(session, actor, reminder, now=now, today=today, unit_id=project.unit_id)
    session.flush()
    counting.notice(session, project, now=now)
    want_score(session, [project.enterprise_id], now=now)
    return project


def restore(session: Session, actor: Actor, project_id: int, *, version: int, now: datetime) -> Project:
    """Put a project that left back on the road, at the stage where it was; the exit stays in its history."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_MOVE)
    check_version(project, version)
    if project.exit_kind is None:
        raise DomainError(Problem("exit.none", "项目没有退出，不用恢复。"))
    if project.exit_kind is ExitKind.TERMINATED and facts_of(session, project).bound.signed:
        raise DomainError(FINAL)
    project.exit_kind = project.exit_reason = project.exit_detail = None
    project.exited_at = project.review_on = None
    project.updated_at = now
    left = session.scalar(
        select(ProjectExit).where(ProjectExit.project_id == project.id, ProjectExit.restored_at.is_(None))
    )
    if left is not None:
        left.restored_at, left.restored_by = now, actor.user_id
    audit.record(session, actor.user_id, "project.restore", (KIND, project.id), now=now)
    session.flush()
    counting.notice(session, project, now=now)
    want_score(session, [project.enterprise_id], now=now)
    notice(session, project, now=now)
    return project


def learn(session: Session, actor: Actor, project_id: int, exit_id: int, text: str, *, now: datetime) -> ProjectExit:
    """Write down, once, what a loss taught."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    statement = select(ProjectExit).where(ProjectExit.id == exit_id, ProjectExit.project_id == project.id)
    left = session.scalar(statement.with_for_update())
    if left is None:
        raise NotFoundError(ABSENT)
    if left.learned is not None:
        raise ConflictError(*lesson_problems(left.kind, text, learned=True))
    _refuse(lesson_problems(left.kind, text, learned=False))
    left.learned, left.learned_by, left.learned_at = text.strip(), actor.user_id, now
    audit.record(session, actor.user_id, "project.learn", (KIND, project.id), now=now, exit=left.id, text=text.strip())
    session.flush()
    return left


def _target_problems(session: Session, actor: Actor, project: Project, leaving: Exit, today: date) -> list[Problem]:
    """What a merger or a transfer names must be there, and the person must be allowed to see it."""
    if leaving.kind is ExitKind.MERGED:
        other = leaving.merged_into_id
        seen = select(Project.id).where(Project.id == other, Project.id != project.id, queries.visible_to(actor))
        if session.scalar(seen.where(Project.exit_kind.is_(None))) is None:
            return [Problem("exit.merged", "请选择并入哪个项目。", "merged_into_id")]
    if leaving.kind is ExitKind.TRANSFERRED:
        unit = select(OrgUnit.id).where(
            OrgUnit.id == leaving.to_unit_id, OrgUnit.id != project.unit_id, valid_on(OrgUnit, today)
        )
        if session.scalar(unit) is None:
            return [Problem("exit.unit", "请选择流转到哪个单位。", "to_unit_id")]
    return []


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DomainError(*problems)
