"""Writes of 包联: put a firm into an official's care for a year, change the plan, end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.aftercare.rounds import queries
from crm.aftercare.rounds.models import FirmRound
from crm.aftercare.rounds.rules import RoundDraft, round_problems
from crm.auth.queries import seats
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.enterprises.queries import enterprise

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = "firm_round"
FORBIDDEN = Problem("round.forbidden", "您只能为本单位的人安排包联。")
NOBODY = Problem("round.who", "请选择包联的人。", "who")
TWICE = Problem("round.twice", "这个人今年已经包联这家企业，请改原来的一条。", "who")


def put(session: Session, actor: Actor, draft: RoundDraft, *, now: datetime, today: date) -> FirmRound:
    """Put a firm into an official's care; one that was ended before is taken up again."""
    if not actor.reaches(Permission.CASE_WRITE, draft.unit_id):
        raise ForbiddenError(FORBIDDEN)
    firm = enterprise(session, draft.enterprise_id)
    problems = round_problems(draft, today=today)
    if (draft.unit_id, draft.user_id) not in {one[:2] for one in seats(session, None, today)}:
        problems.append(NOBODY)
    same = (FirmRound.year == draft.year, FirmRound.enterprise_id == firm.id, FirmRound.user_id == draft.user_id)
    row = session.scalar(select(FirmRound).where(*same))
    if row is not None and row.ended_on is None:
        problems.append(TWICE)
    if problems:
        raise DomainError(*problems)
    if row is None:
        row = FirmRound(enterprise_id=firm.id, user_id=draft.user_id, created_by=actor.user_id, created_at=now)
        session.add(row)
    row.year, row.unit_id, row.ended_on = draft.year, draft.unit_id, None
    return _set(session, actor, row, draft.planned, draft.note, now=now)


def change(
    session: Session, actor: Actor, round_id: int, *, planned: int, note: str, now: datetime, today: date
) -> FirmRound:
    """Change how many visits are planned."""
    row = _mine(session, actor, round_id)
    draft = RoundDraft(row.year, row.enterprise_id, row.unit_id, row.user_id, planned, note)
    problems = [one for one in round_problems(draft, today=today) if one.field == "planned"]
    if problems:
        raise DomainError(*problems)
    return _set(session, actor, row, planned, note, now=now)


def end(session: Session, actor: Actor, round_id: int, *, now: datetime, today: date) -> FirmRound:
    """Take a firm out of an official's care; what was visited stays on record."""
    row = _mine(session, actor, round_id)
    row.ended_on = row.ended_on or today
    audit.record(session, actor.user_id, "round.end", (SUBJECT, row.id), now=now)
    return row


def _mine(session: Session, actor: Actor, round_id: int) -> FirmRound:
    row = queries.get(session, actor, round_id)
    if not actor.reaches(Permission.CASE_WRITE, row.unit_id):
        raise ForbiddenError(FORBIDDEN)
    return row


def _set(session: Session, actor: Actor, row: FirmRound, planned: int, note: str, *, now: datetime) -> FirmRound:
    row.planned, row.note = planned, note.strip() or None
    session.flush()
    detail = {"enterprise": row.enterprise_id, "user": row.user_id, "year": row.year, "planned": planned}
    audit.record(session, actor.user_id, "round.set", (SUBJECT, row.id), now=now, **detail)
    return row
