"""Reads of complaint cases: lists with lamps, one case with its steps, sums; every read passes ``visible_to``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from crm.aftercare.cases import rules
from crm.aftercare.cases.models import CaseStep, CaseUnit, ServiceCase
from crm.aftercare.cases.words import OPEN, CaseKind, CaseState, Verdict
from crm.auth.models import User
from crm.auth.queries import EYES, within
from crm.auth.rules import Permission
from crm.core import options
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.fieldwork.secrecy import open_to

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.aftercare.cases.rules import Limits
    from crm.auth.rules import Actor

ABSENT = Problem("case.absent", "没有这件诉求，或者不在您的查看范围内。")
OPTION = "case_limits"
MOST = 200
MINE, GOING, ACCEPT, HANDLING, REPLIED = "mine", "going", "accept", "handling", "replied"
ENDED, ALL, CLOSED, JUDGED = "ended", "all", "closed", "judged"  # the last two: what this year's rates are made of
VIEWS = (MINE, GOING, ACCEPT, HANDLING, REPLIED, ENDED, ALL, CLOSED, JUDGED)
_STATES: dict[str, tuple[CaseState, ...]] = {
    GOING: OPEN,
    ACCEPT: (CaseState.RECEIVED, CaseState.SUPPLEMENT),
    HANDLING: (CaseState.HANDLING,),
    REPLIED: (CaseState.REPLIED,),
    ENDED: (CaseState.CLOSED, CaseState.REFUSED, CaseState.WITHDRAWN),
    ALL: tuple(CaseState),
    CLOSED: (CaseState.CLOSED,),
    JUDGED: (CaseState.CLOSED,),
}


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list of cases is narrowed to."""

    view: str = ALL
    kind: CaseKind | None = None
    enterprise_id: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """A step and who took it."""

    step: CaseStep
    by: str


@dataclass(frozen=True, slots=True)
class Sums:
    """件件有着落: how many cases are where; ``judged`` and ``satisfied`` of those closed."""

    open: int
    overdue: int
    replied: int
    closed: int
    in_time: int
    judged: int
    satisfied: int


def limits(session: Session) -> Limits:
    """Return what the office has set, the order's limits for the rest."""
    return rules.limits_of(options.read(session, OPTION).get(OPTION, {}))


@lru_cache(maxsize=EYES)
def works_on(actor: Actor) -> ColumnElement[bool]:
    """Condition: a unit of the person is responsible."""
    return ServiceCase.id.in_(select(CaseUnit.case_id).where(CaseUnit.unit_id.in_(actor.unit_ids)))


@lru_cache(maxsize=EYES)
def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: cases received by units the person may read, or answered by the person's; no hidden projects."""
    mine = or_(
        within(ServiceCase.unit_id, actor, Permission.CASE_READ),
        ServiceCase.created_by == actor.user_id,
        works_on(actor),
    )
    return mine & open_to(ServiceCase.project_id, actor)


def get(session: Session, actor: Actor, case_id: int, *, lock: bool = False) -> ServiceCase:
    """Return a case the person may see, with its firm and units."""
    statement = select(ServiceCase).where(ServiceCase.id == case_id, visible_to(actor))
    if lock:
        statement = statement.with_for_update(of=ServiceCase).execution_options(populate_existing=True)
    found: ServiceCase | None = session.scalar(statement)
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def of_touch(session: Session, actor: Actor, touch_id: int) -> ServiceCase | None:
    """Return the case that a visit became."""
    found = select(ServiceCase).where(ServiceCase.touch_id == touch_id, visible_to(actor))
    return cast("ServiceCase | None", session.scalar(found))


def listing(
    session: Session, actor: Actor, wanted: CaseFilter, today: date, *, cursor: str | None
) -> Page[ServiceCase]:
    """Return a page of cases: open ones by the day that comes next, ended ones and all newest first."""
    statement = (
        select(ServiceCase)
        .where(visible_to(actor), *_narrowed(wanted, actor, today))
        .options(joinedload(ServiceCase.enterprise), selectinload(ServiceCase.units))
    )
    by_day = wanted.late or wanted.view in {MINE, GOING, ACCEPT, HANDLING, REPLIED}
    if by_day:
        order = (Key(cast("Any", ServiceCase.next_due)), Key(ServiceCase.id))
        return fetch_page(session, statement, order, lambda row: (row.next_due, row.id), cursor=cursor)
    return fetch_page(session, statement, (Key(ServiceCase.id, descending=True),), lambda row: (row.id,), cursor=cursor)


