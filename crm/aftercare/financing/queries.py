"""Reads of financing needs; every read passes ``visible_to``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, or_, select, type_coerce
from sqlalchemy.orm import joinedload

from crm.aftercare.financing.models import FinancingNeed, FinancingStep
from crm.aftercare.financing.rules import NeedState
from crm.auth.models import User
from crm.auth.queries import within
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.core.types import Wan

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ABSENT = Problem("need.absent", "没有这条融资需求，或者不在您的查看范围内。")
MOST = 100
GOING = (NeedState.OPEN, NeedState.MATCHED)


@dataclass(frozen=True, slots=True)
class Sums:
    """Needs in sight: how many and how much (万元) was asked for, is under way, was granted."""

    count: int
    amount: Decimal
    open: int
    granted_count: int
    granted: Decimal


@dataclass(frozen=True, slots=True)
class Done:
    """A step and who took it."""

    step: FinancingStep
    by: str


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: needs of units the person may read, and those the person registered."""
    mine = FinancingNeed.created_by == actor.user_id
    return or_(mine, within(FinancingNeed.unit_id, actor, Permission.CASE_READ))


def get(session: Session, actor: Actor, need_id: int, *, lock: bool = False) -> FinancingNeed:
    """Return a need the person may see."""
    statement = select(FinancingNeed).where(FinancingNeed.id == need_id, visible_to(actor))
    if lock:
        statement = statement.with_for_update(of=FinancingNeed).execution_options(populate_existing=True)
    found: FinancingNeed | None = session.scalar(statement)
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def listing(
    session: Session, actor: Actor, *, states: Collection[NeedState], cursor: str | None
) -> Page[FinancingNeed]:
    """Return a page of needs in some states, newest first; of all where none is named."""
    statement = select(FinancingNeed).where(visible_to(actor)).options(joinedload(FinancingNeed.enterprise))
    if states:
        statement = statement.where(FinancingNeed.state.in_(states))
    order = (Key(FinancingNeed.id, descending=True),)
    return fetch_page(session, statement, order, lambda row: (row.id,), cursor=cursor)


def sums(session: Session, actor: Actor) -> Sums:
    """Count and add up what is in sight."""
    won = FinancingNeed.state == NeedState.GRANTED
    going = FinancingNeed.state.in_(GOING)
    row: Any = session.execute(
        select(
            func.count(FinancingNeed.id),
            type_coerce(func.sum(FinancingNeed.amount), Wan()),
            func.coalesce(func.sum(case((going, 1), else_=0)), 0),
            func.coalesce(func.sum(case((won, 1), else_=0)), 0),
            type_coerce(func.sum(FinancingNeed.granted), Wan()),
        ).where(visible_to(actor))
    ).one()
    return Sums(row[0], row[1] or Decimal(0), int(row[2]), int(row[3]), row[4] or Decimal(0))


def steps(session: Session, need_id: int) -> list[Done]:
    """Give what was done about a need, the first one first."""
    statement = select(FinancingStep, User.name).join(User, User.id == FinancingStep.by)
    statement = statement.where(FinancingStep.need_id == need_id).order_by(FinancingStep.id).limit(MOST)
    return [Done(*row) for row in session.execute(statement)]
