"""Writes on what counts: rule by hand on a project, say where a contract's money comes from. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.core.scheduling import local_day
from crm.pipeline import queries as projects
from crm.pipeline.counting import finding
from crm.pipeline.counting.book import ruling_problems
from crm.pipeline.counting.models import CountingRuling
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.counting.words import Rule
    from crm.pipeline.models import Agreement
    from crm.pipeline.words import SourceArea

BATCH = 500
NO_RIGHT = Problem("counting.right", "是否计入由招商办核定。")
NO_AREA = Problem("counting.area", "请选择资金来源地。", "area")


def rule(
    session: Session,
    actor: Actor,
    project_id: int,
    asked: Rule | None,
    reason: str,
    *,
    counts: bool | None,
    now: datetime,
) -> CountingRuling:
    """Rule that a project counts under a rule, or does not; by who neither owns nor registered it."""
    if not actor.may(Permission.CLAIM_RULE):
        raise ForbiddenError(NO_RIGHT)
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_READ)
    found = finding.decide(session, [project.id], today=local_day(now))[project.id]
    on = asked is not None and found.book[asked].on
    involved = frozenset({project.created_by, project.owner_id or 0})
    problems = ruling_problems(asked, reason, counts=counts, on=on, actor_id=actor.user_id, involved=involved)
    if problems and problems[0].key == "counting.own":
        raise ForbiddenError(*problems)
    if problems or asked is None or counts is None:
        raise DomainError(*problems)
    row = CountingRuling(
        project_id=project.id, rule=asked, counts=counts, reason=reason.strip(), made_by=actor.user_id, made_at=now
    )
    session.add(row)
    session.flush()
    finding.notice(session, project, now=now)
    detail = {"project": project.id, "rule": str(asked), "counts": counts, "reason": row.reason}
    audit.record(session, actor.user_id, "counting.rule", ("counting_ruling", row.id), now=now, **detail)
    return row


def set_area(
    session: Session, actor: Actor, project_id: int, agreement_id: int, area: SourceArea | None, *, now: datetime
) -> Agreement:
    """Say where the money of a contract comes from: who may write the project before, who recognises after it."""
    project = projects.get(session, actor, project_id)
    agreement = projects.get_agreement(session, project.id, agreement_id, lock=True)
    needed = Permission.PROJECT_WRITE if agreement.recognized_at is None else Permission.AGREEMENT_RECOGNIZE
    if not actor.reaches(needed, project.unit_id) and not actor.reaches(
        Permission.AGREEMENT_RECOGNIZE, project.unit_id
    ):
        raise ForbiddenError(projects.FORBIDDEN)
    if area is None:
        raise DomainError(NO_AREA)
    before, agreement.source_area = agreement.source_area, area
    finding.notice(session, project, now=now)
    detail = {"project": project.id, "before": str(before or ""), "after": str(area)}
    audit.record(session, actor.user_id, "agreement.area", ("agreement", agreement.id), now=now, **detail)
    return agreement


def look_through(session: Session, after: int, *, now: datetime) -> tuple[int, int]:
    """Decide anew on the next projects; return the last one looked at (0 at the end) and how many changed."""
    ids = list(session.scalars(select(Project.id).where(Project.id > after).order_by(Project.id).limit(BATCH)))
    if not ids:
        return 0, 0
    changed = finding.look(session, ids, now=now)
    return (ids[-1] if len(ids) == BATCH else 0), changed
