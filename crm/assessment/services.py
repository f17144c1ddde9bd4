"""Writes: yearly targets per unit, campaigns and their tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from crm.assessment import past, queries, targets
from crm.assessment.goals import LARGEST, Scope, SplitBy
from crm.assessment.items import STANDARD, Item, Phase, item_problems, phase_problems
from crm.assessment.measures import MEASURES
from crm.assessment.models import Campaign, CampaignItem, CampaignPhase, CampaignTask, Target
from crm.assessment.rules import LARGEST_TARGET, Metric, Number, TargetLevel, campaign_problems
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
NAME_TAKEN = Problem("campaign.name_taken", "已有同名的会战，请换一个名称。", "name")
MISSING = Problem("campaign.missing", "没有这个会战，可能已被删除。")
OUT_OF_RANGE = Problem("target.value", "任务数要大于零、不超过 1000000；不下达的请留空。")
FIRST_YEAR, LAST_YEAR = 2000, 2100
WRONG_YEAR = Problem("target.year", "年份要在 2000 到 2100 之间。", "year")

DEEPER = Problem("target.deeper", "其中有任务已经往下分解，或者是别的任务的分解：请到那项任务的页面改。")
UNEVEN = "“%(metric)s”各单位合计%(sum)s，全局任务是%(total)s：请改到相等再保存。"
Cell = tuple[int | None, str]
Grid = Mapping[tuple[int, Metric], int] | Mapping[tuple[int, str], Number]


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """What a person typed about a campaign; ``tasks`` by unit and key of an item, ``items`` of None are the five."""

    name: str
    start_on: date
    end_on: date
    slogan: str
    tasks: Grid
    items: Sequence[Item] | None = None
    phases: Sequence[Phase] = ()


def _demand(actor: Actor, permission: Permission) -> None:
    if not actor.may(permission):
        raise ForbiddenError(FORBIDDEN)


def _check(values: Grid) -> None:
    if any(not 0 < value <= LARGEST_TARGET for value in values.values()):
        raise DomainError(OUT_OF_RANGE)


def set_targets(session: Session, actor: Actor, year: int, level: TargetLevel, values: Grid, *, now: datetime) -> None:
    """Replace the targets of a year and level of units, and of the whole office (unit 0), for the five metrics.

    A pair that is left out has no target. Where the whole office has one, those of the units are its parts.
    """
    _demand(actor, Permission.TARGET_MANAGE)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DomainError(WRONG_YEAR)
    _check(values)
    asked = {(unit_id or None, str(metric)): Decimal(value) for (unit_id, metric), value in values.items()}
    held = {(row.unit_id, row.metric): row for row in queries.grid_targets(session, year, level)}
    changed = {key: value for key, value in asked.items() if key not in held or held[key].value != value}
    dropped = [key for key in held if key not in asked]
    problems = _grid_problems(asked, held, {*changed, *dropped})
    if problems:
        raise DomainError(*problems)
    past.keep(session, [held[key].id for key in (*changed, *dropped) if key in held], now=now)
    for (unit_id, metric), value in changed.items():
        if (unit_id, metric) in held:
            held[unit_id, metric].value = value
        else:
            scope = Scope(metric, year, level=level, unit_id=unit_id)
            held[unit_id, metric] = targets.put(session, actor, scope, value, None, now)
    gone = [held.pop(key) for key in dropped]
    _hang(held, {row.id for row in gone})
    session.flush()
    session.execute(delete(Target).where(Target.id.in_([row.id for row in gone])))
    detail = {f"{unit_id or 0}.{metric}": f"{value:f}" for (unit_id, metric), value in changed.items()}
    removed = [f"{unit_id or 0}.{metric}" for unit_id, metric in dropped]
    audit.record(
        session, actor.user_id, "target.set", ("target", None), now=now, year=year, level=level.value, set=detail,
        removed=removed,
    )  # fmt: skip


def _grid_problems(
    asked: Mapping[Cell, Decimal], held: Mapping[Cell, Target], moved: Collection[Cell]
) -> list[Problem]:
    """What stands deeper keeps its sums; the units of a metric sum to the office's own target, where there is one."""
    problems = []
    roots = {metric: row.id for (unit_id, metric), row in held.items() if unit_id is None}
    for unit_id, metric in moved:
        row = held.get((unit_id, metric))
        split = row and row.split_by and not (unit_id is None and row.split_by is SplitBy.UNIT)
        if row and (split or row.parent_id not in {None, roots.get(metric)}):
            problems.append(DEEPER)
    for (unit_id, metric), whole in asked.items():
        root = held.get((None, metric))
        if unit_id is not None or (root and root.split_by not in {None, SplitBy.UNIT}):
            continue
        below = {roots.get(metric), None}
        parts = [
            value
            for (one, key), value in asked.items()
            if one is not None and key == metric and ((one, key) not in held or held[one, key].parent_id in below)
        ]
        if parts and sum(parts) != whole:
            params: dict[str, object] = {"metric": MEASURES[metric].label, "sum": sum(parts), "total": whole}
            problems.append(Problem("target.sum", UNEVEN, params=params))
    return problems


