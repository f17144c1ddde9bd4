"""Writes of complaint cases: receive, mend, go a step on, look at who complained, set the limits. Nothing commits."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from crm.aftercare.cases import queries, rules, telling
from crm.aftercare.cases.models import CaseStep, CaseUnit, ServiceCase
from crm.aftercare.cases.rules import CaseDraft, CaseStepDraft
from crm.aftercare.cases.words import OPEN, CaseKind, CaseState, CaseStepKind, Channel, Topic
from crm.auth import queries as people
from crm.auth.rules import Permission
from crm.core import audit, options
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.core.scheduling import local_day
from crm.enterprises.queries import enterprise
from crm.enterprises.rules import REVEAL_REASONS
from crm.fieldwork import queries as fieldwork

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.aftercare.cases.rules import Limits
    from crm.auth.rules import Actor

SUBJECT = "service_case"
FORBIDDEN = Problem("case.forbidden", "您的角色不能办理这件诉求，请找招商办。")
SETTLED = Problem("case.settled", "诉求受理后不能再改内容，请在办理情况里说明。")
NO_REVEAL = Problem("case.reveal", "这件诉求要求为投诉人保密，只有招商办能查看。")
SECRECY = Problem("case.secrecy", "企业要求保密的，只有招商办能取消保密。", "confidential")
WHY = Problem("case.why", "请先选择查看事由，再显示联系人和电话。", "reason")
WHAT_ELSE = Problem("case.why_other", "选“其他”时请写明事由。", "other")
NO_UNIT = Problem("case.unit", "请选择现有的单位。", "lead_id")
TITLE = 30
K = CaseStepKind


def receive(session: Session, actor: Actor, draft: CaseDraft, *, now: datetime, today: date) -> ServiceCase:
    """Register a case (件件有着落): the clock of acceptance starts on the day it came in."""
    if not actor.may(Permission.CASE_WRITE) or not actor.unit_ids:
        raise ForbiddenError(FORBIDDEN)
    problems = rules.draft_problems(draft, today=today)
    if problems:
        raise DomainError(*problems)
    firm = enterprise(session, draft.enterprise_id)
    touch = None if draft.touch_id is None else fieldwork.touch(session, actor, draft.touch_id)
    due = rules.due(draft.received_on, queries.limits(session).accept(draft.kind))
    row = ServiceCase(
        enterprise_id=firm.id,
        touch_id=draft.touch_id,
        project_id=touch.project_id if touch else None,
        unit_id=actor.unit_ids[0],
        state=CaseState.RECEIVED,
        accept_due=due,
        next_due=due,
        created_by=actor.user_id,
        created_at=now,
    )
    _write(row, draft)
    session.add(row)
    session.flush()
    _step(session, actor, row, CaseStepDraft(K.RECEIVE), now=now)
    return row


def from_touch(session: Session, actor: Actor, touch_id: int, *, now: datetime, today: date) -> ServiceCase:
    """Make what was asked at a visit a case, in one tap; a second tap finds the first one."""
    known = queries.of_touch(session, actor, touch_id)
    if known is not None:
        return known
    touch = fieldwork.touch(session, actor, touch_id)
    if touch.voided_at is not None:
        raise ConflictError(Problem("case.voided", "这次走访已作废，不能转诉求。"))
    words = touch.summary.strip()
    draft = CaseDraft(
        kind=CaseKind.DEMAND,
        topic=Topic.OTHER,
        title=words if len(words) <= TITLE else f"{words[:TITLE]}…",
        body=words,
        channel=Channel.VISIT,
        received_on=local_day(touch.occurred_at),
        enterprise_id=touch.enterprise_id,
        person=touch.people or "",
        touch_id=touch.id,
    )
    return receive(session, actor, draft, now=now, today=today)


def mend(session: Session, actor: Actor, case_id: int, draft: CaseDraft, *, now: datetime, today: date) -> ServiceCase:
    """Change what was typed, as long as nobody decided on it; blank person and phone keep what is sealed."""
    row = queries.get(session, actor, case_id, lock=True)
    if not may_mend(row, actor):
        raise ForbiddenError(FORBIDDEN)
    if row.state is not CaseState.RECEIVED:
        raise ConflictError(SETTLED)
    problems = rules.draft_problems(draft, today=today)
    if row.confidential and not draft.confidential and not actor.may(Permission.CASE_RULE):
        problems.append(SECRECY)
    if problems:
        raise DomainError(*problems)
    before = _weighty(row)
    if not row.asked:
        row.accept_due = rules.due(draft.received_on, queries.limits(session).accept(draft.kind))
        row.next_due = row.accept_due
    _write(row, draft)
    session.flush()
    detail = {"before": before, "after": _weighty(row)}
    audit.record(session, actor.user_id, "case.mend", (SUBJECT, row.id), now=now, **detail)
    return row


def _weighty(row: ServiceCase) -> dict[str, Any]:
    """What of a case moves its clock or opens its secret."""
    return {"kind": str(row.kind), "received_on": row.received_on.isoformat(), "confidential": row.confidential}


def may_mend(row: ServiceCase, actor: Actor) -> bool:
    """Whether the person may change what was typed: who received it, and who rules on cases."""
    hand = queries.hand(row, actor)
    return hand.rules or hand.receives or row.created_by == actor.user_id


def _write(row: ServiceCase, draft: CaseDraft) -> None:
    row.kind, row.topic, row.channel = draft.kind, draft.topic, draft.channel
    row.title, row.body = draft.title.strip(), draft.body.strip()
    row.received_on, row.confidential = draft.received_on, draft.confidential
    row.person = draft.person.strip() or row.person
    row.phone = draft.phone.strip() or row.phone


def go_on(
    session: Session, actor: Actor, case_id: int, step: CaseStepDraft, *, now: datetime, today: date
) -> ServiceCase:
    """Go a step on with a case.

    Raises:
        ForbiddenError: this step is not the person's.
        DomainError: the step cannot follow, or lacks something.

    """
    row = queries.get(session, actor, case_id, lock=True)
    standing, hand = queries.standing(row), queries.hand(row, actor)
    problems = rules.step_problems(standing, step, actor_id=actor.user_id, today=today)
    if not problems and step.kind not in rules.steps_for(standing, hand):
        raise ForbiddenError(FORBIDDEN)
    if step.kind in {K.ACCEPT, K.ASSIGN} and not problems:
        problems += _unit_problems(session, step, today)
    if problems:
        raise DomainError(*problems)
    _apply(row, actor, step, queries.limits(session), now=now, today=today)
    row.state = rules.AFTER.get(step.kind, row.state)
    if row.state not in OPEN:
        row.ended_at, row.next_due = now, None
    _step(session, actor, row, step, now=now)
    telling.stepped(session, actor, row, step.kind, now=now, today=today)
    return row


def _unit_problems(session: Session, step: CaseStepDraft, today: date) -> list[Problem]:
    known = {unit.id for unit in people.units(session, today)}
    return [] if {step.lead_id, *step.with_ids} <= known else [NO_UNIT]


def _apply(row: ServiceCase, actor: Actor, step: CaseStepDraft, limits: Limits, *, now: datetime, today: date) -> None:
    """Set what a step changes beside the state."""
    _missed(row, step.kind, today)
    if step.kind is K.ASK:
        row.asked, row.next_due = True, rules.due(today, rules.SUPPLY_DAYS)
    elif step.kind is K.SUPPLIED:
        row.accept_due = row.next_due = rules.due(today, limits.accept(row.kind))
    elif step.kind is K.ACCEPT:
        row.accepted_on, row.accepted_at = today, now
        row.due_on = row.next_due = rules.due(today, limits.close(row.kind))
    elif step.kind is K.REFUSE:
        row.refusal = step.refusal
    elif step.kind is K.EXTEND:
        row.due_on = row.next_due = step.due_on
    elif step.kind is K.REPLY:
        row.replied_at, row.replied_by = now, actor.user_id
        row.next_due = rules.due(today, limits.ask)
    elif step.kind is K.JUDGED:
        row.verdict = step.verdict
    elif step.kind in {K.REOPEN, K.ESCALATE}:
        row.rounds += 1
        row.escalated = row.escalated or step.kind is K.ESCALATE
        row.due_on = row.next_due = rules.due(today, limits.redo)
    if step.kind in {K.ACCEPT, K.ASSIGN}:
        _assign(row, step)


def _missed(row: ServiceCase, kind: K, today: date) -> None:
    """Keep that a day was over when the step came that ends its clock, the firm's taking back included."""
    if row.state is CaseState.RECEIVED and kind in {K.ASK, K.ACCEPT, K.REFUSE, K.WITHDRAW}:
        row.accept_late = row.accept_late or today > row.accept_due
    if row.state is CaseState.HANDLING and kind in {K.REPLY, K.WITHDRAW}:
        row.late = row.late or (row.due_on is not None and today > row.due_on)


