"""Writes on obligations: measured ones, records, payouts, dunning letters. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.workdays import add_workdays
from crm.delivery.letters import services as letters
from crm.delivery.letters.papers import Content
from crm.delivery.letters.rules import LetterKind
from crm.delivery.obligations import queries, reviewing, syncing, telling
from crm.delivery.obligations.models import ObligationRecord, Payout, PayoutNeed
from crm.delivery.obligations.rules import (
    duty_problems,
    fulfilled,
    payout_problems,
    record_problems,
    side_of,
)
from crm.pipeline import queries as projects
from crm.pipeline.deals import setting
from crm.pipeline.deals.duties import Duty
from crm.pipeline.deals.models import Obligation, ObligationTerm
from crm.pipeline.deals.rules import HOME, ObligationState, foreign_problems
from crm.pipeline.models import Agreement
from crm.resources.policies import queries as policies

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.delivery.letters.models import DeliveryLetter
    from crm.delivery.obligations.rules import DutyDraft, PayoutDraft, RecordDraft

SUBJECT = syncing.SUBJECT
LEAST_DAYS, MOST_DAYS = 3, 60
NO_CONTRACT = Problem("duty.contract", "还没有正式合同，先在“协议”页登记。")
LEFT = Problem("duty.left", "项目已退出，不能再登记义务。")
TYPED = Problem("duty.typed", "这项义务已经设过种类。")
USED = Problem("payout.used", "这个凭证号已经用过，一张凭证只用一次。", "voucher")
LAPSED = Problem("duty.lapsed", "签约那天这一条政策不在有效期内，请选当时有效的条款。", "clause")
CONFIRMED = Problem("payout.confirmed", "确认兑现条件已满足的人不能自己办理兑现，请由另一位同事办理。")
NOT_PAYOUT = Problem("payout.kind", "这项义务不是奖补兑现。")
NOTHING_LATE = Problem("letter.nothing_late", "没有逾期未到的款项，不用催缴。")
DAYS = Problem("letter.days", "请填期限，3到60个工作日。", "days")


def add(  # noqa: PLR0913 (where, what, instead of which words)
    session: Session,
    actor: Actor,
    project_id: int,
    agreement_id: int,
    draft: DutyDraft,
    *,
    now: datetime,
    today: date,
    written: int | None = None,
) -> Obligation:
    """Add a measured obligation to a contract; ``written``: the obligation in words that it makes measurable."""
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    if project.exit_kind is not None:
        raise DomainError(LEFT)
    agreement = projects.get_agreement(session, project.id, agreement_id)
    if agreement.kind != "contract":
        raise DomainError(NO_CONTRACT)
    known = queries.ledger(session, project, today)
    firms = [line.row.id for line in known.theirs]
    problems = duty_problems(draft, signed_on=agreement.signed_on, firms=firms)
    problems += foreign_problems(draft.foreign, setting.current(session).currencies, today=today)
    if draft.clause_id is not None and not policies.named(session, [draft.clause_id]):
        problems.append(policies.NO_CLAUSE)
    elif draft.clause_id is not None and not reviewing.held(session, draft.clause_id, agreement.signed_on):
        problems.append(LAPSED)
    side = side_of(draft.kind)
    if problems or side is None:
        raise DomainError(*problems)
    row = Obligation(agreement_id=agreement.id, created_by=actor.user_id, created_at=now)
    if written is not None:
        row = _written(session, known.line(written).row.id, side)
    row.project_id, row.side, row.state = project.id, side, ObligationState.OPEN
    row.body, row.due_on = draft.text.strip(), draft.due_on
    session.add(row)
    session.flush()
    session.add(_term(row, draft))
    if draft.kind is Duty.PAYOUT:
        session.add_all(PayoutNeed(payout_id=row.id, needs_id=number) for number in dict.fromkeys(draft.needs))
    session.flush()
    detail = {"project": project.id, "kind": str(draft.kind), "text": row.body, "amount": str(draft.worth or "")}
    audit.record(session, actor.user_id, "obligation.measure", (SUBJECT, row.id), now=now, **detail)
    if draft.kind is Duty.CAPITAL:
        syncing.capital(session, project.id, by=actor.user_id, now=now)
    return row


def _written(session: Session, obligation_id: int, side: object) -> Obligation:
    row = session.scalar(select(Obligation).where(Obligation.id == obligation_id).with_for_update())
    if row is None:
        raise NotFoundError(queries.ABSENT)
    if row.state is not ObligationState.OPEN or session.get(ObligationTerm, row.id) is not None:
        raise ConflictError(TYPED)
    if row.side is not side:
        raise DomainError(Problem("duty.side", "这项义务是另一方的，请选那一方的种类。", "kind"))
    return row


def _term(row: Obligation, draft: DutyDraft) -> ObligationTerm:
    money = draft.foreign
    return ObligationTerm(
        obligation_id=row.id,
        kind=draft.kind,
        amount=draft.worth,
        currency=money.currency if money else HOME,
        original_amount=money.amount if money else None,
        rate=money.rate if money else None,
        rate_on=money.rate_on if money else None,
        rate_source=money.rate_source.strip() if money else None,
        clause_id=draft.clause_id if draft.kind is Duty.PAYOUT else None,
    )


def _held(session: Session, project_id: int, obligation_id: int) -> tuple[Obligation, ObligationTerm, date]:
    """Lock an obligation of a project with its term; with the day its contract was signed."""
    statement = (
        select(Obligation, ObligationTerm, Agreement.signed_on)
        .join(ObligationTerm, ObligationTerm.obligation_id == Obligation.id)
        .join(Agreement, Agreement.id == Obligation.agreement_id)
        .where(Obligation.id == obligation_id, Obligation.project_id == project_id)
    )
    found = session.execute(statement.with_for_update(of=(Obligation, ObligationTerm))).one_or_none()
    if found is None:
        raise NotFoundError(queries.ABSENT)
    return found[0], found[1], found[2]


def record(
    session: Session,
    actor: Actor,
    project_id: int,
    obligation_id: int,
    draft: RecordDraft,
    *,
    now: datetime,
    today: date,
) -> ObligationRecord:
    """Write down how far an obligation is, with its evidence; reaching what was promised fulfils it."""
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    row, term, signed_on = _held(session, project.id, obligation_id)
    met = row.state is not ObligationState.OPEN
    problems = record_problems(term.kind, draft, met=met, signed_on=signed_on, today=today)
    if problems or draft.on is None:
        raise DomainError(*problems)
    made = ObligationRecord(
        obligation_id=row.id,
        on=draft.on,
        value=draft.value,
        evidence=draft.evidence.strip(),
        by=actor.user_id,
        at=now,
    )
    session.add(made)
    session.flush()
    detail = {"project": project.id, "on": draft.on.isoformat(), "value": str(draft.value), "evidence": made.evidence}
    audit.record(session, actor.user_id, "obligation.record", (SUBJECT, row.id), now=now, **detail)
    if fulfilled(term.kind, term.amount, draft.value):
        syncing.settle(session, row, term, draft.on, made.evidence, by=actor.user_id, now=now)
    return made


def pay(
    session: Session,
    actor: Actor,
    project_id: int,
    obligation_id: int,
    draft: PayoutDraft,
    *,
    now: datetime,
    today: date,
) -> Payout:
    """Record a payout (奖补兑现): locked until the firm kept its side and the fair-competition review passed.

    Never by who confirmed that the firm kept it.
    """
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    row, term, signed_on = _held(session, project.id, obligation_id)
    if term.kind is not Duty.PAYOUT:
        raise DomainError(NOT_PAYOUT)
    known = queries.ledger(session, project, today)
    line = known.line(row.id)
    if actor.user_id in queries.confirmers(session, project.id, known.asked(line)):
        raise ForbiddenError(CONFIRMED)
    review, lapsed = reviewing.basis(session, project.id, term), reviewing.lapsed(session, term, signed_on)
    gone, left = project.exit_kind is not None, known.unpaid(line)
    lock = known.lock(line, review, left=gone, lapsed=lapsed)
    problems = payout_problems(draft, left, lock, signed_on=signed_on, today=today)
    number = draft.voucher.strip()
    if number and session.scalar(select(Payout.id).where(Payout.voucher == number)) is not None:
        problems.append(USED)
    if problems or draft.amount is None or draft.paid_on is None:
        raise DomainError(*problems)
    made = Payout(
        obligation_id=row.id,
        amount=draft.amount,
        paid_on=draft.paid_on,
        voucher=number,
        needs_met_on=lock.met_on,
        review_basis=review,
        by=actor.user_id,
        at=now,
    )
    session.add(made)
    session.flush()
    detail = {"project": project.id, "amount": str(made.amount), "voucher": number, "review": review}
    audit.record(session, actor.user_id, "payout.pay", (SUBJECT, row.id), now=now, **detail)
    if draft.amount == left:
        syncing.settle(session, row, term, draft.paid_on, f"凭证{number}", by=actor.user_id, now=now)
    return made


def dun(  # noqa: PLR0913 (which letter, what it says, until when)
    session: Session,
    actor: Actor,
    project_id: int,
    kind: LetterKind,
    detail: str,
    *,
    days: int | None,
    now: datetime,
    today: date,
) -> DeliveryLetter:
    """Send a dunning letter (催缴函) for what is late of the deposit or of the capital."""
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    if project.exit_kind is not None:
        raise DomainError(LEFT)
    known = queries.ledger(session, project, today)
    late = telling.late_deposits(known, today) if kind is LetterKind.DEPOSIT else telling.late_capital(known, today)
    problems = [] if late else [NOTHING_LATE]
    if days is None or not LEAST_DAYS <= days <= MOST_DAYS:
        problems.append(DAYS)
    if problems or days is None:
        raise DomainError(*problems)
    content = Content(
        kind=kind,
        sender=letters.sender(session, project.unit_id),
        addressee=project.enterprise.name,
        project=project.name,
        contract=telling.contract(queries.contracts(session, project.id)),
        late=late,
        detail=detail.strip(),
        on=today,
        due_on=add_workdays(today, days),
    )
    return letters.issue(session, actor.user_id, project, content, now=now)
