"""Acting on the list of the week: plan a call, take that back, put an enterprise off, bring it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.enterprises.models import Enterprise
from crm.fieldwork import followups
from crm.fieldwork.models import FollowUp
from crm.fieldwork.rules import FollowUpDraft
from crm.scores import candidates, ranking, weekly
from crm.scores.models import WorkDeferral

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.scores.candidates import Desk

TITLE = 200
NOT_YOURS = Problem("week.not_yours", "您不能替这个小组安排；请换到自己所在的小组。")
GONE = Problem("week.planned_gone", "这条安排已经办了或改了，不能再撤销。请到待办里处理。")
NOT_PUT_OFF = Problem("week.not_put_off", "这家企业没有推后，或者已经回到名单。")


def plan(session: Session, at: Desk, enterprise_id: int, title: str, *, due_on: date | None = None) -> FollowUp:
    """Add the suggested step to the person's own list, due at the end of the week; ``title`` as it was shown."""
    _may_write(at)
    _one_by_one(session, enterprise_id)
    firm, _ranked = weekly.one(session, at, enterprise_id)
    due_on = due_on or ranking.plan_day(at.today)
    draft = FollowUpDraft(title.strip()[:TITLE], due_on, enterprise_id=firm.id)
    return followups.add_follow_up(session, at.actor, draft, now=at.now, today=at.today, unit_id=at.unit_id)


def unplan(session: Session, actor: Actor, follow_up_id: int, *, now: datetime, today: date) -> FollowUp:
    """Take a plan of today back, as if it had never been made: only one's own, and only while nothing happened."""
    row = session.get(FollowUp, follow_up_id)
    fresh = row is not None and row.done_at is None and (now - row.created_at).days < 1 and row.touch_id is None
    if row is None or not fresh or row.created_by != actor.user_id or row.owner_id != actor.user_id:
        raise DomainError(GONE)
    audit.record(
        session, actor.user_id, "follow_up.withdraw", ("follow_up", row.id), now=now, title=row.title,
        enterprise=row.enterprise_id, day=today.isoformat(),
    )  # fmt: skip
    session.delete(row)
    session.flush()
    return row


def defer(session: Session, at: Desk, enterprise_id: int, reason: str, weeks: int) -> WorkDeferral:
    """Put an enterprise off for the squad until the Monday some weeks on."""
    _may_write(at)
    problems = ranking.deferral_problems(reason, weeks)
    if problems:
        raise DomainError(*problems)
    _one_by_one(session, enterprise_id)
    if not candidates.may_be_called(session, at, enterprise_id):
        raise NotFoundError(weekly.NOT_LISTED)
    row = session.get(WorkDeferral, (at.unit_id, enterprise_id))
    if row is None:
        row = WorkDeferral(unit_id=at.unit_id, enterprise_id=enterprise_id)
        session.add(row)
    row.until, row.reason = ranking.back_on(at.today, weeks), reason.strip()
    row.made_by, row.made_at = at.actor.user_id, at.now
    session.flush()
    detail = {"unit": at.unit_id, "until": row.until.isoformat(), "reason": row.reason}
    audit.record(session, at.actor.user_id, "week.defer", ("enterprise", enterprise_id), now=at.now, **detail)
    return row


def bring_back(session: Session, at: Desk, enterprise_id: int) -> None:
    """Put an enterprise that was put off back on the squad's list."""
    _may_write(at)
    row = session.get(WorkDeferral, (at.unit_id, enterprise_id))
    if row is None:
        raise NotFoundError(NOT_PUT_OFF)
    detail = {"unit": at.unit_id, "until": row.until.isoformat(), "reason": row.reason}
    session.delete(row)
    session.flush()
    audit.record(session, at.actor.user_id, "week.bring_back", ("enterprise", enterprise_id), now=at.now, **detail)


def _may_write(at: Desk) -> None:
    if not at.actor.reaches(Permission.TOUCH_WRITE, at.unit_id):
        raise ForbiddenError(NOT_YOURS)


def _one_by_one(session: Session, enterprise_id: int) -> None:
    """Let two who press at once come one after the other: the second finds the enterprise gone from the list."""
    session.execute(select(Enterprise.id).where(Enterprise.id == enterprise_id).with_for_update())