def _hang(held: Mapping[Cell, Target], gone: set[int]) -> None:
    """Make the targets of units the parts of the office's own, where there is one that is not split otherwise."""
    roots = {metric: row for (unit_id, metric), row in held.items() if unit_id is None}
    for root in roots.values():
        root.split_by = None if root.split_by is SplitBy.UNIT else root.split_by
    for (unit_id, metric), row in held.items():
        whole = roots.get(metric)
        if unit_id is None or row.parent_id not in {None, whole.id if whole else None, *gone}:
            continue
        joined = whole if whole and whole.split_by in {None, SplitBy.UNIT} else None
        row.parent_id = joined.id if joined else None
        if joined:
            joined.split_by = SplitBy.UNIT


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
    _put(session, campaign, draft)
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
    _put(session, campaign, draft)
    audit.record(
        session, actor.user_id, "campaign.change", ("campaign", campaign_id), now=now, before=before,
        tasks=len(draft.tasks),
    )  # fmt: skip


def set_items(session: Session, actor: Actor, campaign_id: int, items: Sequence[Item], *, now: datetime) -> int:
    """Choose what is counted in a campaign; return how many tasks of units went with what is no longer counted."""
    _demand(actor, Permission.CAMPAIGN_MANAGE)
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFoundError(MISSING)
    problems = item_problems(items)
    if problems:
        raise DomainError(*problems)
    keys = [item.key for item in items]
    lost = (CampaignTask.campaign_id == campaign_id, CampaignTask.metric.not_in(keys))
    gone = session.scalar(select(func.count(CampaignTask.id)).where(*lost)) or 0
    session.execute(delete(CampaignTask).where(*lost))
    _put_items(session, campaign_id, items)
    audit.record(
        session, actor.user_id, "campaign.items", ("campaign", campaign_id), now=now, items=keys, tasks_gone=gone
    )
    return gone


def _put_items(session: Session, campaign_id: int, items: Sequence[Item]) -> None:
    session.execute(delete(CampaignItem).where(CampaignItem.campaign_id == campaign_id))
    session.add_all(_item(campaign_id, place, one) for place, one in enumerate(items))
    session.flush()


def _accept(session: Session, draft: CampaignDraft, own_id: int | None) -> None:
    problems = campaign_problems(draft.name, draft.start_on, draft.end_on, len(draft.tasks))
    taken = session.scalar(select(Campaign.id).where(Campaign.name == draft.name))
    if taken is not None and taken != own_id:
        problems.append(NAME_TAKEN)
    problems += [] if draft.items is None else item_problems(draft.items)
    problems += phase_problems(draft.phases, draft.start_on, draft.end_on)
    if problems:
        raise DomainError(*problems)
    if any(not 0 < value <= LARGEST for value in draft.tasks.values()):
        raise DomainError(OUT_OF_RANGE)


def _put(session: Session, campaign: Campaign, draft: CampaignDraft) -> None:
    """Write items, phases and tasks anew; None of items keeps those that are there."""
    for kind in (CampaignTask, CampaignPhase):
        session.execute(delete(kind).where(kind.campaign_id == campaign.id))
    if draft.items is not None or not queries.has_items(session, campaign.id):
        _put_items(session, campaign.id, draft.items or STANDARD)
    session.add_all(
        CampaignPhase(
            campaign_id=campaign.id,
            name=one.name,
            start_on=one.start_on,
            end_on=one.end_on,
            percent=one.percent,
            plan=one.plan or None,
        )
        for one in draft.phases
    )
    session.add_all(
        CampaignTask(campaign_id=campaign.id, unit_id=unit_id, metric=str(key), value=Decimal(value))
        for (unit_id, key), value in draft.tasks.items()
    )
    session.flush()
    session.expire(campaign)


def _item(campaign_id: int, place: int, one: Item) -> CampaignItem:
    lens = one.lens
    return CampaignItem(
        campaign_id=campaign_id,
        position=place,
        key=one.key,
        metric=one.measure.key,
        label=one.named or None,
        low=lens.low,
        high=lens.high,
        size=lens.size,
        currency=lens.currency,
        sector=lens.sector,
    )
