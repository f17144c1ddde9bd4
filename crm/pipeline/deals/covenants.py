"""What a contract captures: written at signing, settled with evidence later. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit, filestore
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.pipeline import queries
from crm.pipeline.deals.duties import DUTY_LABELS, Duty, reads_as_payout
from crm.pipeline.deals.models import Obligation, ObligationTerm, PerformanceDeposit
from crm.pipeline.deals.rules import HOME, ObligationState, Side, payment_problems, settle_problems

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.files import Attachment
    from crm.core.filestore import Upload
    from crm.pipeline.deals.rules import Covenant, Payment, Promise
    from crm.pipeline.limits import AgreementDraft
    from crm.pipeline.models import Agreement

AGREEMENT = "agreement"
ABSENT = Problem("covenant.absent", "没有这一项。")
BY_FACTS = Problem("obligation.by_facts", "这项义务按凭证、阶段或履约记录认定，请到项目的“履约”页办理。", "state")
UNTYPED = Problem("obligation.kind", "请先选这项义务的种类：涉及付款的到“履约”页办理，其他的才在这里登记。", "kind")
BY_KIND = Problem("obligation.by_kind", "请到项目的“履约”页把这项义务设为“%(kind)s”后再办理。", "kind")
AS_PAYOUT = Problem(
    "obligation.payout",
    "这是奖补兑现，对方条件未满足、公平竞争审查未通过之前不能兑现。请到项目的“履约”页设为奖补兑现，写明兑现条件后再办理。",
    "state",
)


def columns(draft: AgreementDraft) -> dict[str, Any]:
    """Columns of an agreement that tell its currency and what it expressly does not hold."""
    money, covenant = draft.foreign, draft.covenant
    return {
        "currency": money.currency if money else HOME,
        "original_amount": money.amount if money else None,
        "rate": money.rate if money else None,
        "rate_on": money.rate_on if money else None,
        "rate_source": money.rate_source.strip() if money else None,
        "source_area": draft.area,
        "none_ours": covenant.none_ours.strip() or None,
        "none_theirs": covenant.none_theirs.strip() or None,
        "no_deposit": covenant.no_deposit.strip() or None,
    }


def write(session: Session, agreement: Agreement, covenant: Covenant, *, now: datetime) -> None:
    """Write obligations and deposits of a new agreement; the rules have found them complete."""
    for promise in covenant.promises:
        session.add(_obligation(agreement, promise, by=agreement.reported_by, now=now))
    for deposit in covenant.deposits:
        session.add(
            PerformanceDeposit(
                project_id=agreement.project_id,
                agreement_id=agreement.id,
                amount=deposit.amount,
                due_on=deposit.due_on,
                created_by=agreement.reported_by,
                created_at=now,
            )
        )
    session.flush()


def add_promise(
    session: Session, actor: Actor, project_id: int, agreement_id: int, promise: Promise, *, now: datetime
) -> Obligation:
    """Write an obligation that was agreed later or forgotten."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    agreement = queries.get_agreement(session, project.id, agreement_id)
    if not promise.text.strip():
        raise DomainError(Problem("obligation.text", "请写明义务的内容。", "text"))
    row = _obligation(agreement, promise, by=actor.user_id, now=now)
    session.add(row)
    session.flush()
    detail = {"project": project.id, "agreement": agreement.id, "side": str(promise.side), "text": promise.text}
    audit.record(session, actor.user_id, "obligation.add", ("obligation", row.id), now=now, **detail)
    return row


def settle(  # noqa: PLR0913 (the kind is asked of our own promises alone)
    session: Session,
    actor: Actor,
    project_id: int,
    obligation_id: int,
    to: ObligationState,
    *,
    evidence: str,
    now: datetime,
    kind: Duty | None = None,
) -> Obligation:
    """Write down, once, that an obligation was kept or broken, and by what this is known.

    ``kind``: what the person says a promise of ours is; only what is neither land nor money is kept by a word.
    """
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    statement = select(Obligation).where(Obligation.id == obligation_id, Obligation.project_id == project.id)
    row = session.scalar(statement.with_for_update())
    if row is None:
        raise NotFoundError(ABSENT)
    problems = settle_problems(row.state, to, evidence) + _locks(session, row, to, kind)
    if row.state is not ObligationState.OPEN:
        raise ConflictError(*problems)
    if problems:
        raise DomainError(*problems)
    row.state, row.evidence, row.settled_by, row.settled_at = to, evidence.strip(), actor.user_id, now
    said = str(kind) if kind else None
    detail = {"project": project.id, "state": str(to), "evidence": evidence.strip(), "kind": said}
    audit.record(session, actor.user_id, "obligation.settle", ("obligation", row.id), now=now, **detail)
    session.flush()
    return row


def _locks(session: Session, row: Obligation, to: ObligationState, kind: Duty | None) -> list[Problem]:
    """What is fulfilled by facts is never settled by a word, and money of ours never without its condition."""
    if session.get(ObligationTerm, row.id) is not None:
        return [BY_FACTS]
    if to is not ObligationState.MET or row.side is not Side.OURS:
        return []
    if kind is Duty.PAYOUT or reads_as_payout(row.body):
        return [AS_PAYOUT]
    if kind is None:
        return [UNTYPED]
    return [] if kind is Duty.OTHER else [Problem(BY_KIND.key, BY_KIND.message, "kind", {"kind": DUTY_LABELS[kind]})]


def pay(
    session: Session, actor: Actor, project_id: int, deposit_id: int, payment: Payment, *, now: datetime, today: date
) -> PerformanceDeposit:
    """Write down, once, that an instalment of the deposit arrived, and under which voucher."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    statement = select(PerformanceDeposit).where(
        PerformanceDeposit.id == deposit_id, PerformanceDeposit.project_id == project.id
    )
    row = session.scalar(statement.with_for_update())
    if row is None:
        raise NotFoundError(ABSENT)
    problems = payment_problems(payment, paid=row.paid_on is not None, today=today)
    if row.paid_on is not None:
        raise ConflictError(*problems)
    if problems:
        raise DomainError(*problems)
    row.paid_on, row.voucher, row.recorded_by = payment.paid_on, payment.voucher.strip(), actor.user_id
    detail = {"project": project.id, "amount": str(row.amount), "voucher": row.voucher}
    audit.record(session, actor.user_id, "deposit.pay", ("performance_deposit", row.id), now=now, **detail)
    session.flush()
    return row


def add_scan(
    session: Session, actor: Actor, project_id: int, agreement_id: int, scan: Upload, folder: Path, *, now: datetime
) -> Attachment:
    """Keep another scan of an agreement; its hash, size and kind are told by its bytes."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    agreement = queries.get_agreement(session, project.id, agreement_id)
    filestore.check(scan, "scan")
    row = filestore.store(session, folder, (AGREEMENT, agreement.id), scan, by=actor.user_id, now=now)
    detail = {"project": project.id, "name": row.name, "sha256": row.sha256}
    audit.record(session, actor.user_id, "agreement.scan", (AGREEMENT, agreement.id), now=now, **detail)
    return row


def _obligation(agreement: Agreement, promise: Promise, *, by: int, now: datetime) -> Obligation:
    return Obligation(
        project_id=agreement.project_id,
        agreement_id=agreement.id,
        side=promise.side,
        body=promise.text.strip(),
        due_on=promise.due_on,
        state=ObligationState.OPEN,
        created_by=by,
        created_at=now,
    )
