"""What the clocks of idle land are read from, and its writes: delays that do not count, what was found on the spot."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.auth.models import User
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.resources.carriers import queries as carriers
from crm.resources.carriers import services as keeping
from crm.resources.carriers.rules import HoldKind
from crm.resources.idle.clocks import (
    Clock,
    Delay,
    DelayCause,
    Progress,
    agreed_start,
    clock,
    delay_problems,
    progress_problems,
)
from crm.resources.idle.models import LandDelay, LandProgress

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.resources.carriers.models import CarrierHold

SUBJECT = "carrier_hold"
MOST = 200
NOT_LAND = Problem("idle.kind", "只有已供的土地才办闲置处置。")
NO_DELAY = Problem("delay.missing", "没有这条延误记录。")
ENDED = Problem("delay.ended", "这条延误已经结束。")


@dataclass(frozen=True, slots=True)
class DelayDraft:
    """A delay as typed."""

    cause: DelayCause
    days: Delay
    detail: str
    document_no: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A record of a hold and who made it."""

    row: LandDelay | LandProgress
    by: str


def clocks(session: Session, holds: Sequence[CarrierHold], day: date, begun: Collection[int]) -> dict[int, Clock]:
    """Give the clock of each hold whose land lies idle; ``begun``: projects that started."""
    ids = [hold.id for hold in holds]
    delays: defaultdict[int, list[Delay]] = defaultdict(list)
    for row in session.scalars(select(LandDelay).where(LandDelay.hold_id.in_(ids))):
        delays[row.hold_id].append(Delay(row.from_on, row.until_on))
    latest = select(func.max(LandProgress.id)).where(LandProgress.hold_id.in_(ids)).group_by(LandProgress.hold_id)
    found = {
        row.hold_id: _found(row) for row in session.scalars(select(LandProgress).where(LandProgress.id.in_(latest)))
    }
    given = {
        hold.id: clock(
            agreed_start(hold.start_due, hold.from_on),
            found.get(hold.id),
            delays[hold.id],
            hold.area,
            day,
            begun=hold.project_id in begun,
        )
        for hold in holds
    }
    return {key: one for key, one in given.items() if one is not None}


def _found(row: LandProgress) -> Progress:
    return Progress(row.on, row.begun_on, row.stopped_on, row.built, row.invested, row.planned)


def delays(session: Session, hold_id: int) -> list[Known]:
    """Give the delays of a hold, the first one first."""
    statement = select(LandDelay, User.name).join(User, User.id == LandDelay.by).where(LandDelay.hold_id == hold_id)
    rows = session.execute(statement.order_by(LandDelay.from_on, LandDelay.id).limit(MOST))
    return [Known(row[0], row[1]) for row in rows]


def progress(session: Session, hold_id: int) -> list[Known]:
    """Give what was found of a hold, the latest first."""
    statement = select(LandProgress, User.name).join(User, User.id == LandProgress.by)
    rows = session.execute(
        statement.where(LandProgress.hold_id == hold_id).order_by(LandProgress.id.desc()).limit(MOST)
    )
    return [Known(row[0], row[1]) for row in rows]


def managed(session: Session, actor: Actor, hold_id: int) -> CarrierHold:
    """Return allotted land a person keeps, its carrier locked."""
    hold = carriers.hold(session, hold_id)
    carrier = carriers.get(session, hold.carrier_id, lock=True)
    if not carriers.may_manage(actor, carrier.unit_id):
        raise ForbiddenError(keeping.FORBIDDEN)
    if hold.kind is not HoldKind.ALLOTTED:
        raise DomainError(NOT_LAND)
    return hold


def add_delay(
    session: Session, actor: Actor, hold_id: int, draft: DelayDraft, *, now: datetime, today: date
) -> LandDelay:
    """Keep a delay the holder does not answer for."""
    hold = managed(session, actor, hold_id)
    problems = delay_problems(draft.days, hold.from_on, today, draft.detail)
    if problems:
        raise DomainError(*problems)
    row = LandDelay(
        hold_id=hold_id,
        cause=draft.cause,
        from_on=draft.days.from_on,
        until_on=draft.days.until_on,
        document_no=draft.document_no.strip() or None,
        detail=draft.detail.strip(),
        by=actor.user_id,
        at=now,
    )
    session.add(row)
    session.flush()
    said = {"cause": str(draft.cause), "from": row.from_on.isoformat(), "until": str(row.until_on or "")}
    audit.record(session, actor.user_id, "carrier.delay", (SUBJECT, hold_id), now=now, **said)
    return row


def delay(session: Session, delay_id: int) -> LandDelay:
    """Return a delay."""
    row = session.get(LandDelay, delay_id)
    if row is None:
        raise NotFoundError(NO_DELAY)
    return row


def end_delay(
    session: Session, actor: Actor, delay_id: int, until_on: date, *, now: datetime, today: date
) -> LandDelay:
    """Say on which day a delay was over."""
    row = delay(session, delay_id)
    hold = managed(session, actor, row.hold_id)
    if row.until_on is not None:
        raise ConflictError(ENDED)
    problems = delay_problems(Delay(row.from_on, until_on), hold.from_on, today, row.detail)
    if problems:
        raise DomainError(*problems)
    row.until_on = until_on
    session.flush()
    audit.record(
        session, actor.user_id, "carrier.delay_end", (SUBJECT, hold.id), now=now, delay=row.id, until=str(until_on)
    )
    return row


def note_progress(
    session: Session, actor: Actor, hold_id: int, found: Progress, *, now: datetime, today: date
) -> LandProgress:
    """Keep what was found of a piece of land on a day."""
    hold = managed(session, actor, hold_id)
    problems = progress_problems(found, hold.from_on, hold.area, today)
    if problems:
        raise DomainError(*problems)
    row = LandProgress(
        hold_id=hold_id,
        on=found.on,
        begun_on=found.begun_on,
        stopped_on=found.stopped_on,
        built=found.built,
        invested=found.invested,
        planned=found.planned,
        by=actor.user_id,
        at=now,
    )
    session.add(row)
    session.flush()
    said = {"on": str(found.on), "built": str(found.built), "invested": str(found.invested)}
    audit.record(session, actor.user_id, "carrier.progress", (SUBJECT, hold_id), now=now, **said)
    return row
