"""Writes of idle land: open a case, go a step on, reclaim the land or see it begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.resources.carriers import queries as carriers
from crm.resources.carriers import services as keeping
from crm.resources.carriers.rules import HoldKind
from crm.resources.idle import queries
from crm.resources.idle.clocking import clocks
from crm.resources.idle.clocks import due_problems, finding_problems
from crm.resources.idle.models import IdleCase, IdleStep
from crm.resources.idle.rules import ENDS, SHORTEST_DETAIL, IdleKind, IdleStepKind, StepDraft, step_problems

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.resources.carriers.models import CarrierHold
    from crm.resources.idle.clocks import Clock

SUBJECT = "idle_case"
NOT_LAND = Problem("idle.kind", "只有已供的土地才办闲置处置。")
OPEN = Problem("idle.open", "这宗土地已有正在办理的闲置处置。")
CLOSED = Problem("idle.closed", "这件闲置处置已经办结。")
DETAIL = Problem("idle.detail", "请写明情况，至少四个字。", "detail")
USED = Problem("idle.used", "这个文号已经用过，请换一个。", "document_no")
FUTURE = Problem("idle.on", "日期不能早于供地日期，也不能晚于今天。", "on")


def start(  # noqa: PLR0913 (one fact of another slice more)
    session: Session,
    actor: Actor,
    hold_id: int,
    kind: IdleKind,
    found: StepDraft,
    *,
    now: datetime,
    today: date,
    begun: bool = False,
) -> IdleCase:
    """Find land idle (认定闲置): the case begins. ``begun``: the project of the hold says it started."""
    hold = carriers.hold(session, hold_id)
    carrier = carriers.get(session, hold.carrier_id, lock=True)
    if not carriers.may_manage(actor, carrier.unit_id):
        raise ForbiddenError(keeping.FORBIDDEN)
    if hold.kind is not HoldKind.ALLOTTED or (hold.until_on is not None and hold.until_on < today):
        raise DomainError(NOT_LAND)
    if queries.case_of(session, hold_id) is not None:
        raise ConflictError(OPEN)
    if len(found.detail.strip()) < SHORTEST_DETAIL:
        raise DomainError(DETAIL)
    if not hold.from_on <= found.on <= today:
        raise DomainError(FUTURE)
    problems = finding_problems(_clock(session, hold, found.on, begun=begun), kind)
    if problems:
        raise DomainError(*problems)
    case = IdleCase(
        hold_id=hold_id,
        unit_id=carrier.unit_id,
        kind=kind,
        last=IdleStepKind.FOUND,
        last_on=found.on,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(case)
    session.flush()
    _add(session, actor, case, StepDraft(IdleStepKind.FOUND, found.on, found.detail), now=now)
    return case


def _clock(session: Session, hold: CarrierHold, day: date, *, begun: bool) -> Clock | None:
    projects = {hold.project_id} if begun and hold.project_id is not None else set()
    return clocks(session, [hold], day, projects).get(hold.id)


def go_on(
    session: Session,
    actor: Actor,
    case_id: int,
    draft: StepDraft,
    *,
    now: datetime,
    today: date,
    begun: bool = False,
) -> IdleCase:
    """Go a step on; the fee waits for a full year, reclaiming for two.

    Reclaiming ends the hold, so the land is in the pool again the next day.
    """
    row = queries.get(session, case_id, lock=True)
    case = row.case
    if not carriers.may_manage(actor, row.carrier.unit_id):
        raise ForbiddenError(keeping.FORBIDDEN)
    if case.closed_on is not None:
        raise ConflictError(CLOSED)
    last = StepDraft(case.last, case.last_on, "", case.due_on)
    reclaimable = case.due_on is None or today > case.due_on
    problems = step_problems(last, draft, today=today, reclaimable=reclaimable)
    problems += due_problems(_clock(session, row.hold, draft.on, begun=begun), draft.kind)
    number = draft.document_no.strip()
    if number and session.scalar(select(IdleStep.id).where(IdleStep.document_no == number)) is not None:
        problems.append(USED)
    if problems:
        raise DomainError(*problems)
    case.last, case.last_on = draft.kind, draft.on
    case.due_on = draft.due_on or (None if draft.kind in ENDS else case.due_on)
    if draft.kind in ENDS:
        case.closed_on = draft.on
    if draft.kind is IdleStepKind.RECLAIM:
        keeping.give_back(session, actor, row.hold.id, until_on=draft.on, reason=draft.detail, now=now)
    _add(session, actor, case, draft, now=now)
    return case


def _add(session: Session, actor: Actor, case: IdleCase, draft: StepDraft, *, now: datetime) -> None:
    step = IdleStep(
        case_id=case.id,
        kind=draft.kind,
        on=draft.on,
        due_on=draft.due_on,
        document_no=draft.document_no.strip() or None,
        detail=draft.detail.strip(),
        by=actor.user_id,
        at=now,
    )
    session.add(step)
    session.flush()
    detail = {"step": str(draft.kind), "on": draft.on.isoformat(), "number": step.document_no}
    audit.record(session, actor.user_id, "carrier.idle", (SUBJECT, case.id), now=now, **detail)
