"""What visits led to: enterprises met, leads entered and projects signed since, each with the rows behind it.

A lead counts when the project of a visited enterprise was entered after the first of these visits; a
signing when it was signed after it. Everything is read within what the person may see, so that a
number and its list cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, literal, select
from sqlalchemy.orm import joinedload

from crm.core.paging import Key, Page, fetch_page
from crm.core.scheduling import SHANGHAI
from crm.enterprises.models import Enterprise
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch
from crm.fieldwork.rules import LeaderLevel
from crm.fieldwork.trips.joining import MEETINGS
from crm.fieldwork.trips.models import TripTouch
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import Stage

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Select, Subquery
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor


class Yield(StrEnum):
    """What is counted."""

    VISITS = "visits"
    FIRMS = "firms"
    LEADS = "leads"
    SIGNINGS = "signings"


YIELD_LABELS: dict[Yield, str] = {
    Yield.VISITS: "走访",
    Yield.FIRMS: "拜访企业",
    Yield.LEADS: "新增线索",
    Yield.SIGNINGS: "签约项目",
}


@dataclass(frozen=True, slots=True)
class Basket:
    """Which visits are looked at: of a trip, of a leader level, of some days; None narrows nothing."""

    trip_id: int | None = None
    level: LeaderLevel | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """How many of each; ``wan`` is the total investment of what was signed."""

    visits: int = 0
    firms: int = 0
    leads: int = 0
    signings: int = 0
    wan: Decimal = Decimal(0)


def of_trip(session: Session, actor: Actor, trip_id: int) -> Figures:
    """Count what a trip led to."""
    return _figures(session, actor, Basket(trip_id=trip_id), literal(0)).get(0, Figures())


def overall(session: Session, actor: Actor, basket: Basket) -> Figures:
    """Count what all these visits led to."""
    return _figures(session, actor, basket, literal(0)).get(0, Figures())


def by_level(session: Session, actor: Actor, basket: Basket) -> dict[LeaderLevel, Figures]:
    """Count by the rank of who led, the highest first."""
    found = _figures(session, actor, basket, Touch.leader_level)
    return {level: found.get(level, Figures()) for level in reversed(LeaderLevel)}


def page(session: Session, actor: Actor, what: Yield, basket: Basket, *, cursor: str | None) -> Page[Any]:
    """Return a page of the rows behind a number: touches, enterprises or projects, the newest first."""
    if what is Yield.VISITS:
        statement = select(Touch).where(*_visits(actor, basket))
        statement = statement.options(joinedload(Touch.enterprise), joinedload(Touch.author), joinedload(Touch.unit))
        order = (Key(Touch.occurred_at, descending=True), Key(Touch.id, descending=True))
        return fetch_page(session, statement, order, lambda row: (row.occurred_at, row.id), cursor=cursor)
    if what is Yield.FIRMS:
        visited = select(Touch.enterprise_id).where(*_visits(actor, basket))
        firms = select(Enterprise).where(Enterprise.id.in_(visited))
        by_name = (Key(Enterprise.sort_key), Key(Enterprise.id))
        return fetch_page(session, firms, by_name, lambda row: (row.sort_key, row.id), cursor=cursor)
    projects = _projects(select(Project), what, _firsts(actor, basket, literal(0)), actor)
    projects = projects.options(joinedload(Project.enterprise), joinedload(Project.unit), joinedload(Project.owner))
    newest = (Key(Project.id, descending=True),)
    return fetch_page(session, projects, newest, lambda row: (row.id,), cursor=cursor)


def _figures(session: Session, actor: Actor, basket: Basket, group: Any) -> dict[Any, Figures]:  # noqa: ANN401 (a column)
    met = select(group.label("of"), func.count(), func.count(Touch.enterprise_id.distinct()))
    counts = {row[0]: (row[1], row[2]) for row in session.execute(met.where(*_visits(actor, basket)).group_by("of"))}
    firsts = _firsts(actor, basket, group)
    counted = select(firsts.c.of, func.count(Project.id), func.sum(Project.total_investment)).group_by(firsts.c.of)
    leads, signed = (
        {row[0]: (row[1], row[2]) for row in session.execute(_projects(counted, what, firsts, actor))}
        for what in (Yield.LEADS, Yield.SIGNINGS)
    )
    return {
        key: Figures(visits, firms, leads.get(key, (0, None))[0], *_sums(signed.get(key)))
        for key, (visits, firms) in counts.items()
    }


def _sums(row: tuple[int, Decimal | None] | None) -> tuple[int, Decimal]:
    return (row[0], row[1] or Decimal(0)) if row else (0, Decimal(0))


def _visits(actor: Actor, basket: Basket) -> list[ColumnElement[bool]]:
    conditions = [fieldwork.visible_to(actor), fieldwork.counted(), Touch.kind.in_(MEETINGS)]
    if basket.trip_id is not None:
        conditions.append(Touch.id.in_(select(TripTouch.touch_id).where(TripTouch.trip_id == basket.trip_id)))
    if basket.level is not None:
        conditions.append(Touch.leader_level == basket.level)
    if basket.since is not None:
        conditions.append(Touch.occurred_at >= datetime.combine(basket.since, time(), tzinfo=SHANGHAI))
    if basket.until is not None:
        conditions.append(Touch.occurred_at < datetime.combine(basket.until, time(), tzinfo=SHANGHAI))
    return conditions


def _firsts(actor: Actor, basket: Basket, group: Any) -> Subquery:  # noqa: ANN401 (a column)
    """When each enterprise was first visited, by group."""
    statement = select(group.label("of"), Touch.enterprise_id, func.min(Touch.occurred_at).label("first"))
    return statement.where(*_visits(actor, basket)).group_by("of", Touch.enterprise_id).subquery()


def _projects(statement: Select[Any], what: Yield, firsts: Subquery, actor: Actor) -> Select[Any]:
    """Narrow to what was entered, or signed, after the first visit."""
    joined = statement.join_from(firsts, Project, Project.enterprise_id == firsts.c.enterprise_id)
    seen = joined.where(pipeline.visible_to(actor))
    if what is Yield.LEADS:
        return seen.where(Project.created_at >= firsts.c.first)
    signed = exists().where(
        StageEntry.project_id == Project.id,
        StageEntry.to_stage == Stage.SIGNED,
        StageEntry.undone_at.is_(None),
        StageEntry.at >= firsts.c.first,
    )
    return seen.where(signed)
