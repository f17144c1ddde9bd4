"""Reads of 包联: the firms of each official in a year with the visits done; every read passes ``visible_to``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import joinedload

from crm.aftercare.cases.models import ServiceCase
from crm.aftercare.cases.queries import visible_to as cases_visible_to
from crm.aftercare.cases.words import OPEN
from crm.aftercare.rounds.models import FirmRound
from crm.aftercare.rounds.rules import FACE_TO_FACE
from crm.auth.models import User
from crm.auth.queries import within
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.core.scheduling import SHANGHAI
from crm.fieldwork.models import Touch
from crm.fieldwork.queries import counted
from crm.fieldwork.secrecy import not_secret

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ABSENT = Problem("round.absent", "没有这条包联，或者不在您的查看范围内。")


@dataclass(frozen=True, slots=True)
class Row:
    """A firm in somebody's care: visits done, the last one, demands of the firm still open."""

    round: FirmRound
    done: int
    last_at: datetime | None
    cases: int


@dataclass(frozen=True, slots=True)
class Sums:
    """All in sight of a year: firms, visits planned, visits done up to the plan of each, firms not yet visited."""

    firms: int
    planned: int
    done: int
    unseen: int


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: firms in the person's care, and those of units the person may read."""
    return or_(FirmRound.user_id == actor.user_id, within(FirmRound.unit_id, actor, Permission.CASE_READ))


def get(session: Session, actor: Actor, round_id: int) -> FirmRound:
    """Return a firm in somebody's care."""
    found: FirmRound | None = session.scalar(
        select(FirmRound).where(FirmRound.id == round_id, visible_to(actor)).options(joinedload(FirmRound.enterprise))
    )
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def _visits(what: Any, year: int) -> Any:  # noqa: ANN401 (an aggregate and a scalar subquery)
    """Read something of the visits that count for a round."""
    first, last = (datetime.combine(date(one, 1, 1), time(), SHANGHAI).astimezone(UTC) for one in (year, year + 1))
    return (
        select(what)
        .where(
            Touch.enterprise_id == FirmRound.enterprise_id,
            Touch.kind.in_(FACE_TO_FACE),
            Touch.occurred_at >= first,
            Touch.occurred_at < last,
            or_(Touch.created_by == FirmRound.user_id, Touch.unit_id == FirmRound.unit_id),
            counted(),
            not_secret(Touch.project_id),
        )
        .correlate(FirmRound)
        .scalar_subquery()
    )


def _open_cases(actor: Actor) -> Any:  # noqa: ANN401 (a scalar subquery)
    here = (ServiceCase.enterprise_id == FirmRound.enterprise_id, ServiceCase.state.in_(OPEN), cases_visible_to(actor))
    return select(func.count(ServiceCase.id)).where(*here).correlate(FirmRound).scalar_subquery()


def listing(
    session: Session, actor: Actor, year: int, *, user_id: int | None, cursor: str | None, unseen: bool = False
) -> Page[Row]:
    """Return a page of rounds of a year, by official; ``unseen``: those without a visit so far."""
    statement = (
        select(
            FirmRound,
            _visits(func.count(Touch.id), year),
            _visits(func.max(Touch.occurred_at), year),
            _open_cases(actor),
            User.name,
        )
        .join(User, User.id == FirmRound.user_id)
        .where(FirmRound.year == year, FirmRound.ended_on.is_(None), visible_to(actor))
        .options(joinedload(FirmRound.enterprise), joinedload(FirmRound.user))
    )
    if user_id is not None:
        statement = statement.where(FirmRound.user_id == user_id)
    if unseen:
        statement = statement.where(_visits(func.count(Touch.id), year) == 0)
    order = (Key(User.name), Key(FirmRound.id))
    page = fetch_page(session, cast("Any", statement), order, lambda row: (row[4], row[0].id), cursor=cursor)
    return Page(tuple(Row(*row[:4]) for row in page.rows), page.next, page.previous)


def sums(session: Session, actor: Actor, year: int) -> Sums:
    """Count what is planned and done in a year; visits beyond the plan of a firm do not make up for another."""
    inner = (
        select(FirmRound.planned, _visits(func.count(Touch.id), year).label("done"))
        .where(FirmRound.year == year, FirmRound.ended_on.is_(None), visible_to(actor))
        .subquery()
    )
    capped = case((inner.c.done > inner.c.planned, inner.c.planned), else_=inner.c.done)
    found = (
        func.count(),
        func.coalesce(func.sum(inner.c.planned), 0),
        func.coalesce(func.sum(capped), 0),
        func.coalesce(func.sum(case((inner.c.done == 0, 1), else_=0)), 0),
    )
    row = session.execute(select(*found).select_from(inner)).one()
    return Sums(*(int(value) for value in row))
