"""Series of meetings: called once, arranged ahead on the work calendar. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from crm.auth.models import User
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.db import insert_once
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.fieldwork.rules import may_correct
from crm.meetings import queries
from crm.meetings.models import Meeting, MeetingMember, MeetingSeries
from crm.meetings.rules import AHEAD, Calendar, MeetingState, SeriesDraft, series_problems, sittings
from crm.meetings.services import NOT_YOURS, people_problems, put_people, unit_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = "meeting_series"
TAKEN = Problem("series.taken", "本单位已有同名的例会，请直接打开它。", "name")
ENDED = "这个例会已停开。"


def may_manage(actor: Actor, row: MeetingSeries) -> bool:
    """Whether the person may change a series: chair, who called it, team lead, 招商办."""
    if actor.user_id in {row.chair_id, row.created_by}:
        return True
    return actor.may(Permission.TOUCH_WRITE) and may_correct(actor, row.created_by, row.unit_id)


def start(session: Session, actor: Actor, draft: SeriesDraft, *, now: datetime, today: date) -> MeetingSeries:
    """Begin a series and arrange its next meetings."""
    unit_id = unit_for(actor, draft.unit_id)
    _check(session, draft, unit_id, None)
    row = MeetingSeries(
        kind=draft.kind,
        rhythm=draft.rhythm,
        day=draft.day,
        first_on=draft.first_on,
        unit_id=unit_id,
        created_by=actor.user_id,
        created_at=now,
    )
    _take(row, draft)
    session.add(row)
    session.flush()
    _put_members(session, row.id, draft.members)
    audit.record(session, actor.user_id, "series.start", (SUBJECT, row.id), now=now, name=row.name)
    arrange(session, row, now=now, today=today)
    return row


def change(
    session: Session, actor: Actor, series_id: int, draft: SeriesDraft, *, now: datetime, today: date
) -> MeetingSeries:
    """Change name, time, place, chair and people; meetings that are still to come follow. The rhythm stays."""
    row = _managed(session, actor, series_id)
    _check(session, draft, row.unit_id, row.id)
    before = {"name": row.name, "chair": row.chair_id}
    _take(row, draft)
    session.execute(delete(MeetingMember).where(MeetingMember.series_id == row.id))
    _put_members(session, row.id, draft.members)
    coming = (Meeting.series_id == row.id, Meeting.state == MeetingState.PLANNED, Meeting.held_on >= today)
    for meeting in session.scalars(select(Meeting).where(*coming)).all():
        meeting.title, meeting.starts_at, meeting.place, meeting.chair_id = (
            row.name,
            row.starts_at,
            row.place,
            row.chair_id,
        )
        put_people(session, meeting.id, draft.members)
    session.flush()
    audit.record(session, actor.user_id, "series.change", (SUBJECT, row.id), now=now, before=before)
    return row


def end(session: Session, actor: Actor, series_id: int, *, now: datetime, today: date) -> MeetingSeries:
    """End a series: meetings still to come are cancelled, what was decided is followed on."""
    row = _managed(session, actor, series_id)
    row.ended_on = today
    coming = (Meeting.series_id == row.id, Meeting.state == MeetingState.PLANNED)
    values = {"state": MeetingState.CANCELLED, "cancel_reason": ENDED, "version": Meeting.version + 1}
    session.execute(update(Meeting).where(*coming).values(values).execution_options(synchronize_session=False))
    session.flush()
    audit.record(session, actor.user_id, "series.end", (SUBJECT, row.id), now=now)
    return row


def arrange(session: Session, row: MeetingSeries, *, now: datetime, today: date) -> int:
    """Arrange the meetings of the next weeks that are not there yet; return how many."""
    plan = Calendar(row.rhythm, row.first_on, row.day)
    known = set(session.scalars(select(Meeting.nominal_on).where(Meeting.series_id == row.id)))
    wanted = [one for one in sittings(plan, today, today + AHEAD) if one.nominal_on not in known]
    people = queries.members(session, row.id) if wanted else []
    added = 0
    for one in wanted:
        values = {
            "series_id": row.id,
            "nominal_on": one.nominal_on,
            "kind": row.kind,
            "title": row.name,
            "held_on": one.held_on,
            "starts_at": row.starts_at,
            "place": row.place,
            "unit_id": row.unit_id,
            "chair_id": row.chair_id,
            "state": MeetingState.PLANNED,
            "created_by": row.created_by,
            "created_at": now,
            "version": 1,
        }
        made = insert_once(session, Meeting, values, ["series_id", "nominal_on"])
        if made is not None:
            put_people(session, made.id, people)
            added += 1
    return added


def arrange_all(session: Session, *, now: datetime, today: date) -> int:
    """Arrange the meetings of every running series: the work of a night."""
    running = session.scalars(select(MeetingSeries).where(MeetingSeries.ended_on.is_(None)).order_by(MeetingSeries.id))
    return sum(arrange(session, row, now=now, today=today) for row in running.all())


def _managed(session: Session, actor: Actor, series_id: int) -> MeetingSeries:
    row = queries.series(session, actor, series_id)
    if not may_manage(actor, row):
        raise ForbiddenError(NOT_YOURS)
    if row.ended_on is not None:
        raise DomainError(Problem("series.ended", ENDED))
    return row


def _check(session: Session, draft: SeriesDraft, unit_id: int, own_id: int | None) -> None:
    problems = series_problems(draft) + people_problems(session, draft.chair_id, draft.members)
    same = select(MeetingSeries.id).where(MeetingSeries.unit_id == unit_id, MeetingSeries.name == draft.name.strip())
    taken = session.scalar(same)
    if taken is not None and taken != own_id:
        problems.append(TAKEN)
    if problems:
        raise DomainError(*problems)


def _take(row: MeetingSeries, draft: SeriesDraft) -> None:
    row.name, row.starts_at, row.place = draft.name.strip(), draft.starts_at, draft.place.strip() or None
    row.chair_id = draft.chair_id


def _put_members(session: Session, series_id: int, user_ids: Sequence[int]) -> None:
    active = session.scalars(select(User.id).where(User.id.in_(set(user_ids)), User.active).order_by(User.id))
    rows = [{"series_id": series_id, "user_id": one} for one in active]
    if rows:
        session.execute(insert(MeetingMember), rows)
