"""Planning trips: the trip, its delegation, route and money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth import queries as people
from crm.auth.services import one_at_a_time
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.enterprises import queries as register
from crm.fieldwork.rules import may_correct, writing_units
from crm.fieldwork.trips import joining, queries, rules
from crm.fieldwork.trips.models import Trip, TripCost, TripMember, TripStop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.trips.rules import CostDraft, MemberDraft, StopDraft, TripDraft

NOT_YOURS = Problem("trip.not_yours", "只有行程登记人、代表团成员、本组组长和招商办可以修改。")
CHANGED = Problem("trip.changed", "这次出访刚刚被别人改过，请核对后再保存；您填的内容还在下面。")
CLOSED = Problem("trip.closed", "行程已结题或取消，需要修改时请先重新打开。")
PART_ABSENT = Problem("trip.part", "这一行已不在行程里，请刷新页面。")
TEXTS = ("place", "meets", "points", "proposals", "sites", "policies", "skipped")
FROZEN = (rules.TripState.CLOSED, rules.TripState.CANCELLED)


def may_change(actor: Actor, trip: Trip) -> bool:
    """Whether the person may work on a trip: who planned it, who goes, the team lead, the registrar."""
    goes = any(member.user_id == actor.user_id for member in trip.members)
    return bool(writing_units(actor)) and (goes or may_correct(actor, trip.created_by, trip.unit_id))


def changeable(session: Session, actor: Actor, trip_id: int) -> Trip:
    """Return a trip the person may change now."""
    trip = queries.trip(session, actor, trip_id)
    if not may_change(actor, trip):
        raise ForbiddenError(NOT_YOURS)
    if trip.state in FROZEN:
        raise DomainError(CLOSED)
    return trip


def plan_trip(session: Session, actor: Actor, draft: TripDraft, *, now: datetime) -> Trip:
    """Plan a trip; a second tap on the button gives the same one."""
    units = writing_units(actor)
    if not units:
        raise ForbiddenError(Problem("trip.no_unit", "您没有可登记出访的单位，请联系系统管理员调整编组。"))
    problems = rules.trip_problems(draft)
    if draft.unit_id is not None and draft.unit_id not in units:
        problems.append(Problem("trip.unit", "只能以自己所在的单位登记出访。", "unit_id"))
    if problems or draft.starts_on is None or draft.ends_on is None:
        raise DomainError(*problems)
    one_at_a_time(session, actor)
    known = queries.twin(session, actor, draft.title.strip(), draft.starts_on, draft.unit_id or units[0])
    if known is not None:
        return known
    trip = Trip(
        title=draft.title.strip(),
        purpose=draft.purpose,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        state=rules.TripState.PLANNED,
        unit_id=draft.unit_id or units[0],
        created_by=actor.user_id,
        created_at=now,
        updated_at=now,
    )
    session.add(trip)
    session.flush()
    audit.record(session, actor.user_id, "trip.plan", ("trip", trip.id), now=now, title=trip.title)
    return trip


def change_trip(session: Session, actor: Actor, trip_id: int, draft: TripDraft, *, version: int, now: datetime) -> Trip:
    """Change name, days or purpose; stops outside the new days are refused."""
    trip = changeable(session, actor, trip_id)
    if trip.version != version:
        raise ConflictError(CHANGED)
    problems = rules.trip_problems(draft)
    if not problems and draft.starts_on and draft.ends_on:
        outside = [stop for stop in trip.stops if not draft.starts_on <= stop.on_day <= draft.ends_on]
        if outside:
            message = "“%(name)s”的拜访日期不在新的起止日期之内，请先改这一站。"
            problems = [Problem("trip.stop_outside", message, "starts_on", {"name": outside[0].called})]
    if problems or draft.starts_on is None or draft.ends_on is None:
        raise DomainError(*problems)
    trip.title, trip.purpose = draft.title.strip(), draft.purpose
    trip.starts_on, trip.ends_on = draft.starts_on, draft.ends_on
    return _changed(session, actor, trip, "trip.change", now)


def add_member(session: Session, actor: Actor, trip_id: int, draft: MemberDraft, *, now: datetime, today: date) -> Trip:
    """Put somebody into the delegation."""
    trip = changeable(session, actor, trip_id)
    problems = rules.member_problems(draft)
    if draft.user_id is not None:
        if draft.user_id in {member.user_id for member in trip.members}:
            problems.append(Problem("member.twice", "这位同事已在代表团里。", "user_id"))
        elif draft.user_id not in {one.id for one in people.colleagues(session, None, today)}:
            problems.append(Problem("member.absent", "没有这位同事，请重新选择。", "user_id"))
    if len(trip.members) >= rules.MOST_PEOPLE:
        problems.append(Problem("member.many", "代表团最多60人。", "user_id"))
    if problems:
        raise DomainError(*problems)
    named = draft.name.strip() if draft.user_id is None else None
    first = 0 if draft.role is rules.MemberRole.LEADER else len(trip.members) + 1
    member = TripMember(user_id=draft.user_id, name=named, post=draft.post, role=draft.role, level=draft.level)
    member.position = first
    trip.members.append(member)
    return _changed(session, actor, trip, "trip.member", now)


def remove_member(session: Session, actor: Actor, trip_id: int, member_id: int, *, now: datetime) -> Trip:
    """Take somebody out of the delegation."""
    trip = changeable(session, actor, trip_id)
    row = next((one for one in trip.members if one.id == member_id), None)
    if row is None:
        raise NotFoundError(PART_ABSENT)
    trip.members.remove(row)
    session.delete(row)
    return _changed(session, actor, trip, "trip.member_out", now)


def save_stop(
    session: Session, actor: Actor, trip_id: int, stop_id: int | None, draft: StopDraft, *, now: datetime
) -> TripStop:
    """Add a stop, or change one."""
    trip = changeable(session, actor, trip_id)
    problems = rules.stop_problems(draft, trip.starts_on, trip.ends_on)
    firm = draft.enterprise_id
    if firm is not None and firm in {one.enterprise_id for one in trip.stops if one.id != stop_id}:
        problems.append(Problem("stop.twice", "这家企业已在行程里，请改那一站。", "enterprise_id"))
    if stop_id is None and len(trip.stops) >= rules.MOST_STOPS:
        problems.append(Problem("stop.many", "一次行程最多60站。"))
    if problems or draft.on_day is None:
        raise DomainError(*problems)
    if firm is not None:
        register.enterprise(session, firm)
    stop = TripStop() if stop_id is None else stop_of(trip, stop_id)
    for name in TEXTS:
        setattr(stop, name, getattr(draft, name))
    stop.on_day, stop.at_clock, stop.enterprise_id = draft.on_day, draft.at_clock or "", firm
    stop.title = None if firm is not None else (draft.title or "").strip()
    if stop_id is None:
        trip.stops.append(stop)
    _changed(session, actor, trip, "trip.stop", now)
    session.refresh(stop)
    joining.adopt(session, trip, now=now)
    return stop


def remove_stop(session: Session, actor: Actor, trip_id: int, stop_id: int, *, now: datetime) -> Trip:
    """Take a stop out of the route."""
    trip = changeable(session, actor, trip_id)
    row = stop_of(trip, stop_id)
    before = {name: getattr(row, name) for name in TEXTS if getattr(row, name)}
    trip.stops.remove(row)
    session.delete(row)
    return _changed(session, actor, trip, "trip.stop_out", now, stop=row.called, before=before)


def stop_of(trip: Trip, stop_id: int) -> TripStop:
    """Return a stop of a trip; raise NotFoundError."""
    row = next((one for one in trip.stops if one.id == stop_id), None)
    if row is None:
        raise NotFoundError(PART_ABSENT)
    return row


def set_costs(session: Session, actor: Actor, trip_id: int, drafts: Sequence[CostDraft], *, now: datetime) -> Trip:
    """Set budget and cost by kind, in 万元; a kind with neither goes."""
    trip = changeable(session, actor, trip_id)
    problems = rules.cost_problems(drafts)
    if problems:
        raise DomainError(*problems)
    known = {row.kind: row for row in trip.costs}
    for draft in drafts:
        row = known.get(draft.kind)
        if draft.budget is None and draft.spent is None:
            if row is not None:
                trip.costs.remove(row)
                session.delete(row)
            continue
        if row is None:
            row = TripCost(kind=draft.kind)
            trip.costs.append(row)
        row.budget, row.spent = draft.budget, draft.spent
    return _changed(session, actor, trip, "trip.costs", now)


def _changed(session: Session, actor: Actor, trip: Trip, action: str, now: datetime, **detail: object) -> Trip:
    """Keep what follows from the delegation, and write down who changed the trip."""
    trip.leader_level = rules.highest(member.level for member in trip.members)
    trip.updated_at = now
    audit.record(session, actor.user_id, action, ("trip", trip.id), now=now, **detail)
    session.flush()
    return trip
