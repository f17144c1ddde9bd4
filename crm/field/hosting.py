"""A reception that took place becomes the one touch that figures and gates count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import audit
from crm.core.errors import DomainError, Problem
from crm.field import inspection
from crm.fieldwork import followups
from crm.fieldwork.receptions import queries, services
from crm.fieldwork.receptions.rules import ReceptionState, Side
from crm.fieldwork.rules import FollowUpDraft, TouchDraft, TouchKind, TouchTarget, writing_units
from crm.fieldwork.services import write_report
from crm.pipeline import touches

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.models import Touch
    from crm.fieldwork.receptions.models import Reception
    from crm.fieldwork.receptions.rules import Outcome

TOO_EARLY = Problem("reception.early", "接待还没有开始，开始之后再登记结果。")
NO_FEEDBACK = Problem("reception.feedback", "请写对方反馈：看中什么、担心什么。", "feedback")
LINE = 200


def hold(
    session: Session,
    actor: Actor,
    reception_id: int,
    outcome: Outcome,
    sites: Mapping[int, str],
    *,
    now: datetime,
    today: date,
) -> Reception:
    """Write down how it went: feedback as a whole and by item, and log the touch; doing it twice is refused.

    An inspection or reception of this enterprise that the person logged by hand for that day is taken instead.
    """
    row = services.changeable(session, actor, reception_id)
    problems = [TOO_EARLY] if row.starts_at > now else []
    if not outcome.feedback.strip():
        problems.append(NO_FEEDBACK)
    if problems:
        raise DomainError(*problems)
    report = inspection.report(row, outcome, sites) if row.kind is TouchKind.INSPECTION else None
    touch = queries.logged_by_hand(session, actor, row)
    if touch is None:
        touch = _log(session, actor, row, outcome, report, now=now, today=today)
    else:
        _join(session, actor, touch, outcome, report, now=now, today=today)
    for slot in row.slots:
        if slot.id in sites:
            slot.feedback = sites[slot.id].strip() or None
    row.touch_id, row.state, row.feedback, row.updated_at = touch.id, ReceptionState.HELD, outcome.feedback.strip(), now
    audit.record(session, actor.user_id, "reception.hold", ("reception", row.id), now=now, touch=touch.id)
    session.flush()
    return row


def _log(
    session: Session, actor: Actor, row: Reception, outcome: Outcome, report: str | None, *, now: datetime, today: date
) -> Touch:
    guests = [one for one in row.people if one.side is Side.VISITOR]
    draft = TouchDraft(
        kind=row.kind,
        occurred_at=row.starts_at,
        summary=outcome.summary.strip() or row.title,
        next_step=outcome.next_step,
        next_due=outcome.next_due,
        people="、".join(filter(None, (one.called for one in guests if one.contact_id is None)))[:LINE] or None,
        contact_ids=tuple(one.contact_id for one in guests if one.contact_id is not None),
        intention=outcome.intention,
        place=row.place,
        leader_level=row.leader_level,
        headcount=sum(one.heads for one in guests) or None,
        report=report,
    )
    unit_id = row.unit_id if row.unit_id in writing_units(actor) else None
    target = TouchTarget(row.enterprise_id, f"reception-{row.id}", unit_id, row.project_id, row.project_id is None)
    return touches.log(session, actor, draft, target, now=now, today=today)


def _join(
    session: Session, actor: Actor, touch: Touch, outcome: Outcome, report: str | None, *, now: datetime, today: date
) -> None:
    """Add to a touch what it lacks: the report, and the next step."""
    if outcome.next_step.strip():
        draft = FollowUpDraft(outcome.next_step, outcome.next_due, touch.enterprise_id, touch.project_id, touch.id)
        followups.add_follow_up(session, actor, draft, now=now, today=today, unit_id=touch.unit_id)
    if report is not None and not touch.report:
        write_report(session, actor, touch.id, report, now=now)
