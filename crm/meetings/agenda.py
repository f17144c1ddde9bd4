"""Writes on agendas: take up what is proposed, add by hand, order, note what was said. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.core import audit
from crm.core.db import insert_ignore
from crm.core.errors import DomainError, Problem
from crm.delivery.blockers.models import Blocker
from crm.delivery.blockers.queries import visible_to as blockers_visible_to
from crm.delivery.blockers.queries import whole as blocker_rows
from crm.meetings import queries
from crm.meetings.models import AgendaItem, MeetingDecision
from crm.meetings.proposals import of_blocker, proposals
from crm.meetings.rules import MeetingState, Source
from crm.meetings.services import SUBJECT, managed
from crm.pipeline import queries as projects

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.meetings.models import Meeting
    from crm.meetings.proposals import Proposal
    from crm.pipeline.cards import Clock

MOST = queries.MOST_ITEMS
FULL = Problem("agenda.full", "一次会议最多200项议题。")
NOTHING = Problem("agenda.nothing", "请先勾选要上会的事项。")
DECIDED = Problem("agenda.decided", "这项议题已有议定事项，不能移除。")
OPEN = (MeetingState.PLANNED, MeetingState.HELD)


def take_up(session: Session, actor: Actor, meeting_id: int, keys: Collection[str], clock: Clock) -> int:
    """Put chosen proposals on the agenda; what is no longer proposed, or there already, is left out."""
    meeting = managed(session, actor, meeting_id, *OPEN)
    chosen = [
        one for rows in proposals(session, actor, meeting, clock).values() for one in rows if one.key in set(keys)
    ]
    if not chosen:
        raise DomainError(NOTHING)
    return _put(session, actor, meeting, chosen, now=clock.now)


def put_blockers(
    session: Session, actor: Actor, meeting_id: int, blocker_ids: Collection[int], *, now: datetime
) -> int:
    """Put chosen blockers of the coordination list on the agenda, whatever unit the meeting is of."""
    meeting = managed(session, actor, meeting_id, *OPEN)
    wanted = (Blocker.id.in_(blocker_ids), Blocker.coordinate_at.is_not(None), blockers_visible_to(actor))
    rows = session.scalars(blocker_rows().where(*wanted).order_by(Blocker.due_on, Blocker.id)).all()
    if not rows:
        raise DomainError(NOTHING)
    return _put(session, actor, meeting, [of_blocker(row) for row in rows], now=now)


def _put(session: Session, actor: Actor, meeting: Meeting, chosen: Sequence[Proposal], *, now: datetime) -> int:
    place = _last(session, meeting.id)
    if place + len(chosen) > MOST:
        raise DomainError(FULL)
    rows = [
        {
            "meeting_id": meeting.id,
            "position": place + number,
            "source": one.source,
            "ref_id": one.ref_id,
            "title": one.title,
            "detail": one.detail or None,
            "due_on": one.due_on,
            "href": one.href or None,
            "project_id": one.project_id,
            "enterprise_id": one.enterprise_id,
            "added_by": actor.user_id,
            "added_at": now,
        }
        for number, one in enumerate(chosen, start=1)
    ]
    added = insert_ignore(session, AgendaItem, rows, ["meeting_id", "source", "ref_id"])
    audit.record(session, actor.user_id, "agenda.take_up", (SUBJECT, meeting.id), now=now, count=added)
    return added


def add(
    session: Session, actor: Actor, meeting_id: int, title: str, detail: str, project_id: int | None, *, now: datetime
) -> AgendaItem:
    """Add an item by hand, on a project or on none."""
    meeting = managed(session, actor, meeting_id, *OPEN)
    if not title.strip():
        raise DomainError(Problem("agenda.title", "请写议题。", "title"))
    place = _last(session, meeting.id)
    if place >= MOST:
        raise DomainError(FULL)
    project = projects.get(session, actor, project_id) if project_id else None
    row = AgendaItem(
        meeting_id=meeting.id,
        position=place + 1,
        source=Source.MANUAL,
        title=title.strip(),
        detail=detail.strip() or None,
        href=f"/projects/{project.id}" if project else None,
        project_id=project.id if project else None,
        enterprise_id=project.enterprise_id if project else None,
        added_by=actor.user_id,
        added_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "agenda.add", (SUBJECT, meeting.id), now=now, item=row.id)
    return row


def note(session: Session, actor: Actor, meeting_id: int, item_id: int, text: str, *, now: datetime) -> AgendaItem:
    """Write down what was said on an item while the meeting is held."""
    meeting = managed(session, actor, meeting_id, *OPEN)
    row = queries.item(session, actor, meeting.id, item_id)
    row.note = text.strip() or None
    session.flush()
    audit.record(session, actor.user_id, "agenda.note", (SUBJECT, meeting.id), now=now, item=row.id)
    return row


def move(session: Session, actor: Actor, meeting_id: int, item_id: int, *, up: bool) -> None:
    """Let an item change places with its neighbour as the person sees them."""
    meeting = managed(session, actor, meeting_id, *OPEN)
    rows = queries.items(session, actor, meeting.id)
    here = next((number for number, row in enumerate(rows) if row.id == item_id), None)
    if here is None:
        queries.item(session, actor, meeting.id, item_id)
        return
    there = here - 1 if up else here + 1
    if 0 <= there < len(rows):
        rows[here].position, rows[there].position = rows[there].position, rows[here].position
        session.flush()


def remove(session: Session, actor: Actor, meeting_id: int, item_id: int, *, now: datetime) -> None:
    """Take an item off the agenda, unless something was decided on it."""
    meeting = managed(session, actor, meeting_id, *OPEN)
    row = queries.item(session, actor, meeting.id, item_id)
    if session.scalar(select(MeetingDecision.id).where(MeetingDecision.item_id == row.id).limit(1)) is not None:
        raise DomainError(DECIDED)
    audit.record(session, actor.user_id, "agenda.remove", (SUBJECT, meeting.id), now=now, item=row.id)
    session.delete(row)
    session.flush()


def _last(session: Session, meeting_id: int) -> int:
    statement = select(func.max(AgendaItem.position)).where(AgendaItem.meeting_id == meeting_id)
    return session.scalar(statement) or 0
