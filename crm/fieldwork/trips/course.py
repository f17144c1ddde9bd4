"""The course of a trip: approval, states, minutes and what was agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth import queries as people
from crm.auth.services import one_at_a_time
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.fieldwork import rules as fieldwork
from crm.fieldwork.models import FollowUp
from crm.fieldwork.trips import joining, queries, rules
from crm.fieldwork.trips.models import Trip, TripAgreed
from crm.fieldwork.trips.rules import TripFacts, TripState
from crm.fieldwork.trips.services import CHANGED, NOT_YOURS, changeable, may_change

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.rules import FollowUpDraft
    from crm.fieldwork.trips.rules import Approval

AGREED = "agreed"


def facts(session: Session, trip: Trip) -> TripFacts:
    """Say what a move of state looks at."""
    return TripFacts(
        state=trip.state,
        led=any(member.role is rules.MemberRole.LEADER for member in trip.members),
        stops=len(trip.stops),
        approved=bool(trip.approved_by),
        minutes=bool(trip.minutes),
        unvisited=joining.unvisited(session, trip) if trip.state is TripState.BACK else (),
    )


def move_trip(session: Session, actor: Actor, trip_id: int, target: TripState, *, now: datetime) -> Trip:
    """Put a trip into another state; raise DomainError with everything that is missing."""
    trip = queries.trip(session, actor, trip_id)
    if not may_change(actor, trip):
        raise ForbiddenError(NOT_YOURS)
    problems = rules.move_problems(facts(session, trip), target)
    if problems:
        raise DomainError(*problems)
    before, trip.state, trip.updated_at = trip.state, target, now
    audit.record(session, actor.user_id, "trip.move", ("trip", trip.id), now=now, before=str(before), after=str(target))
    joining.adopt(session, trip, now=now)
    session.flush()
    return trip


def note_approval(
    session: Session, actor: Actor, trip_id: int, approval: Approval, *, now: datetime, today: date
) -> Trip:
    """Write down who approved a trip, when, and under which number."""
    trip = changeable(session, actor, trip_id)
    problems = rules.approval_problems(approval, today)
    if problems:
        raise DomainError(*problems)
    trip.approved_by, trip.approved_on = approval.by.strip(), approval.on
    trip.paper_no, trip.approval_note, trip.updated_at = approval.paper_no, approval.note, now
    audit.record(session, actor.user_id, "trip.approval", ("trip", trip.id), now=now, by=trip.approved_by)
    session.flush()
    return trip


def write_minutes(session: Session, actor: Actor, trip_id: int, text: str, *, version: int, now: datetime) -> Trip:
    """Write the minutes (纪要); what stood there before goes to the audit trail."""
    trip = changeable(session, actor, trip_id)
    if not text.strip():
        raise DomainError(Problem("trip.minutes_blank", "请写纪要，至少写明拜访了谁、谈定了什么。", "minutes"))
    if trip.version != version:
        raise ConflictError(CHANGED)
    before, trip.minutes, trip.updated_at = trip.minutes, text.strip(), now
    audit.record(session, actor.user_id, "trip.minutes", ("trip", trip.id), now=now, before=before)
    session.flush()
    return trip


def agree(
    session: Session, actor: Actor, trip_id: int, draft: FollowUpDraft, owner_id: int, *, now: datetime, today: date
) -> FollowUp:
    """Add something agreed (议定事项): a follow-up of its owner, with a date; twice is once."""
    trip = changeable(session, actor, trip_id)
    problems = fieldwork.follow_up_problems(draft, today)
    if draft.due_on is None:
        problems.append(Problem("agreed.due", "请给议定事项定一个期限，到期会提醒负责人。", "due_on"))
    if owner_id not in {one.id for one in people.colleagues(session, None, today)}:
        problems.append(Problem("agreed.owner", "请选择负责人。", "owner_id"))
    firms = {stop.enterprise_id for stop in trip.stops}
    if draft.enterprise_id is not None and draft.enterprise_id not in firms:
        problems.append(Problem("agreed.firm", "请选择行程里的企业。", "enterprise_id"))
    if problems:
        raise DomainError(*problems)
    one_at_a_time(session, actor)
    known = queries.agreed_twin(session, trip.id, draft, owner_id)
    if known is not None:
        return known
    row = FollowUp(
        title=draft.title.strip(),
        kind=AGREED,
        enterprise_id=draft.enterprise_id,
        unit_id=trip.unit_id,
        owner_id=owner_id,
        due_on=draft.due_on,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    session.add(TripAgreed(follow_up_id=row.id, trip_id=trip.id))
    audit.record(session, actor.user_id, "trip.agreed", ("follow_up", row.id), now=now, trip=trip.id, owner=owner_id)
    session.flush()
    return row
