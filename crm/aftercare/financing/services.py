"""Writes of financing needs: register one, match it with a bank, say what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.aftercare.financing import queries
from crm.aftercare.financing.models import FinancingNeed, FinancingStep
from crm.aftercare.financing.rules import AFTER, NeedDraft, NeedState, NeedStepKind, need_problems, step_problems
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.enterprises.queries import enterprise

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = "financing_need"
FORBIDDEN = Problem("need.forbidden", "您只能办理本单位登记的融资需求。")


@dataclass(frozen=True, slots=True)
class NeedStep:
    """One step as typed; ``granted`` in 万元."""

    kind: NeedStepKind
    bank: str = ""
    granted: Decimal | None = None
    text: str = ""


def register(session: Session, actor: Actor, draft: NeedDraft, *, now: datetime) -> FinancingNeed:
    """Register what a firm wants to borrow."""
    if not actor.may(Permission.CASE_WRITE) or not actor.unit_ids:
        raise ForbiddenError(FORBIDDEN)
    firm = enterprise(session, draft.enterprise_id)
    problems = need_problems(draft)
    if problems:
        raise DomainError(*problems)
    row = FinancingNeed(
        enterprise_id=firm.id,
        unit_id=actor.unit_ids[0],
        amount=draft.amount,
        term=draft.term,
        purpose=draft.purpose.strip(),
        pledge=draft.pledge.strip() or None,
        state=NeedState.OPEN,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    detail = {"enterprise": firm.id, "amount": str(draft.amount)}
    audit.record(session, actor.user_id, "financing.register", (SUBJECT, row.id), now=now, **detail)
    return row


def go_on(session: Session, actor: Actor, need_id: int, step: NeedStep, *, now: datetime) -> FinancingNeed:
    """Match a need with a bank, or say what came of it."""
    row = queries.get(session, actor, need_id, lock=True)
    if not may_write(row, actor):
        raise ForbiddenError(FORBIDDEN)
    facts = {"wanted": row.amount, "granted": step.granted, "bank": step.bank, "text": step.text}
    problems = step_problems(row.state, step.kind, **facts)  # type: ignore[arg-type]  # named values
    if problems:
        raise DomainError(*problems)
    row.state = AFTER[step.kind]
    if step.kind is NeedStepKind.MATCH:
        row.bank = step.bank.strip()
    if step.kind is NeedStepKind.GRANT:
        row.granted = step.granted
    session.add(
        FinancingStep(
            need_id=row.id,
            kind=step.kind,
            bank=row.bank,
            granted=row.granted,
            body=step.text.strip() or None,
            by=actor.user_id,
            at=now,
        )
    )
    session.flush()
    detail = {"bank": row.bank, "granted": str(row.granted) if row.granted else None}
    audit.record(session, actor.user_id, f"financing.{step.kind}", (SUBJECT, row.id), now=now, **detail)
    return row


def may_write(row: FinancingNeed, actor: Actor) -> bool:
    """Whether the person may go on with a need: of its unit, or who may rule on cases."""
    return actor.reaches(Permission.CASE_WRITE, row.unit_id) or actor.may(Permission.CASE_RULE)
