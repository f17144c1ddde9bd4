"""Reads behind the list of the week: who may be called at all, and what the order wants to know of them.

A fixed number of queries whatever the size of the register: the best-scored enterprises that nobody else holds,
narrowly; then the facts of the few that can reach the pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, or_, select

from crm.enterprises import queries as register
from crm.enterprises.contact_queries import in_use
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import FollowUp, Touch
from crm.pipeline.claims.kinds import LIVE
from crm.pipeline.claims.models import Claim
from crm.pipeline.models import Project
from crm.pipeline.rules import IDLE_DAYS
from crm.scores import ranking
from crm.scores.models import WorkDeferral
from crm.scoring.models import EnterpriseScore, ScoreOverride
from crm.scoring.queries import in_force

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import CTE, ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

POOL, WINDOW = 10_000, 1_500
STALE_PROMISE = timedelta(days=30)
ON_THE_ROAD = tuple(IDLE_DAYS)


@dataclass(frozen=True, slots=True)
class Desk:
    """For whom the list is made: the reader, the squad, its units (itself and those below), the moment."""

    actor: Actor
    unit_id: int
    units: frozenset[int]
    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Narrow:
    """One enterprise in the window: what is needed to see whether it can reach the pages."""

    id: int
    points: int
    industry: str | None
    last_touch_at: datetime | None
    tied: bool


def window(session: Session, desk: Desk) -> list[Narrow]:
    """Return the best that may be called, at most ``WINDOW``, out of the ``POOL`` best-scored enterprises."""
    tied = or_(
        exists().where(Contact.enterprise_id == Enterprise.id, Contact.unit_id.in_(desk.units), in_use()),
        exists().where(Touch.enterprise_id == Enterprise.id, Touch.unit_id.in_(desk.units), fieldwork.counted()),
        exists().where(Project.enterprise_id == Enterprise.id, _own(desk)),
    )
    best = select(EnterpriseScore.enterprise_id, EnterpriseScore.points)
    best_first = (EnterpriseScore.points.desc(), EnterpriseScore.enterprise_id.desc())
    pool = best.order_by(*best_first).limit(POOL).subquery("pool")
    points = func.coalesce(ScoreOverride.points, pool.c.points)
    instead = (ScoreOverride.enterprise_id == Enterprise.id) & in_force(desk.now)
    statement = (
        select(Enterprise.id, points, Enterprise.industry, Enterprise.last_touch_at, tied)
        .join(pool, pool.c.enterprise_id == Enterprise.id)
        .outerjoin(ScoreOverride, instead)
        .where(*callable_now(desk))
        .order_by(points.desc(), pool.c.enterprise_id.desc())
        .limit(WINDOW)
    )
    return [Narrow(*row) for row in session.execute(statement)]


def may_be_called(session: Session, desk: Desk, enterprise_id: int) -> bool:
    """Whether an enterprise can stand on the squad's list now."""
    return bool(session.scalar(select(Enterprise.id).where(Enterprise.id == enterprise_id, *callable_now(desk))))


def callable_now(desk: Desk) -> list[ColumnElement[bool]]:
    """Conditions: not just contacted, not held or promised by others, not put off, not asked to be left alone."""
    return [
        register.live(),
        or_(Enterprise.last_touch_at.is_(None), Enterprise.last_touch_at < desk.now - _days(ranking.QUIET_DAYS)),
        _seldom(desk),
        ~_others_lately(desk),
        Enterprise.id.not_in(select(_claimed(desk).c.id)),
        ~exists().where(Project.enterprise_id == Enterprise.id, Project.exit_kind.is_(None), ~_own(desk)),
        ~_promised(desk),
        Enterprise.id.not_in(
            select(WorkDeferral.enterprise_id).where(
                WorkDeferral.unit_id == desk.unit_id, WorkDeferral.until > desk.today
            )
        ),
        ~_left_alone(),
    ]


def _own(desk: Desk) -> ColumnElement[bool]:
    """Condition: the squad's own project on the way to signing; a confidential one is nobody's business here."""
    return and_(
        Project.exit_kind.is_(None),
        Project.unit_id.in_(desk.units),
        Project.confidential.is_(False),
        Project.stage.in_(ON_THE_ROAD),
    )


def _seldom(desk: Desk) -> ColumnElement[bool]:
    """Condition: it was not contacted too often lately, by whomever."""
    lately = Touch.occurred_at >= desk.now - _days(ranking.CROWDED_DAYS)
    often = select(func.count(Touch.id)).where(Touch.enterprise_id == Enterprise.id, lately, fieldwork.counted())
    return often.correlate(Enterprise).scalar_subquery() < ranking.CROWDED_TOUCHES


def _others_lately(desk: Desk) -> ColumnElement[bool]:
    """Condition: another unit was in contact within a month."""
    lately = Touch.occurred_at >= desk.now - _days(ranking.OTHERS_QUIET_DAYS)
    theirs = (Touch.enterprise_id == Enterprise.id, Touch.unit_id.not_in(desk.units), lately, fieldwork.counted())
    return exists().where(*theirs)


def _claimed(desk: Desk) -> CTE:
    """Enterprises under the protection of another unit's claim, with all that belongs to them."""
    others = (Claim.status.in_(LIVE), Claim.unit_id.not_in(desk.units))
    kin = select(Claim.enterprise_id.label("id")).where(*others).cte("claimed", recursive=True)
    below = select(Enterprise.id).join(kin, Enterprise.parent_id == kin.c.id)
    return kin.union(select(Claim.investor_key).where(*others), below)


def _promised(desk: Desk) -> ColumnElement[bool]:
    """Condition: the squad has planned it, or another unit has not long ago."""
    ours = FollowUp.unit_id.in_(desk.units)
    alive = func.coalesce(FollowUp.due_on, desk.today) >= desk.today - STALE_PROMISE
    return exists().where(FollowUp.enterprise_id == Enterprise.id, FollowUp.done_at.is_(None), or_(ours, alive))


def _left_alone() -> ColumnElement[bool]:
    """Condition: somebody there asked not to be contacted, archived since or not, and nobody else is known."""
    here = Contact.enterprise_id == Enterprise.id
    asked = exists().where(here, Contact.do_not_contact, Contact.merged_into_id.is_(None))
    return asked & ~exists().where(here, in_use(), Contact.do_not_contact.is_(False))


def _days(count: int) -> timedelta:
    return timedelta(days=count)


def planned(session: Session, desk: Desk) -> int:
    """Count the enterprises for which the squad has something open that is due this week or late."""
    _monday, sunday = ranking.week(desk.today)
    statement = select(func.count(func.distinct(FollowUp.enterprise_id))).where(
        FollowUp.unit_id.in_(desk.units), FollowUp.done_at.is_(None), FollowUp.due_on <= sunday
    )
    return session.scalar(statement) or 0


def deferrals(session: Session, desk: Desk, limit: int) -> Sequence[WorkDeferral]:
    """Return what the squad has put off, what comes back first in front."""
    statement = (
        select(WorkDeferral)
        .join(Enterprise, Enterprise.id == WorkDeferral.enterprise_id)
        .where(WorkDeferral.unit_id == desk.unit_id, WorkDeferral.until > desk.today, register.live())
        .order_by(WorkDeferral.until, WorkDeferral.enterprise_id)
        .limit(limit)
    )
    return session.scalars(statement).all()
