"""Writes: yearly targets per unit, campaigns and their tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from crm.assessment.models import Campaign, CampaignTask, Target
from crm.assessment.rules import LARGEST_TARGET, Metric, TargetLevel, campaign_problems
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
NAME_TAKEN = Problem("campaign.name_taken", "已有同名的会战，请换一个名称。", "name")
MISSING = Problem("campaign.missing", "没有这个会战，可能已被删除。")
OUT_OF_RANGE = Problem("target.value", "任务数要是 1 到 1000000 之间的整数；不下达的请留空。")
FIRST_YEAR, LAST_YEAR = 2000, 2100
WRONG_YEAR = Problem("target.year", "年份要在 2000 到 2100 之间。", "year")

Grid = dict[tuple[int, Metric], int]


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """What a person typed about a campaign; ``tasks`` by unit and metric."""

    name: str
    start_on: date
    end_on: date
    slogan: str
    tasks: Grid


def _demand(actor: Actor, permission: Permission) -> None:
    if not actor.may(permission):
        raise ForbiddenError(FORBIDDEN)


def _check(values: Mapping[tuple[int, Metric], int]) -> None:
    if any(not 0 < value <= LARGEST_TARGET for value in values.values()):
        raise DomainError(OUT_OF_RANGE)


def set_targets(session: Session, actor: Actor, year: int, level: TargetLevel, values: Grid, *, now: datetime) -> None:
    """Replace the targets of a year and level; a pair that is left out has no target."""
    _demand(actor, Permission.TARGET_MANAGE)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DomainError(WRONG_YEAR)
    _check(values)
    held = {
        (row.unit_id, row.metric): row
        for row in session.scalars(select(Target).where(Target.year == year, Target.level == level))
    }
    changed = {key: value for key, value in values.items() if key not in held or held[key].value != value}
    dropped = [key for key in held if key not in values]
    for key, value in changed.items():
        if key in held:
            held[key].value = value
        else:
            unit_id, metric = key
            session.add(
                Target(
                    unit_id=unit_id,
                    metric=metric,
                    year=year,
                    level=level,
                    value=value,
                    created_by=actor.user_id,
                    created_at=now,
                )
            )
    for key in dropped:
        session.delete(held[key])
    session.flush()
    detail = {f"{unit_id}.{metric.value}": value for (unit_id, metric), value in changed.items()}
    removed = [f"{unit_id}.{metric.value}" for unit_id, metric in dropped]
    audit.record(
        session, actor.user_id, "target.set", ("target", None), now=now, year=year, level=level.value, set=detail,
        removed=removed,
    )  # fmt: skip


def create_campaign(session: Session, actor: Actor, draft: CampaignDraft, *, now: datetime) -> Campaign:
    """Start a campaign between two dates with tasks per unit."""
    _demand(actor, Permission.CAMPAIGN_MANAGE)
    _accept(session, draft, None)
    campaign = Campaign(
        name=draft.name,
        start_on=draft.start_on,
        end_on=draft.end_on,
        slogan=draft.slogan or None,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(campaign)
    session.flush()
    _put_tasks(session, campaign.id, draft.tasks)
    audit.record(
        session, actor.user_id, "campaign.create", ("campaign", campaign.id), now=now, name=draft.name,
        tasks=len(draft.tasks),
    )  # fmt: skip
    return campaign


def change_campaign(session: Session, actor: Actor, campaign_id: int, draft: CampaignDraft, *, now: datetime) -> None:
    """Change name, dates and tasks of a campaign."""
    _demand(actor, Permission.CAMPAIGN_MANAGE)
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFoundError(MISSING)
    _accept(session, draft, campaign_id)
    before = {"name": campaign.name, "start_on": str(campaign.start_on), "end_on": str(campaign.end_on)}
    campaign.name, campaign.slogan = draft.name, draft.slogan or None
    campaign.start_on, campaign.end_on = draft.start_on, draft.end_on
    session.execute(delete(CampaignTask).where(CampaignTask.campaign_id == campaign_id))
    session.flush()
    _put_tasks(session, campaign_id, draft.tasks)
    audit.record(
        session, actor.user_id, "campaign.change", ("campaign", campaign_id), now=now, before=before,
        tasks=len(draft.tasks),
    )  # fmt: skip


def _accept(session: Session, draft: CampaignDraft, own_id: int | None) -> None:
    problems = campaign_problems(draft.name, draft.start_on, draft.end_on, len(draft.tasks))
    taken = session.scalar(select(Campaign.id).where(Campaign.name == draft.name))
    if taken is not None and taken != own_id:
        problems.append(NAME_TAKEN)
    if problems:
        raise DomainError(*problems)
    _check(draft.tasks)


def _put_tasks(session: Session, campaign_id: int, tasks: Grid) -> None:
    session.add_all(
        CampaignTask(campaign_id=campaign_id, unit_id=unit_id, metric=metric, value=value)
        for (unit_id, metric), value in tasks.items()
    )
    session.flush()
