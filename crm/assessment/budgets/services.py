"""Writes of money: budgets of a year, entries of what was spent, entries taken back with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.assessment.budgets import queries, rules
from crm.assessment.budgets.models import Spending, UnitBudget
from crm.auth.models import OrgUnit
from crm.auth.queries import valid_on
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.fieldwork import queries as touches
from crm.fieldwork.events.models import Event
from crm.fieldwork.models import Touch
from crm.fieldwork.secrecy import not_secret
from crm.fieldwork.trips import queries as trips
from crm.fieldwork.trips.models import Trip, TripCost
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.assessment.budgets.rules import SpendDraft
    from crm.auth.rules import Actor

FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
NOT_YOURS = Problem("spend.unit", "只能登记自己单位的支出，请重新选单位。", "unit_id")
TRIP_TOLD = Problem("spend.trip_told", "这次外出已经在外出页记了经费，自动计入，不用再登记。", "trip_id")
EVENT_TOLD = Problem("spend.event_told", "这次活动已经在活动页记了经费，自动计入，不用再登记。", "event_id")
TRIP_ABSENT = Problem("spend.trip", "没有这次外出，或者不在您的查看范围内，请重新选。", "trip_id")
EVENT_ABSENT = Problem("spend.event", "没有这次活动，请重新选。", "event_id")
TOUCH_ABSENT = Problem("spend.touch", "没有这次走访接待，或者不在您的查看范围内，请重新选。", "touch_id")
PROJECT_ABSENT = Problem("spend.project", "没有这个项目，或者不在您的查看范围内，请重新选。", "project_id")
SECOND_TAP = 60  # seconds
VOIDED = Problem("spend.voided", "这笔支出已经作废。")


def set_budgets(
    session: Session, actor: Actor, year: int, amounts: Mapping[int, Decimal | None], *, basis: str, now: datetime
) -> int:
    """Set the budgets of a year; None takes one away. Return how many changed; ``field`` names the unit."""
    if not actor.may(Permission.TARGET_MANAGE):
        raise ForbiddenError(FORBIDDEN)
    problems = [
        Problem(one.key, one.message, f"b-{unit_id}" if one.field == "amount" else one.field, one.params)
        for unit_id, amount in amounts.items()
        if amount is not None
        for one in rules.budget_problems(year, amount)
    ]
    if problems:
        raise DomainError(*problems)
    held = queries.budgets(session, year, None)
    known = set(session.scalars(select(OrgUnit.id).where(OrgUnit.id.in_(list(amounts)))))
    changed: dict[str, list[str | None]] = {}
    for unit_id, amount in amounts.items():
        row = held.get(unit_id)
        if unit_id not in known or (row.amount if row else None) == amount:
            continue
        changed[str(unit_id)] = [None if one is None else f"{one:f}" for one in (row.amount if row else None, amount)]
        if amount is None and row is not None:
            session.delete(row)
        elif amount is not None:
            row = row or UnitBudget(unit_id=unit_id, year=year)
            row.amount, row.basis, row.set_by, row.set_at = amount, basis.strip()[:200] or None, actor.user_id, now
            session.add(row)
    if changed:
        audit.record(session, actor.user_id, "budget.set", ("unit_budget", year), now=now, year=year, units=changed)
    session.flush()
    return len(changed)


def spend(session: Session, actor: Actor, draft: SpendDraft, *, now: datetime, today: date) -> Spending:
    """Enter what a unit spent; a cost that a trip or an event records itself is not entered again."""
    if not actor.may(Permission.TOUCH_WRITE):
        raise ForbiddenError(FORBIDDEN)
    problems = rules.spend_problems(draft, today)
    unit = session.scalar(select(OrgUnit).where(OrgUnit.id == draft.unit_id, valid_on(OrgUnit, today)))
    if unit is None or not actor.reaches(Permission.TOUCH_WRITE, unit.id):
        problems.append(NOT_YOURS)
    touch = _touch(session, actor, draft.touch_id)
    problems += [TOUCH_ABSENT] if draft.touch_id is not None and touch is None else []
    problems += _cause_problems(session, actor, draft)
    if problems or draft.amount is None or draft.spent_on is None:
        raise DomainError(*problems)
    row = Spending(
        unit_id=draft.unit_id,
        spent_on=draft.spent_on,
        kind=draft.kind,
        amount=draft.amount,
        purpose=draft.purpose.strip(),
        receipt=(draft.receipt or "").strip() or None,
        trip_id=draft.trip_id,
        event_id=draft.event_id,
        touch_id=draft.touch_id,
        project_id=draft.project_id or (touch.project_id if touch else None),
        entered_by=actor.user_id,
        entered_at=now,
    )
    again = queries.twin(session, row)
    if again is not None and again.receipt == row.receipt and (now - again.entered_at).total_seconds() < SECOND_TAP:
        return again
    session.add(row)
    session.flush()
    detail = {"unit": row.unit_id, "amount": f"{row.amount:f}", "day": row.spent_on.isoformat()}
    audit.record(session, actor.user_id, "spending.enter", ("spending", row.id), now=now, **detail)
    return row


def _touch(session: Session, actor: Actor, touch_id: int | None) -> Touch | None:
    """Return a touch the person sees; those on confidential projects are not spoken of in the ledger."""
    seen = (touches.visible_to(actor), touches.counted(), not_secret(Touch.project_id))
    return session.scalar(select(Touch).where(Touch.id == touch_id, *seen)) if touch_id is not None else None


def _cause_problems(session: Session, actor: Actor, draft: SpendDraft) -> list[Problem]:
    problems = []
    if draft.trip_id is not None:
        seen = session.scalar(select(Trip.id).where(Trip.id == draft.trip_id, trips.visible_to(actor)))
        own = select(TripCost.id).where(TripCost.trip_id == draft.trip_id, TripCost.spent > 0)
        if seen is None:
            problems.append(TRIP_ABSENT)
        elif session.scalar(own.limit(1)) is not None:
            problems.append(TRIP_TOLD)
    if draft.event_id is not None:
        event = session.get(Event, draft.event_id)
        if event is None:
            problems.append(EVENT_ABSENT)
        elif event.cost:
            problems.append(EVENT_TOLD)
    if draft.project_id is not None:
        shown = (Project.id == draft.project_id, pipeline.visible_to(actor), not_secret(Project.id))
        if session.scalar(select(Project.id).where(*shown)) is None:
            problems.append(PROJECT_ABSENT)
    return problems


def void(session: Session, actor: Actor, spending_id: int, *, reason: str, now: datetime) -> Spending:
    """Take an entry back: it stays to be seen and counts no more. Who entered it may, and the office."""
    row = queries.spending(session, actor, spending_id)
    if row.entered_by != actor.user_id and not actor.may(Permission.TARGET_MANAGE):
        raise ForbiddenError(Problem("spend.other", "只有登记人或招商办可以作废这笔支出。"))
    if row.voided_at is not None:
        raise ConflictError(VOIDED)
    if len(reason.strip()) < rules.SHORTEST_REASON:
        raise DomainError(Problem("spend.reason", "请写明作废的原因，至少4个字。", "reason"))
    row.voided_by, row.voided_at, row.void_reason = actor.user_id, now, reason.strip()[:200]
    audit.record(session, actor.user_id, "spending.void", ("spending", row.id), now=now, reason=row.void_reason)
    session.flush()
    return row
