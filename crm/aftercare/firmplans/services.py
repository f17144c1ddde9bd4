"""一企一策: read and write the plan for one firm and its items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from crm.aftercare.firmplans.models import FirmPlan, FirmPlanItem
from crm.auth.queries import seats, within
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.models import Enterprise
from crm.enterprises.queries import enterprise

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = "firm_plan"
ABSENT = Problem("plan.absent", "没有这家企业的一企一策，或者不在您的查看范围内。")
FORBIDDEN = Problem("plan.forbidden", "您只能改本单位定的一企一策。")
THERE = Problem("plan.there", "这家企业已有一企一策，请在原来的上面加。", "enterprise_id")
GOAL = Problem("plan.goal", "请写明目标，至少四个字。", "goal")
SHORTEST, MOST_ITEMS = 4, 50


@dataclass(frozen=True, slots=True)
class Row:
    """A plan in a list: items, those done, those late."""

    plan: FirmPlan
    items: int
    done: int
    late: int


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """One thing to do."""

    title: str
    owner_id: int
    due_on: date


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: plans of units the person may read, and those with something for the person to do."""
    mine = select(FirmPlanItem.plan_id).where(FirmPlanItem.owner_id == actor.user_id)
    return or_(within(FirmPlan.unit_id, actor, Permission.CASE_READ), FirmPlan.id.in_(mine))


def get(session: Session, actor: Actor, plan_id: int) -> FirmPlan:
    """Return a plan with its items."""
    statement = select(FirmPlan).where(FirmPlan.id == plan_id, visible_to(actor))
    items = selectinload(FirmPlan.items).joinedload(FirmPlanItem.owner)
    found: FirmPlan | None = session.scalar(statement.options(joinedload(FirmPlan.enterprise), items))
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def listing(session: Session, actor: Actor, today: date, *, cursor: str | None) -> Page[Row]:
    """Return a page of plans, newest first."""

    def count(*conditions: Any) -> Any:  # noqa: ANN401 (a scalar subquery)
        inner = select(func.count(FirmPlanItem.id)).where(FirmPlanItem.plan_id == FirmPlan.id, *conditions)
        return inner.correlate(FirmPlan).scalar_subquery()

    late = (FirmPlanItem.done_on.is_(None), FirmPlanItem.due_on < today)
    statement = select(FirmPlan, count(), count(FirmPlanItem.done_on.is_not(None)), count(*late))
    statement = statement.where(visible_to(actor)).options(joinedload(FirmPlan.enterprise))
    order = (Key(FirmPlan.id, descending=True),)
    page = fetch_page(session, cast("Any", statement), order, lambda row: (row[0].id,), cursor=cursor)
    return Page(tuple(Row(*row) for row in page.rows), page.next, page.previous)


def may_write(row: FirmPlan, actor: Actor) -> bool:
    """Whether the person may change the plan: of its unit, or who may rule on cases."""
    return actor.reaches(Permission.CASE_WRITE, row.unit_id) or actor.may(Permission.CASE_RULE)


def make(session: Session, actor: Actor, enterprise_id: int, goal: str, *, now: datetime) -> FirmPlan:
    """Begin the plan for a firm."""
    if not actor.may(Permission.CASE_WRITE) or not actor.unit_ids:
        raise ForbiddenError(FORBIDDEN)
    firm = enterprise(session, enterprise_id)
    session.execute(select(Enterprise.id).where(Enterprise.id == firm.id).with_for_update())
    if session.scalar(select(FirmPlan.id).where(FirmPlan.enterprise_id == firm.id)) is not None:
        raise DomainError(THERE)
    row = FirmPlan(enterprise_id=firm.id, unit_id=actor.unit_ids[0], created_by=actor.user_id, created_at=now)
    return _set_goal(session, actor, row, goal, now=now)


def change(session: Session, actor: Actor, plan_id: int, goal: str, *, now: datetime) -> FirmPlan:
    """Write the goal anew."""
    return _set_goal(session, actor, _mine(session, actor, plan_id), goal, now=now)


def _set_goal(session: Session, actor: Actor, row: FirmPlan, goal: str, *, now: datetime) -> FirmPlan:
    if len(goal.strip()) < SHORTEST:
        raise DomainError(GOAL)
    row.goal = goal.strip()
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "firm_plan.goal", (SUBJECT, row.id), now=now, enterprise=row.enterprise_id)
    return row


def add_item(
    session: Session, actor: Actor, plan_id: int, draft: ItemDraft, *, now: datetime, today: date
) -> FirmPlanItem:
    """Add something to do, with who and until when."""
    row = _mine(session, actor, plan_id)
    problems = []
    if len(draft.title.strip()) < SHORTEST:
        problems.append(Problem("plan.item", "请写明要做的事，至少四个字。", "title"))
    if draft.due_on < today:
        problems.append(Problem("plan.due", "期限不能早于今天。", "due_on"))
    if draft.owner_id not in {user_id for _unit, user_id, _label in seats(session, None, today)}:
        problems.append(Problem("plan.owner", "请选择负责人。", "owner_id"))
    if len(row.items) >= MOST_ITEMS:
        problems.append(Problem("plan.many", "一份一企一策最多50件事，请先办完一些。"))
    if problems:
        raise DomainError(*problems)
    item = FirmPlanItem(
        plan_id=row.id,
        title=draft.title.strip(),
        owner_id=draft.owner_id,
        due_on=draft.due_on,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(item)
    session.flush()
    session.expire(row, ["items"])
    detail = {"item": item.id, "owner": item.owner_id}
    audit.record(session, actor.user_id, "firm_plan.item", (SUBJECT, row.id), now=now, **detail)
    return item


def finish(
    session: Session, actor: Actor, plan_id: int, item_id: int, result: str, *, now: datetime, today: date
) -> FirmPlanItem:
    """Say that something is done and what came of it: its owner, or who may change the plan."""
    row = get(session, actor, plan_id)
    item = next((one for one in row.items if one.id == item_id), None)
    if item is None:
        raise NotFoundError(ABSENT)
    if item.owner_id != actor.user_id and not may_write(row, actor):
        raise ForbiddenError(FORBIDDEN)
    if item.done_on is not None:
        raise ConflictError(Problem("plan.done", "这件事已经办完。"))
    if not result.strip():
        raise DomainError(Problem("plan.result", "请写明办成什么样。", "result"))
    item.done_on, item.result = today, result.strip()
    session.flush()
    audit.record(session, actor.user_id, "firm_plan.done", (SUBJECT, row.id), now=now, item=item.id)
    return item


def _mine(session: Session, actor: Actor, plan_id: int) -> FirmPlan:
    row = get(session, actor, plan_id)
    if not may_write(row, actor):
        raise ForbiddenError(FORBIDDEN)
    return row
