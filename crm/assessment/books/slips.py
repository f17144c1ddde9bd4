"""Writes of supervision slips (后进督办单): issued to the bottom, answered by the unit, closed by who issued."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.assessment.books import queries, slip_filling
from crm.assessment.books.models import SupervisionSlip
from crm.assessment.books.rules import RunState, SlipState
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.word.template.printing import in_use

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
SHORTEST = 4
DONE = Problem("slip.done", "这张督办单已经销号，不能再改。")
NOT_CONFIRMED = Problem("slip.open_run", "考核结果还没有确认，确认后才能发督办单。")
OWN_RESULT = Problem("slip.own_result", "考核结果是您确认的，督办单请由招商办的另一个人发出。")
NOBODY = Problem("slip.nobody", "这次考核没有排在末位的单位，或都已发过督办单。")


def issue(
    session: Session, actor: Actor, run_id: int, *, demand: str, due_on: date, now: datetime, today: date
) -> list[SupervisionSlip]:
    """Issue numbered slips to the units at the bottom of a confirmed assessment, each once; a second person's act."""
    if not actor.may(Permission.TARGET_MANAGE):
        raise ForbiddenError(FORBIDDEN)
    run = queries.run(session, run_id, lock=True)
    if run.confirmed_by == actor.user_id:
        raise ForbiddenError(OWN_RESULT)
    problems = [NOT_CONFIRMED] if run.state is not RunState.CONFIRMED else []
    if len(demand.strip()) < SHORTEST:
        problems.append(Problem("slip.demand", "请写明整改要求。", "demand"))
    if due_on < today:
        problems.append(Problem("slip.due", "整改期限不能早于今天。", "due_on"))
    held = queries.slips_of_run(session, run.id)
    bottom = [row for row in queries.assessed(session, run.id) if row.bottom and row.unit_id not in held]
    if not problems and not bottom:
        problems.append(NOBODY)
    if problems:
        raise DomainError(*problems)
    first, template_id = queries.next_number(session, today.year), in_use(session, slip_filling.KIND)
    rows = [
        SupervisionSlip(
            run_id=run.id,
            unit_id=row.unit_id,
            year=today.year,
            number=first + at,
            demand=demand.strip(),
            due_on=due_on,
            state=SlipState.ISSUED,
            issued_by=actor.user_id,
            issued_at=now,
            template_id=template_id,
        )
        for at, row in enumerate(bottom)
    ]
    session.add_all(rows)
    session.flush()
    for row in rows:
        audit.record(session, actor.user_id, "slip.issue", ("supervision_slip", row.id), now=now, unit=row.unit_id)
    return rows


def reply(session: Session, actor: Actor, slip_id: int, *, text: str, now: datetime) -> SupervisionSlip:
    """Answer a slip for one's own unit."""
    row = queries.slip(session, slip_id, lock=True)
    if not actor.reaches(Permission.TOUCH_WRITE, row.unit_id):
        raise ForbiddenError(Problem("slip.unit", "只有被督办的单位可以回复。"))
    if row.state is SlipState.CLOSED:
        raise ConflictError(DONE)
    if len(text.strip()) < SHORTEST:
        raise DomainError(Problem("slip.reply", "请写明整改情况。", "text"))
    row.reply, row.replied_by, row.replied_at, row.state = text.strip(), actor.user_id, now, SlipState.REPLIED
    audit.record(session, actor.user_id, "slip.reply", ("supervision_slip", row.id), now=now)
    session.flush()
    return row


def close(session: Session, actor: Actor, slip_id: int, *, verdict: str, now: datetime) -> SupervisionSlip:
    """Close a slip that was answered (销号)."""
    if not actor.may(Permission.TARGET_MANAGE):
        raise ForbiddenError(FORBIDDEN)
    row = queries.slip(session, slip_id, lock=True)
    if row.state is not SlipState.REPLIED:
        raise ConflictError(
            DONE if row.state is SlipState.CLOSED else Problem("slip.silent", "单位还没有回复，不能销号。")
        )
    if row.replied_by == actor.user_id:
        raise ForbiddenError(Problem("slip.self", "回复人不能给自己回复的督办单销号，请由招商办的其他人办理。"))
    row.state, row.closed_by, row.closed_at, row.verdict = SlipState.CLOSED, actor.user_id, now, verdict.strip() or None
    audit.record(session, actor.user_id, "slip.close", ("supervision_slip", row.id), now=now)
    session.flush()
    return row
