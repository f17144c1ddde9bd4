"""Writes on contested tickets: evidence of both sides, one ruling, one appeal, and what follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit, filestore
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.core.workdays import add_workdays
from crm.pipeline.claims import credit, queries, rules
from crm.pipeline.claims.kinds import ClaimStatus, DisputeState, EventKind, Outcome, SplitBasis
from crm.pipeline.claims.models import Claim, ClaimDispute, ClaimEvent, ClaimEvidence
from crm.pipeline.claims.reminding import remind

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.filestore import Upload
    from crm.pipeline.claims.queries import Ticket
    from crm.pipeline.claims.rules import Options

KIND = "claim_dispute"
EVIDENCE = "claim_evidence"
STALE = Problem("dispute.version", "您打开页面之后，这件争议有了变化。请核对最新内容后再提交。")
CLOSED = Problem("dispute.closed", "争议已经了结。")
NOT_SIDE = Problem("dispute.side", "只有争议双方单位的人员可以办理。")
NO_RULER = Problem("dispute.ruler", "首报首谈争议由招商办裁定。")
NO_DECIDER = Problem("dispute.decider", "申诉由领导决定。")
RULED = Problem("dispute.ruled", "这件争议已经裁定过了。")
NOT_RULED = Problem("dispute.not_ruled", "争议还没有裁定，不能申诉。")
APPEALED = Problem("dispute.appealed", "已经申诉过一次，不能再次申诉。")
LATE = Problem("dispute.late", "申诉期已过。")
WON = Problem("dispute.won", "裁定对贵单位有利，不用申诉。")
NO_APPEAL = Problem("dispute.no_appeal", "没有待决定的申诉。")
BODY = Problem("dispute.body", "请写明情况和依据。", "body")


def open_ticket(
    session: Session, first: Claim, second: Claim, settings: Options, *, now: datetime, today: date
) -> ClaimDispute:
    """Open a contested ticket between the live claim and the next one; it is due in working days."""
    if first.filed_by is None or second.filed_by is None:
        raise ConflictError(CLOSED)
    first.status = ClaimStatus.CONTESTED
    row = ClaimDispute(
        investor_key=first.investor_key,
        first_claim_id=first.id,
        second_claim_id=second.id,
        first_filed_by=first.filed_by,
        second_filed_by=second.filed_by,
        opened_at=now,
        due_on=add_workdays(today, settings.ruling_days),
        state=DisputeState.OPEN,
    )
    session.add(row)
    session.flush()
    for claim in (first, second):
        session.add(ClaimEvent(claim_id=claim.id, kind=EventKind.CONTESTED, at=now))
    remind(session, row, first, second, now=now)
    detail = {"first": first.id, "second": second.id, "due": row.due_on.isoformat()}
    audit.record(session, None, "dispute.open", (KIND, row.id), now=now, **detail)
    return row


def add_evidence(  # noqa: PLR0913 (the file and its folder belong together and may be left out)
    session: Session,
    actor: Actor,
    dispute_id: int,
    claim_id: int,
    body: str,
    *,
    now: datetime,
    upload: Upload | None = None,
    folder: Path | None = None,
) -> ClaimEvidence:
    """File what one side says, with a file if there is one; nothing filed is ever changed."""
    found = _side(session, actor, dispute_id, claim_id)
    if not body.strip():
        raise DomainError(BODY)
    if upload is not None:
        filestore.check(upload, "file")
    row = ClaimEvidence(dispute_id=found.dispute.id, claim_id=claim_id, body=body.strip(), by=actor.user_id, at=now)
    session.add(row)
    session.flush()
    digest = None
    if upload is not None and folder is not None:
        digest = filestore.store(session, folder, (EVIDENCE, row.id), upload, by=actor.user_id, now=now).sha256
    detail = {"claim": claim_id, "evidence": row.id, "sha256": digest}
    audit.record(session, actor.user_id, "dispute.evidence", (KIND, found.dispute.id), now=now, **detail)
    return row


def rule(  # noqa: PLR0913 (a ruling has an outcome, a share and a reason)
    session: Session,
    actor: Actor,
    dispute_id: int,
    outcome: Outcome | None,
    share: int | None,
    reason: str,
    *,
    version: int,
    now: datetime,
    today: date,
) -> ClaimDispute:
    """Rule on a dispute (裁定), once, by somebody who stands on neither side; it may be appealed for some days."""
    found = _ticket(session, actor, dispute_id, version)
    if not actor.may(Permission.CLAIM_RULE):
        raise ForbiddenError(NO_RULER)
    _forbid(queries.bars(actor, found))
    row = found.dispute
    if row.state is not DisputeState.OPEN:
        raise ConflictError(CLOSED if row.state is DisputeState.CLOSED else RULED)
    _refuse(rules.outcome_problems(outcome, share, reason))
    row.outcome, row.share, row.ruling = outcome, share if outcome is Outcome.SHARED else None, reason.strip()
    row.ruled_by, row.ruled_at, row.state = actor.user_id, now, DisputeState.RULED
    row.appeal_until = add_workdays(today, queries.settings(session).appeal_days)
    session.flush()
    detail = {"outcome": str(outcome), "share": row.share, "appeal_until": row.appeal_until.isoformat()}
    audit.record(session, actor.user_id, "dispute.rule", (KIND, row.id), now=now, **detail)
    return row


def appeal(
    session: Session, actor: Actor, dispute_id: int, claim_id: int, body: str, *, now: datetime, today: date
) -> ClaimDispute:
    """Appeal a ruling (申诉), once, for the side that lost, while the appeal may still be filed."""
    found = _side(session, actor, dispute_id, claim_id)
    row = found.dispute
    if row.appealed_by is not None:
        raise ConflictError(APPEALED)
    if row.state is not DisputeState.RULED or row.outcome is None or row.appeal_until is None:
        raise DomainError(NOT_RULED)
    if today > row.appeal_until:
        raise DomainError(LATE)
    side = "first" if claim_id == found.first.id else "second"
    if side not in rules.losing(row.outcome):
        raise DomainError(WON)
    if not body.strip():
        raise DomainError(BODY)
    row.appealed_by, row.appealed_at, row.appeal, row.state = actor.user_id, now, body.strip(), DisputeState.APPEALED
    session.flush()
    audit.record(session, actor.user_id, "dispute.appeal", (KIND, row.id), now=now, claim=claim_id)
    return row


def decide(  # noqa: PLR0913 (a decision has an outcome, a share and a reason)
    session: Session,
    actor: Actor,
    dispute_id: int,
    outcome: Outcome | None,
    share: int | None,
    reason: str,
    *,
    version: int,
    now: datetime,
    today: date,
) -> ClaimDispute:
    """Decide an appeal, for good, by a leader other than who ruled."""
    found = _ticket(session, actor, dispute_id, version)
    if not actor.may(Permission.CLAIM_DECIDE):
        raise ForbiddenError(NO_DECIDER)
    row = found.dispute
    _forbid(queries.bars(actor, found, ruled_by=row.ruled_by))
    if row.state is not DisputeState.APPEALED:
        raise ConflictError(NO_APPEAL)
    _refuse(rules.outcome_problems(outcome, share, reason))
    row.decided_by, row.decided_at, row.decision = actor.user_id, now, reason.strip()
    audit.record(session, actor.user_id, "dispute.decide", (KIND, row.id), now=now, outcome=str(outcome), share=share)
    if outcome is not None:
        close(session, found, outcome, share, by=actor.user_id, now=now, today=today)
    return row


def give_in(
    session: Session, actor: Actor, dispute_id: int, claim_id: int, *, now: datetime, today: date
) -> ClaimDispute:
    """Let the other side have the investor (撤回报备、服从裁定): the dispute is closed."""
    found = _side(session, actor, dispute_id, claim_id)
    outcome = Outcome.SECOND if claim_id == found.first.id else Outcome.FIRST
    audit.record(session, actor.user_id, "dispute.give_in", (KIND, found.dispute.id), now=now, claim=claim_id)
    close(session, found, outcome, None, by=actor.user_id, now=now, today=today)
    return found.dispute


def close_due(session: Session, *, now: datetime, today: date, limit: int) -> int:
    """Close the rulings that nobody appealed in time; return how many."""
    statement = (
        select(ClaimDispute)
        .where(ClaimDispute.state == DisputeState.RULED, ClaimDispute.appeal_until < today)
        .order_by(ClaimDispute.id)
        .limit(limit)
        .with_for_update()
    )
    due = list(session.scalars(statement))
    ids = {claim_id for row in due for claim_id in (row.first_claim_id, row.second_claim_id)}
    claims = {claim.id: claim for claim in session.scalars(select(Claim).where(Claim.id.in_(ids)))} if ids else {}
    for row in due:
        if row.outcome is not None:
            found = queries.Ticket(row, claims[row.first_claim_id], claims[row.second_claim_id], NOBODY)
            close(session, found, row.outcome, row.share, by=row.ruled_by, now=now, today=today)
    return len(due)


NOBODY = rules.Sides(frozenset(), frozenset(), frozenset())


def close(
    session: Session,
    found: Ticket,
    outcome: Outcome,
    share: int | None,
    *,
    by: int | None,
    now: datetime,
    today: date,
) -> None:
    """Give the investor to whom it was ruled; a shared one is split on both projects. The next in line follows."""
    row, first, second = found.dispute, found.first, found.second
    settings = queries.settings(session)
    row.state, row.closed_at, row.final_outcome = DisputeState.CLOSED, now, outcome
    row.final_share = share if outcome is Outcome.SHARED else None
    if outcome is Outcome.SECOND:
        _settle(session, first, ClaimStatus.CEDED, EventKind.CEDED, by, now)
        second.protection_until = rules.protected_until(today, settings)
        _settle(session, second, ClaimStatus.ACTIVE, EventKind.WON, by, now)
    else:
        lost = now.date() - row.opened_at.date()
        first.protection_until = (first.protection_until or today) + max(lost, timedelta())
        _settle(session, second, ClaimStatus.CEDED, EventKind.CEDED, by, now)
        _settle(session, first, ClaimStatus.ACTIVE, EventKind.KEPT, by, now)
    if row.final_share is not None:
        _share(session, found, row.final_share, by, now)
    holder = second if outcome is Outcome.SECOND else first
    _follow_up(session, holder, settings, now=now, today=today)


def _share(session: Session, found: Ticket, share: int, by: int | None, now: datetime) -> None:
    parts = [(found.first.unit_id, share), (found.second.unit_id, rules.WHOLE - share)]
    row = found.dispute
    for claim in (found.first, found.second):
        made = credit.Basis(SplitBasis.RULING, row.decision or row.ruling or "", dispute_id=row.id)
        credit.write_split(session, claim.project_id, parts, made, by=by or row.ruled_by or row.first_filed_by, now=now)


def _follow_up(session: Session, holder: Claim, settings: Options, *, now: datetime, today: date) -> None:
    """Open the next ticket for the oldest claim that waits; those of the holder's own unit are given up."""
    for claim in queries.waiting(session, holder.investor_key):
        if claim.unit_id == holder.unit_id:
            _settle(session, claim, ClaimStatus.RELEASED, EventKind.RELEASED, None, now)
            continue
        open_ticket(session, holder, claim, settings, now=now, today=today)
        return


def _settle(
    session: Session, claim: Claim, status: ClaimStatus, kind: EventKind, by: int | None, now: datetime
) -> None:
    claim.status = status
    session.add(ClaimEvent(claim_id=claim.id, kind=kind, at=now, by=by))
    session.flush()


def _ticket(session: Session, actor: Actor, dispute_id: int, version: int) -> Ticket:
    found = queries.ticket(session, actor, dispute_id, lock=True)
    if found.dispute.version != version:
        raise ConflictError(STALE)
    return found


def _side(session: Session, actor: Actor, dispute_id: int, claim_id: int) -> Ticket:
    found = queries.ticket(session, actor, dispute_id, lock=True)
    if claim_id not in {claim.id for claim in found.claims_of(queries.own_units(actor))}:
        raise ForbiddenError(NOT_SIDE)
    if found.dispute.state is DisputeState.CLOSED:
        raise ConflictError(CLOSED)
    return found


def _forbid(problems: list[Problem]) -> None:
    if problems:
        raise ForbiddenError(*problems)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DomainError(*problems)