def _assign(row: ServiceCase, step: CaseStepDraft) -> None:
    wanted = {unit_id: unit_id == step.lead_id for unit_id in (step.lead_id, *step.with_ids) if unit_id is not None}
    kept = [one for one in row.units if one.unit_id in wanted]
    for one in kept:
        one.lead = wanted.pop(one.unit_id)
    row.units = [*kept, *(CaseUnit(unit_id=unit_id, lead=lead) for unit_id, lead in wanted.items())]


def _step(session: Session, actor: Actor, row: ServiceCase, step: CaseStepDraft, *, now: datetime) -> None:
    sets = step.kind in {K.ACCEPT, K.EXTEND, K.REOPEN, K.ESCALATE}
    session.add(
        CaseStep(
            case_id=row.id,
            kind=step.kind,
            body=step.text.strip() or None,
            due_on=row.due_on if sets else None,
            verdict=step.verdict if step.kind is K.JUDGED else None,
            by=actor.user_id,
            at=now,
        )
    )
    session.flush()
    detail = {"step": str(step.kind), "state": str(row.state), "due": row.due_on.isoformat() if row.due_on else None}
    if step.kind in {K.ACCEPT, K.ASSIGN}:
        detail["units"] = ",".join(str(one) for one in row.unit_ids)
    audit.record(session, actor.user_id, f"case.{step.kind}", (SUBJECT, row.id), now=now, **detail)


