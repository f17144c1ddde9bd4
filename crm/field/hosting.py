"""A reception that took place becomes the one touch that figures and gates count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import audit
from crm.core.errors import DomainError, Problem
from crm.fieldwork.receptions import rules, services
from crm.fieldwork.receptions.rules import ReceptionState, Side, SlotKind
from crm.fieldwork.rules import TouchDraft, TouchKind, TouchTarget, writing_units
from crm.pipeline import touches

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
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
    """Write down how it went: feedback as a whole and by item, and log the touch; doing it twice is refused."""
    row = services.changeable(session, actor, reception_id)
    problems = []
    if row.starts_at > now:
        problems.append(TOO_EARLY)
    if not outcome.feedback.strip():
        problems.append(NO_FEEDBACK)
    if problems:
        raise DomainError(*problems)
    for slot in row.slots:
        if slot.id in sites:
            slot.feedback = sites[slot.id].strip() or None
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
        report=report(row, outcome) if row.kind is TouchKind.INSPECTION else None,
    )
    unit_id = row.unit_id if row.unit_id in writing_units(actor) else None
    target = TouchTarget(row.enterprise_id, f"reception-{row.id}", unit_id, row.project_id, row.project_id is None)
    touch = touches.log(session, actor, draft, target, now=now, today=today)
    row.touch_id, row.state, row.feedback, row.updated_at = touch.id, ReceptionState.HELD, outcome.feedback.strip(), now
    audit.record(session, actor.user_id, "reception.hold", ("reception", row.id), now=now, touch=touch.id)
    session.flush()
    return row


def report(row: Reception, outcome: Outcome) -> str:
    """Write the report of an inspection (考察报告) from visitors, itinerary and feedback."""
    guests = rules.party([(one.role, one.heads) for one in row.people if one.side is Side.VISITOR])
    came = "、".join(f"{label}{count}人" for label, count in guests) or "未登记"
    hosts = "、".join(one.called for one in row.people if one.side is Side.HOST) or "未登记"
    parts = [f"来访人员：{came}。", f"接待人员：{hosts}。"]
    shown = [slot for slot in row.slots if slot.kind is SlotKind.SITE]
    if shown:
        parts.append("考察现场：" + "；".join(_site(slot.title, slot.place, slot.feedback) for slot in shown) + "。")
    parts.append(f"对方反馈：{outcome.feedback.strip()}")
    if outcome.next_step.strip():
        parts.append(f"下步：{outcome.next_step.strip()}")
    return "\n".join(parts)


def _site(title: str, place: str | None, feedback: str | None) -> str:
    where = f"（{place}）" if place else ""
    return f"{title}{where}{f'，反馈：{feedback}' if feedback else ''}"
