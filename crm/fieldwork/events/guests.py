"""Invitations and attendance: bulk, by hand, at the door. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.enterprises import sight
from crm.enterprises.contact_queries import in_use
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork.events import queries
from crm.fieldwork.events.models import Event, EventCredit, EventGuest
from crm.fieldwork.events.rules import EXPECTED, Guest, GuestState, guest_problems, state_problems
from crm.fieldwork.events.services import SUBJECT, managed
from crm.fieldwork.rules import writing_units

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 2_000
CHUNK = 400
NO_RIGHT = Problem("guest.right", "您的角色不能登记邀请和到场。")
TOO_MANY = Problem("guest.most", "一次活动最多邀请2,000位来宾，请分场登记。")
CALLED_OFF = Problem("event.cancelled", "活动已取消，请先恢复再邀请。")
UNKNOWN = Problem("guest.unknown", "所选企业或联系人已不在库里，请刷新后重新选择。")
SILENT = Problem("guest.silent", "这位联系人要求不再联系，不能邀请。")
LED = Problem("guest.led", "这位来宾已转为线索，不能删除。")
Key = tuple[int | None, int | None, str, str]


def invite(session: Session, actor: Actor, event_id: int, wanted: Sequence[Guest], *, now: datetime) -> int:
    """Invite several at once; whoever is on the list already is left as they are. Return how many are new."""
    event = _open(session, actor, event_id)
    problems = [problem for one in wanted for problem in guest_problems(one)]
    if problems:
        raise DomainError(problems[0])
    return len(_add(session, actor, event, wanted, GuestState.INVITED, now))


def walk_in(session: Session, actor: Actor, event_id: int, one: Guest, *, now: datetime, today: date) -> int:
    """Write down somebody who came uninvited; who is on the list already is marked as attended. Return the guest."""
    event = _open(session, actor, event_id)
    problems = guest_problems(one) or state_problems(
        GuestState.WALK_IN, GuestState.WALK_IN, start_on=event.start_on, today=today, cancelled=False
    )
    if problems:
        raise DomainError(*problems)
    added = _add(session, actor, event, [one], GuestState.WALK_IN, now)
    if added:
        return added[0]
    known = session.scalars(select(EventGuest).where(EventGuest.event_id == event.id, _same(one))).first()
    if known is None:
        raise DomainError(UNKNOWN)
    if known.state is not GuestState.WALK_IN:
        set_state(session, actor, event.id, known.id, GuestState.ATTENDED, now=now, today=today)
    return known.id


def set_state(
    session: Session, actor: Actor, event_id: int, guest_id: int, state: GuestState, *, now: datetime, today: date
) -> GuestState:
    """Put an invitation into a state with one tap; return the state before, to take it back."""
    event = _open(session, actor, event_id, cancelled_too=True)
    row = _guest(session, event.id, guest_id)
    before = row.state
    if before is state:
        return before
    cancelled = event.cancelled_at is not None
    problems = state_problems(before, state, start_on=event.start_on, today=today, cancelled=cancelled)
    if problems:
        raise DomainError(*problems)
    row.state, row.changed_by, row.changed_at = state, actor.user_id, now
    session.flush()
    detail = {"guest": row.id, "from": str(before), "to": str(state)}
    audit.record(session, actor.user_id, "event.guest", (SUBJECT, event.id), now=now, **detail)
    return before


def close_door(session: Session, actor: Actor, event_id: int, *, now: datetime, today: date) -> int:
    """Mark everybody who was expected and did not come as absent; return how many."""
    event = managed(session, actor, event_id)
    problems = state_problems(
        GuestState.INVITED,
        GuestState.ABSENT,
        start_on=event.start_on,
        today=today,
        cancelled=event.cancelled_at is not None,
    )
    if problems:
        raise DomainError(*problems)
    statement = update(EventGuest).where(EventGuest.event_id == event.id, EventGuest.state.in_(EXPECTED))
    done = session.execute(
        statement.values(state=GuestState.ABSENT, changed_by=actor.user_id, changed_at=now)
        .returning(EventGuest.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.expire_all()
    audit.record(session, actor.user_id, "event.door_closed", (SUBJECT, event_id), now=now, absent=len(done))
    return len(done)


def remove(session: Session, actor: Actor, event_id: int, guest_id: int, *, now: datetime) -> None:
    """Take a guest off the list, unless a lead came of it."""
    event = _open(session, actor, event_id)
    row = _guest(session, event.id, guest_id)
    credited = session.scalar(select(EventCredit.id).where(EventCredit.guest_id == row.id).limit(1))
    if credited is not None or row.tip_id is not None:
        raise DomainError(LED)
    detail = {"enterprise": row.enterprise_id, "state": str(row.state)}
    audit.record(session, actor.user_id, "event.guest_remove", (SUBJECT, event.id), now=now, **detail)
    session.delete(row)
    session.flush()


def _open(session: Session, actor: Actor, event_id: int, *, cancelled_too: bool = False) -> Event:
    if not actor.may(Permission.TOUCH_WRITE):
        raise ForbiddenError(NO_RIGHT)
    event = queries.get(session, actor, event_id, lock=True)
    if event.cancelled_at is not None and not cancelled_too:
        raise DomainError(CALLED_OFF)
    return event


def _guest(session: Session, event_id: int, guest_id: int) -> EventGuest:
    statement = select(EventGuest).where(EventGuest.id == guest_id, EventGuest.event_id == event_id)
    row = session.scalar(statement.with_for_update())
    if row is None:
        raise NotFoundError(queries.GUEST_ABSENT)
    return row


def _add(
    session: Session, actor: Actor, event: Event, wanted: Sequence[Guest], state: GuestState, now: datetime
) -> list[int]:
    """Insert those who are new; the event is locked, so two people inviting at once wait for each other."""
    known = {
        (row.enterprise_id, row.contact_id, row.firm or "", row.person or "")
        for row in session.execute(
            select(EventGuest.enterprise_id, EventGuest.contact_id, EventGuest.firm, EventGuest.person).where(
                EventGuest.event_id == event.id
            )
        )
    }
    before = len(known)
    fresh: dict[Key, None] = {}
    for key in _keys(session, actor, wanted):
        if key not in known:
            fresh[key] = None
    if before + len(fresh) > MOST:
        raise DomainError(TOO_MANY)
    rows = [
        {
            "event_id": event.id,
            "enterprise_id": firm_id,
            "contact_id": contact_id,
            "firm": firm or None,
            "person": person or None,
            "state": state,
            "unit_id": writing_units(actor)[0],
            "invited_by": actor.user_id,
            "invited_at": now,
        }
        for firm_id, contact_id, firm, person in fresh
    ]
    if not rows:
        return []
    ids = list(session.scalars(insert(EventGuest).returning(EventGuest.id), rows))
    audit.record(session, actor.user_id, f"event.{state}", (SUBJECT, event.id), now=now, count=len(ids))
    return ids


def _keys(session: Session, actor: Actor, wanted: Sequence[Guest]) -> list[Key]:
    """What identifies each guest; a contact brings its enterprise, names of the register are not typed again."""
    contacts = _contacts(session, actor, [one.contact_id for one in wanted if one.contact_id is not None])
    firms = _firms(session, [one.enterprise_id for one in wanted if one.enterprise_id is not None])
    keys: list[Key] = []
    for one in wanted:
        if one.contact_id is not None:
            if one.contact_id not in contacts:
                raise DomainError(UNKNOWN)
            keys.append((contacts[one.contact_id], one.contact_id, "", ""))
        elif one.enterprise_id is not None:
            if one.enterprise_id not in firms:
                raise DomainError(UNKNOWN)
            keys.append((one.enterprise_id, None, "", one.person.strip()))
        else:
            keys.append((None, None, one.firm.strip(), one.person.strip()))
    return keys


def _contacts(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for start in range(0, len(ids), CHUNK):
        statement = select(Contact.id, Contact.enterprise_id, Contact.do_not_contact).where(
            Contact.id.in_(ids[start : start + CHUNK]), sight.visible_to(actor), in_use()
        )
        rows = session.execute(statement).all()
        if any(row.do_not_contact for row in rows):
            raise DomainError(SILENT)
        found |= {row.id: row.enterprise_id for row in rows}
    return found


def _firms(session: Session, ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(ids), CHUNK):
        live = (Enterprise.id.in_(ids[start : start + CHUNK]), Enterprise.deleted_at.is_(None))
        found |= set(session.scalars(select(Enterprise.id).where(*live)))
    return found


def _same(one: Guest) -> ColumnElement[bool]:
    if one.contact_id is not None:
        return EventGuest.contact_id == one.contact_id
    if one.enterprise_id is not None:
        person = one.person.strip()
        named = EventGuest.person == person if person else EventGuest.person.is_(None)
        return (EventGuest.enterprise_id == one.enterprise_id) & EventGuest.contact_id.is_(None) & named
    firm, person = one.firm.strip(), one.person.strip()
    return (
        EventGuest.enterprise_id.is_(None)
        & (EventGuest.firm == firm if firm else EventGuest.firm.is_(None))
        & (EventGuest.person == person if person else EventGuest.person.is_(None))
    )
