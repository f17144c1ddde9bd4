"""Being there: sign a note by hand, take it back, put down an absence and its reason."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import audit
from crm.core.db import insert_once
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.fieldwork.postings import queries, rules
from crm.fieldwork.postings.models import Absence, CheckIn, Posting
from crm.fieldwork.postings.rules import PostRole
from crm.fieldwork.rules import may_correct

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.postings.rules import AbsenceDraft

LINE = 200
UNDO = timedelta(hours=12)
OTHERS = Problem("check_in.others", "签到只能由本人签。")
NO_NOTE = Problem("check_in.absent", "没有这次签到，可能已经撤回。")
OLD_NOTE = Problem("check_in.old", "只能撤回当天签的到。")
NO_ABSENCE = Problem("absence.absent", "没有这条缺勤记录，可能已经删除。")
NOT_YOURS = Problem("absence.right", "只有本人、驻点负责人、本组组长和招商办可以登记缺勤。")


def sign(
    session: Session, actor: Actor, posting_id: int, day: date, note: str, *, now: datetime, today: date
) -> CheckIn:
    """Sign that one was at the post on a day; a second tap gives the first note."""
    row = queries.posting(session, actor, posting_id)
    if row.user_id != actor.user_id:
        raise ForbiddenError(OTHERS)
    problems = rules.sign_problems(day, note, stay=queries.as_stay(row), today=today)
    if problems:
        raise DomainError(*problems)
    values = {"posting_id": row.id, "day": day, "note": note.strip()[:LINE], "signed_at": now}
    made = insert_once(session, CheckIn, values, ["posting_id", "day"])
    if made is None:
        return session.scalars(select(CheckIn).where(CheckIn.posting_id == row.id, CheckIn.day == day)).one()
    audit.record(session, actor.user_id, "post.sign", ("post", row.post_id), now=now, day=day.isoformat())
    return made


def take_back(session: Session, actor: Actor, check_in_id: int, *, now: datetime, today: date) -> None:
    """Take one's own note back on the day it was signed."""
    found = session.execute(
        select(CheckIn, Posting).join(Posting, Posting.id == CheckIn.posting_id).where(CheckIn.id == check_in_id)
    ).one_or_none()
    if found is None or found[1].user_id != actor.user_id:
        raise NotFoundError(NO_NOTE)
    note, place = found
    if note.day != today and now - note.signed_at > UNDO:
        raise DomainError(OLD_NOTE)
    session.delete(note)
    audit.record(session, actor.user_id, "post.unsign", ("post", place.post_id), now=now, day=note.day.isoformat())


def may_excuse(session: Session, actor: Actor, row: Posting, day: date) -> bool:
    """Whether the person may put down absences of a posting: one's own, a head of the post, 组长, 招商办."""
    if may_correct(actor, row.user_id, row.post.unit_id):
        return True
    head = select(Posting.id).where(
        Posting.post_id == row.post_id,
        Posting.user_id == actor.user_id,
        Posting.role == PostRole.HEAD,
        queries.there_on(day, day),
    )
    return session.scalar(head.limit(1)) is not None


def excuse(
    session: Session, actor: Actor, posting_id: int, draft: AbsenceDraft, *, now: datetime, today: date
) -> Absence:
    """Put down that somebody is not at the post, and why."""
    row = queries.posting(session, actor, posting_id)
    if not may_excuse(session, actor, row, today):
        raise ForbiddenError(NOT_YOURS)
    known = session.scalars(select(Absence).where(Absence.posting_id == row.id))
    taken = [(one.from_day, one.to_day) for one in known]
    problems = rules.absence_problems(draft, queries.as_stay(row), taken)
    if problems:
        raise DomainError(*problems)
    made = Absence(
        posting_id=row.id,
        reason=draft.reason,
        from_day=draft.from_day,
        to_day=draft.to_day,
        note=draft.note,
        recorded_by=actor.user_id,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    detail = {"user": row.user_id, "reason": str(draft.reason)}
    audit.record(session, actor.user_id, "post.absence", ("post", row.post_id), now=now, **detail)
    return made


def unexcuse(session: Session, actor: Actor, absence_id: int, *, now: datetime, today: date) -> Posting:
    """Take an absence off the list (put down by mistake); return whose it was."""
    away = session.get(Absence, absence_id)
    if away is None:
        raise NotFoundError(NO_ABSENCE)
    row = queries.posting(session, actor, away.posting_id)
    if not may_excuse(session, actor, row, today):
        raise ForbiddenError(NOT_YOURS)
    session.delete(away)
    audit.record(session, actor.user_id, "post.absence_removed", ("post", row.post_id), now=now, user=row.user_id)
    return row
