"""Writes on likely repeats: rule on one, look behind all. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit, jobs
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.core.tasks import enqueue
from crm.pipeline import investors, limits
from crm.pipeline.models import Project
from crm.pipeline.repeats import finding, queries, rules
from crm.pipeline.repeats.rules import RepeatState

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.repeats.models import ProjectRepeat

KIND = "project_repeat"
BATCH = 500
NO_RIGHT = Problem("repeat.right", "疑似老项目由招商办核定。")
STALE = Problem("repeat.version", "您打开页面之后，这条疑似重复已有人核定。请核对最新内容。")


def rule(  # noqa: PLR0913 (a ruling has a result, an increment and a reason)
    session: Session,
    actor: Actor,
    repeat_id: int,
    state: RepeatState | None,
    increment: Decimal | None,
    reason: str,
    *,
    version: int,
    now: datetime,
) -> ProjectRepeat:
    """Rule whether a project is an earlier one, another one, or an expansion of it, by who neither owns nor made it."""
    found = queries.line(session, actor, repeat_id, lock=True)
    if not actor.may(Permission.CLAIM_RULE):
        raise ForbiddenError(NO_RIGHT)
    row = found.repeat
    involved = frozenset({found.project.created_by, row.registered_by, found.project.owner_id or 0})
    problems = rules.ruling_problems(state, reason, increment, actor_id=actor.user_id, involved=involved)
    if problems and problems[0].key == "repeat.own":
        raise ForbiddenError(*problems)
    if row.state is not RepeatState.OPEN or row.version != version:
        raise ConflictError(STALE)
    problems += limits.money_problems(increment, "increment")
    if problems or state is None:
        raise DomainError(*problems)
    row.state, row.increment, row.reason = state, increment, reason.strip()
    row.ruled_by, row.ruled_at = actor.user_id, now
    session.flush()
    detail = {"project": row.project_id, "earlier": row.earlier_id, "state": str(state)}
    if increment is not None:
        detail["increment"] = str(increment)
    audit.record(session, actor.user_id, "repeat.rule", (KIND, row.id), now=now, **detail)
    return row


def ask_for_all(session: Session, actor: Actor, *, now: datetime) -> None:
    """Ask for a look behind all projects, in the background."""
    if not actor.may(Permission.CLAIM_RULE):
        raise ForbiddenError(NO_RIGHT)
    enqueue(session, jobs.FIND_REPEATS, {}, now=now, dedupe_key=jobs.FIND_REPEATS)
    audit.record(session, actor.user_id, "repeat.look", (KIND, None), now=now)


def look_behind(session: Session, after: int, *, now: datetime) -> tuple[int, int]:
    """Look behind the next projects; return the last one looked at (0 at the end) and how many repeats are new."""
    ids = list(session.scalars(select(Project.id).where(Project.id > after).order_by(Project.id).limit(BATCH)))
    if not ids:
        return 0, 0
    found = finding.look(session, ids, investors.parents(session), now=now)
    return (ids[-1] if len(ids) == BATCH else 0), found
