"""How a blocker goes on: sent back, reopened, given to others, put before a meeting. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError
from crm.delivery.blockers import queries, rules
from crm.delivery.blockers.keeping import (
    LINE,
    NOT_YOURS,
    SUBJECT,
    TOLD,
    addressed,
    inform,
    managed,
    manages,
    note,
    renew,
    seat_problems,
)
from crm.delivery.blockers.models import Blocker
from crm.delivery.blockers.rules import Charge, StepKind

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

TOLD_AGAIN = "问题退回再办：%(title)s（%(subject)s），时限%(due)s"


def give_back(
    session: Session, actor: Actor, blocker_id: int, reason: str, due_on: date | None, *, now: datetime, today: date
) -> Blocker:
    """Send a blocker that was reported as solved back, because the firm says it is not, with a deadline."""
    row = managed(session, actor, blocker_id)
    if row.closed_at is not None:
        raise DomainError(rules.CLOSED)
    if row.follow_up.done_at is None:
        raise DomainError(rules.NOT_REPORTED)
    return _again(session, actor, row, StepKind.RETURNED, (reason, due_on), now, today)


def reopen(
    session: Session, actor: Actor, blocker_id: int, reason: str, due_on: date | None, *, now: datetime, today: date
) -> Blocker:
    """Reopen a closed blocker with the reason and a new deadline; the firm's word stays in its history."""
    row = managed(session, actor, blocker_id)
    if row.closed_at is None:
        raise DomainError(rules.STILL_OPEN)
    return _again(session, actor, row, StepKind.REOPENED, (reason, due_on), now, today)


def assign(
    session: Session, actor: Actor, blocker_id: int, charge: Charge, reason: str, *, now: datetime, today: date
) -> Blocker:
    """Give an open blocker to another unit and person, or another deadline, with the reason."""
    row = managed(session, actor, blocker_id)
    if row.closed_at is not None:
        raise DomainError(rules.CLOSED)
    if addressed(actor, row) and not actor.may(Permission.SITE_INSPECT):
        raise ForbiddenError(NOT_YOURS)
    problems = rules.charge_problems(charge, today=today) + rules.reason_problems(reason)
    problems = problems or seat_problems(session, charge, row.project, today)
    if problems or charge.due_on is None:
        raise DomainError(*problems)
    row.unit_id, row.responsible_id, row.due_on = charge.unit_id, charge.responsible_id, charge.due_on
    renew(session, row, actor, now)
    note(session, row, (StepKind.ASSIGNED, reason), by=actor.user_id, now=now, day=row.due_on)
    detail = {"unit": row.unit_id, "responsible": row.responsible_id, "due": row.due_on.isoformat()}
    audit.record(session, actor.user_id, "blocker.assign", (SUBJECT, row.id), now=now, **detail)
    inform(session, row, {row.responsible_id} - {actor.user_id}, TOLD, now)
    return row


def coordinate(session: Session, actor: Actor, blocker_id: int, reason: str, *, now: datetime) -> Blocker:
    """Ask for a coordination meeting: the blocker stands on its list until it is closed or a meeting decided."""
    row = queries.get(session, actor, blocker_id, lock=True)
    if not (addressed(actor, row) or manages(actor, row)):
        raise ForbiddenError(NOT_YOURS)
    problems = [rules.CLOSED] if row.closed_at is not None else rules.reason_problems(reason)
    if problems:
        raise DomainError(*problems)
    row.coordinate_at = now
    note(session, row, (StepKind.COORDINATE, reason), by=actor.user_id, now=now)
    audit.record(session, actor.user_id, "blocker.coordinate", (SUBJECT, row.id), now=now)
    return row


def decided(session: Session, blocker_id: int, text: str, link: str, *, by: int, now: datetime) -> None:
    """Write down what a meeting decided on a blocker; it leaves the coordination list and stays open."""
    row = session.get(Blocker, blocker_id, with_for_update=True)
    if row is None:
        return
    row.coordinate_at = None
    note(session, row, (StepKind.DECIDED, text), by=by, now=now, link=link)


def _again(
    session: Session,
    actor: Actor,
    row: Blocker,
    kind: StepKind,
    told: tuple[str, date | None],
    now: datetime,
    today: date,
) -> Blocker:
    reason, due_on = told
    charge = Charge(row.unit_id, row.responsible_id, due_on)
    problems = rules.reason_problems(reason) + rules.charge_problems(charge, today=today)
    if problems or due_on is None:
        raise DomainError(*problems)
    row.due_on, row.closed_at, row.closed_by = due_on, None, None
    row.confirmed_by, row.confirmed_on, row.confirmed_way = None, None, None
    renew(session, row, actor, now)
    note(session, row, (kind, reason), by=actor.user_id, now=now, day=due_on)
    audit.record(session, actor.user_id, f"blocker.{kind.value}", (SUBJECT, row.id), now=now, reason=reason[:LINE])
    inform(session, row, {row.responsible_id} - {actor.user_id}, TOLD_AGAIN, now)
    return row
