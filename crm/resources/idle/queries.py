"""Reads of idle land: cases, their steps, holds that are suspected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import and_, or_, select

from crm.auth.models import User
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.resources.carriers.models import Carrier, CarrierHold
from crm.resources.carriers.rules import HoldKind
from crm.resources.idle.clocks import FEE_AFTER, YEAR
from crm.resources.idle.models import IdleCase, IdleStep, LandProgress

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

MISSING = Problem("idle.missing", "没有这件闲置处置，可能已被删除。")
MOST, MOST_SUSPECTS = 200, 2000


@dataclass(frozen=True, slots=True)
class Row:
    """A case with the land it is about."""

    case: IdleCase
    hold: CarrierHold
    carrier: Carrier


@dataclass(frozen=True, slots=True)
class Done:
    """A step and who did it."""

    step: IdleStep
    by: str


def get(session: Session, case_id: int, *, lock: bool = False) -> Row:
    """Return a case with its hold and carrier."""
    statement = _cases().where(IdleCase.id == case_id)
    if lock:
        statement = statement.with_for_update(of=IdleCase).execution_options(populate_existing=True)
    found = session.execute(statement).first()
    if found is None:
        raise NotFoundError(MISSING)
    return Row(*found)


def _cases() -> Select[Any]:
    joined = select(IdleCase, CarrierHold, Carrier).join(CarrierHold, CarrierHold.id == IdleCase.hold_id)
    return cast("Select[Any]", joined.join(Carrier, Carrier.id == CarrierHold.carrier_id))


def listing(session: Session, *, closed: bool, cursor: str | None) -> Page[Row]:
    """List open or closed cases, the latest first."""
    statement = _cases().where(IdleCase.closed_on.is_not(None) if closed else IdleCase.closed_on.is_(None))
    page = fetch_page(session, statement, [Key(IdleCase.id, descending=True)], lambda row: [row[0].id], cursor=cursor)
    return Page(tuple(Row(*row) for row in page.rows), page.next, page.previous)


def steps(session: Session, case_id: int) -> list[Done]:
    """Give the steps of a case, the first one first."""
    statement = (
        select(IdleStep, User.name)
        .join(User, User.id == IdleStep.by)
        .where(IdleStep.case_id == case_id)
        .order_by(IdleStep.id)
        .limit(MOST)
    )
    return [Done(*row) for row in session.execute(statement)]


def suspects(session: Session, day: date) -> list[tuple[CarrierHold, Carrier]]:
    """Give allotted land that may lie idle for a year, without an open case; its clock and its project tell more."""
    year = day - timedelta(days=FEE_AFTER)
    stopped = select(LandProgress.id).where(LandProgress.hold_id == CarrierHold.id, LandProgress.stopped_on < year)
    not_agreed = and_(CarrierHold.start_due.is_(None), CarrierHold.from_on < year - timedelta(days=YEAR))
    open_case = select(IdleCase.id).where(IdleCase.hold_id == CarrierHold.id, IdleCase.closed_on.is_(None))
    statement = (
        select(CarrierHold, Carrier)
        .join(Carrier, Carrier.id == CarrierHold.carrier_id)
        .where(
            CarrierHold.kind == HoldKind.ALLOTTED,
            or_(CarrierHold.start_due < year, not_agreed, stopped.exists()),
            or_(CarrierHold.until_on.is_(None), CarrierHold.until_on >= day),
            ~open_case.exists(),
        )
        .order_by(CarrierHold.start_due, CarrierHold.id)
        .limit(MOST_SUSPECTS)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def case_of(session: Session, hold_id: int) -> IdleCase | None:
    """Give the open case of a hold."""
    return session.scalar(select(IdleCase).where(IdleCase.hold_id == hold_id, IdleCase.closed_on.is_(None)))