def may_reveal(row: ServiceCase, actor: Actor) -> bool:
    """Whether the person may look who complained: who handles it too, unless the firm asked for secrecy."""
    hand = queries.hand(row, actor)
    return hand.rules or (not row.confidential and (hand.works or hand.receives))


def reveal(session: Session, actor: Actor, case_id: int, *, reason: str, other: str = "", now: datetime) -> ServiceCase:
    """Return a case whose complainant may be shown now; the look and its reason are on record."""
    row = queries.get(session, actor, case_id)
    if not may_reveal(row, actor):
        raise ForbiddenError(NO_REVEAL)
    if reason not in REVEAL_REASONS:
        raise DomainError(WHY)
    words = other.strip()[:200]
    if reason == "other" and not words:
        raise DomainError(WHAT_ELSE)
    said = words if reason == "other" else REVEAL_REASONS[reason]
    audit.record(session, actor.user_id, "case.reveal", (SUBJECT, row.id), now=now, reason=said)
    return row


def set_limits(session: Session, actor: Actor, limits: Limits, *, now: datetime) -> None:
    """Set the office's limits; cases under way keep the days they were given."""
    if not actor.may(Permission.CASE_RULE):
        raise ForbiddenError(FORBIDDEN)
    problems = rules.limit_problems(limits)
    if problems:
        raise DomainError(*problems)
    options.write(session, actor.user_id, queries.OPTION, asdict(limits), now=now)