def _narrowed(wanted: CaseFilter, actor: Actor, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.view == MINE:
        found += [ServiceCase.state.in_(OPEN), waits_for(actor)]
    else:
        found.append(ServiceCase.state.in_(_STATES[wanted.view]))
    if wanted.view in {CLOSED, JUDGED}:
        found.append(ServiceCase.received_on >= today.replace(month=1, day=1))
    if wanted.view == JUDGED:
        found.append(ServiceCase.verdict != Verdict.SILENT)
    if wanted.kind is not None:
        found.append(ServiceCase.kind == wanted.kind)
    if wanted.enterprise_id is not None:
        found.append(ServiceCase.enterprise_id == wanted.enterprise_id)
    if wanted.late:
        found.append(overdue(today))
    return found


def overdue(today: date) -> ColumnElement[bool]:
    """Condition: the day by which the office had to act is over."""
    ours = (CaseState.RECEIVED, CaseState.HANDLING, CaseState.REPLIED)
    return and_(ServiceCase.state.in_(ours), ServiceCase.next_due < today)


def waits_for(actor: Actor) -> ColumnElement[bool]:
    """Condition: it is this person's turn: to rule on a case, to answer the firm, to call back."""
    turns: list[ColumnElement[bool]] = [(ServiceCase.state == CaseState.HANDLING) & works_on(actor)]
    others = or_(ServiceCase.replied_by.is_(None), ServiceCase.replied_by != actor.user_id)
    asks = (ServiceCase.state == CaseState.REPLIED) & others
    if actor.may(Permission.CASE_RULE):
        turns += [ServiceCase.state.in_(_STATES[ACCEPT]), asks]
    else:
        turns.append(asks & ServiceCase.unit_id.in_(actor.unit_ids))
    return or_(*turns)


def waiting(actor: Actor) -> Select[int]:
    """Count what waits for this person, for the page of the day."""
    return select(func.count(ServiceCase.id)).where(ServiceCase.state.in_(OPEN), waits_for(actor), visible_to(actor))


def sums(session: Session, actor: Actor, today: date, since: date) -> Sums:
    """Count the cases in sight: open ones now, closed ones of those received since a day."""
    closed = (ServiceCase.state == CaseState.CLOSED) & (ServiceCase.received_on >= since)
    said = ServiceCase.verdict != Verdict.SILENT
    well = ServiceCase.verdict.in_((Verdict.SATISFIED, Verdict.FAIR))
    conditions = (
        ServiceCase.state.in_(OPEN),
        overdue(today),
        ServiceCase.state == CaseState.REPLIED,
        closed,
        closed & ServiceCase.late.is_(False),
        closed & said,
        closed & well,
    )
    counted = (func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in conditions)
    row = session.execute(select(*counted).where(visible_to(actor))).one()
    return Sums(*(int(value) for value in row))


def steps(session: Session, case_id: int) -> list[Done]:
    """Give the steps of a case, the first one first."""
    statement = select(CaseStep, User.name).join(User, User.id == CaseStep.by).where(CaseStep.case_id == case_id)
    return [Done(*row) for row in session.execute(statement.order_by(CaseStep.id).limit(MOST))]


def standing(row: ServiceCase) -> rules.Standing:
    """Build what the rules want to know of a case."""
    return rules.Standing(row.state, row.accept_due, row.due_on, row.asked, row.escalated, row.replied_by)


def hand(row: ServiceCase, actor: Actor) -> rules.Hand:
    """Build what a person is to a case."""
    return rules.Hand(
        user_id=actor.user_id,
        rules=actor.may(Permission.CASE_RULE),
        works=actor.may(Permission.CASE_WRITE) and bool(set(row.unit_ids) & set(actor.unit_ids)),
        receives=actor.reaches(Permission.CASE_WRITE, row.unit_id),
    )
