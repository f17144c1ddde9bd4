"""The figures on top of my day: this week, the running campaign, and the first steps of a new office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.assessment.facts import Window
from crm.assessment.measures import MEASURES
from crm.assessment.models import Campaign, CampaignTask
from crm.assessment.rules import Metric
from crm.auth.models import OrgUnit, User
from crm.auth.rules import Permission
from crm.core.tasks import Task, TaskState
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import FollowUp, Touch
from crm.news.models import Source

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SHOWN = (Metric.VISITS, Metric.LEADS, Metric.INSPECTIONS)


@dataclass(frozen=True, slots=True)
class Figure:
    """One tile: done this week, and done against the goal of the running campaign if there is one."""

    metric: Metric
    week: int
    campaign_done: int | None = None
    campaign_goal: int | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """The week of the person's units (of the whole office for those who see it all)."""

    window: Window
    figures: tuple[Figure, ...]
    own_touches: int
    overdue: int
    campaign: str | None
    campaign_id: int | None


@dataclass(frozen=True, slots=True)
class Start:
    """What a new office has done already."""

    enterprises: bool
    sources: bool
    people: bool
    visits: bool

    @property
    def done(self) -> bool:
        """Whether every first step was taken."""
        return self.enterprises and self.sources and self.people and self.visits


@dataclass(frozen=True, slots=True)
class Plant:
    """What an administrator looks after."""

    people: int
    units: int
    sources: int
    dead_tasks: int


def start(session: Session) -> Start:
    """Tell which first steps were taken."""
    row = session.execute(
        select(
            select(Enterprise.id).limit(1).scalar_subquery(),
            select(Source.id).limit(1).scalar_subquery(),
            select(func.count(User.id)).scalar_subquery(),
            select(Touch.id).limit(1).scalar_subquery(),
        )
    ).one()
    return Start(row[0] is not None, row[1] is not None, row[2] > 1, row[3] is not None)


def plant(session: Session, today: date) -> Plant:
    """Count what an administrator looks after."""
    dead = select(func.count(Task.id)).where(Task.state == TaskState.DEAD)
    units = select(func.count(OrgUnit.id)).where(OrgUnit.valid_to.is_(None) | (OrgUnit.valid_to >= today))
    people = select(func.count(User.id)).where(User.active)
    sources = select(func.count(Source.id))
    row = session.execute(select(*(part.scalar_subquery() for part in (people, units, sources, dead)))).one()
    return Plant(*row)


def week(session: Session, actor: Actor, now: datetime, today: date) -> Week:
    """Count the running week, from Monday on, by the counting basis of the campaigns."""
    units = actor.scope(Permission.REPORT_READ)
    window = Window(today - timedelta(days=today.weekday()), today, now, units)
    since, until = window.instants
    own = select(func.count(Touch.id)).where(
        Touch.created_by == actor.user_id, Touch.voided_at.is_(None), Touch.occurred_at.between(since, until)
    )
    late = select(func.count(FollowUp.id)).where(
        FollowUp.owner_id == actor.user_id, FollowUp.done_at.is_(None), FollowUp.due_on < today
    )
    goals = _goals(session, units, today)
    inside = Window(goals[0].start_on, goals[0].end_on, now, units) if goals else None
    counts = session.execute(
        select(
            own.scalar_subquery(),
            late.scalar_subquery(),
            *(_total(metric, window) for metric in SHOWN),
            *(_total(metric, inside) for metric in SHOWN if inside),
        )
    ).one()
    done, so_far = counts[2 : 2 + len(SHOWN)], counts[2 + len(SHOWN) :] or (None,) * len(SHOWN)
    wanted = goals[1] if goals else {}
    figures = tuple(
        Figure(metric, int(done[place]), so_far[place], wanted.get(metric)) for place, metric in enumerate(SHOWN)
    )
    campaign = goals[0] if goals else None
    return Week(
        window, figures, counts[0], counts[1], campaign.name if campaign else None, campaign.id if campaign else None
    )


def _total(metric: Metric, window: Window) -> Any:  # noqa: ANN401 (a scalar subquery)
    facts = MEASURES[metric.value].select(window).subquery()
    return select(func.coalesce(func.sum(facts.c.amount), 0)).scalar_subquery()


def _goals(session: Session, units: frozenset[int] | None, today: date) -> tuple[Campaign, dict[Metric, int]] | None:
    """The newest running campaign with goals for these units."""
    statement = (
        select(Campaign, CampaignTask.metric, func.sum(CampaignTask.value))
        .join(CampaignTask, CampaignTask.campaign_id == Campaign.id)
        .where(Campaign.start_on <= today, Campaign.end_on >= today)
        .group_by(Campaign.id, CampaignTask.metric)
        .order_by(Campaign.start_on.desc(), Campaign.id.desc())
    )
    if units is not None:
        statement = statement.where(CampaignTask.unit_id.in_(units))
    rows = session.execute(statement).all()
    if not rows:
        return None
    campaign: Campaign = rows[0][0]
    five = set(Metric)
    return campaign, {Metric(key): int(value) for found, key, value in rows if found.id == campaign.id and key in five}
