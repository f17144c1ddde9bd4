"""Who on a published list have we been in touch with: by whom, when last, and who never.

A visit to a subsidiary counts for its group as well (``parent_id``, one step). Details are those the
actor may read; that another unit was there is said without its particulars, so that two squads do
not call on one enterprise unknowingly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased

from crm.auth.models import OrgUnit, User
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Enterprise, ListEdition, ListEntry, TargetList
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import FollowUp, Touch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Subquery
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

RECENT = timedelta(days=90)
UNRANKED = 10_000_000
MOST_TASKS = 200
MISSING = Problem("list.missing", "没有这份榜单，或者没有这个年度。")
CONTACTED, NEVER, OTHERS, STALE = "contacted", "never", "others", "stale"


@dataclass(frozen=True, slots=True)
class Edition:
    """One year of a list, with the years it can be compared to."""

    target: TargetList
    row: ListEdition
    before: ListEdition | None
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a list is covered; ``contacted + others + never == members``."""

    members: int
    contacted: int
    others: int
    never: int
    recent: int


@dataclass(frozen=True, slots=True)
class Line:
    """One member of a list: where it stands, where it stood, who of us was there last."""

    entry: ListEntry
    enterprise: Enterprise
    before: int | None
    times: int
    last_at: datetime | None
    person: str
    unit: str

    @property
    def elsewhere(self) -> bool:
        """Whether only units whose touches the actor may not read were there."""
        return not self.times and self.enterprise.last_touch_at is not None


def edition(session: Session, list_id: int, year: int | None) -> Edition:
    """Return a list in one year (the newest when none is asked for); raise NotFoundError."""
    statement = (
        select(TargetList, ListEdition)
        .join(ListEdition, ListEdition.list_id == TargetList.id)
        .where(TargetList.id == list_id)
        .order_by(ListEdition.year.desc())
    )
    found = session.execute(statement).all()
    chosen = next((index for index, one in enumerate(found) if year in {None, one[1].year}), None)
    if chosen is None:
        raise NotFoundError(MISSING)
    before = found[chosen + 1][1] if chosen + 1 < len(found) else None
    return Edition(found[chosen][0], found[chosen][1], before, tuple(one[1].year for one in found))


def tally(session: Session, actor: Actor, edition_id: int, *, now: datetime) -> Tally:
    """Count the members of an edition by how far we came with them."""
    met = _met(actor, edition_id)
    last = select(met.c.firm, func.max(met.c.at).label("at")).group_by(met.c.firm).subquery()
    statement = (
        select(
            func.count(),
            func.count(last.c.firm),
            func.count().filter(last.c.firm.is_(None), Enterprise.last_touch_at.is_not(None)),
            func.count().filter(last.c.at >= now - RECENT),
        )
        .select_from(ListEntry)
        .join(Enterprise, Enterprise.id == ListEntry.enterprise_id)
        .outerjoin(last, last.c.firm == ListEntry.enterprise_id)
        .where(ListEntry.edition_id == edition_id, enterprises.live())
    )
    members, contacted, others, recent = session.execute(statement).one()
    return Tally(members, contacted, others, members - contacted - others, recent)


def by_unit(session: Session, actor: Actor, edition_id: int) -> list[tuple[str, int, datetime]]:
    """For each unit how many members it has met, and when last; most first."""
    met = _met(actor, edition_id)
    count = func.count(met.c.firm.distinct())
    statement = (
        select(OrgUnit.name, count, func.max(met.c.at))
        .join(OrgUnit, OrgUnit.id == met.c.unit)
        .group_by(OrgUnit.id, OrgUnit.name)
        .order_by(count.desc(), OrgUnit.id)
        .limit(100)
    )
    return [(name, number, at) for name, number, at in session.execute(statement)]


def lines(
    session: Session, actor: Actor, which: Edition, state: str, *, cursor: str | None, now: datetime
) -> tuple[Page[Any], list[Line]]:
    """Return a page of members in rank order, narrowed to a state (contacted, never, others, stale, or all)."""
    rank = func.coalesce(ListEntry.rank, UNRANKED)
    old = aliased(ListEntry)
    statement: Any = (
        select(ListEntry, Enterprise, old.rank)
        .join(Enterprise, Enterprise.id == ListEntry.enterprise_id)
        .outerjoin(
            old,
            and_(old.enterprise_id == Enterprise.id, old.edition_id == (which.before.id if which.before else 0)),
        )
        .where(ListEntry.edition_id == which.row.id, enterprises.live())
    )
    for condition in _state(actor, which.row.id, state, now):
        statement = statement.where(condition)

    def values(row: Any) -> list[object]:  # noqa: ANN401 (a Row of three columns)
        return [row[0].rank or UNRANKED, row[0].id]

    page = fetch_page(session, statement, [Key(rank), Key(ListEntry.id)], values, cursor=cursor)
    met = _last(session, actor, which.row.id, [row[1].id for row in page.rows])
    nothing = (0, None, "", "")
    return page, [Line(row[0], row[1], row[2], *met.get(row[1].id, nothing)) for row in page.rows]


def dropped(session: Session, which: Edition, limit: int = 100) -> list[tuple[Enterprise, int | None]]:
    """Members of the edition before that are no longer on the list, in their old order."""
    if which.before is None:
        return []
    here = select(ListEntry.enterprise_id).where(ListEntry.edition_id == which.row.id)
    statement = (
        select(Enterprise, ListEntry.rank)
        .join(ListEntry, ListEntry.enterprise_id == Enterprise.id)
        .where(ListEntry.edition_id == which.before.id, ListEntry.enterprise_id.not_in(here), enterprises.live())
        .order_by(func.coalesce(ListEntry.rank, UNRANKED), ListEntry.id)
        .limit(limit)
    )
    return [(firm, rank) for firm, rank in session.execute(statement)]


def untouched(session: Session, edition_id: int, limit: int) -> list[tuple[int, str]]:
    """Members nobody ever met and nobody has promised to call, best rank first, as (id, name)."""
    waiting = exists().where(FollowUp.enterprise_id == Enterprise.id, FollowUp.done_at.is_(None))
    child = aliased(Enterprise)
    through = exists().where(child.parent_id == Enterprise.id, child.last_touch_at.is_not(None))
    statement = (
        select(Enterprise.id, Enterprise.name)
        .join(ListEntry, ListEntry.enterprise_id == Enterprise.id)
        .where(ListEntry.edition_id == edition_id, enterprises.live(), Enterprise.last_touch_at.is_(None))
        .where(~waiting, ~through)
        .order_by(func.coalesce(ListEntry.rank, UNRANKED), ListEntry.id)
        .limit(min(limit, MOST_TASKS))
    )
    return [(firm_id, name) for firm_id, name in session.execute(statement)]


def editions(session: Session) -> list[tuple[TargetList, list[tuple[ListEdition, int]]]]:
    """Every list with its editions, newest first, and how many members each has."""
    count = (
        select(func.count())
        .select_from(ListEntry)
        .where(ListEntry.edition_id == ListEdition.id)
        .correlate(ListEdition)
        .scalar_subquery()
    )
    statement = (
        select(TargetList, ListEdition, count)
        .join(ListEdition, ListEdition.list_id == TargetList.id)
        .order_by(TargetList.weight.desc(), TargetList.id, ListEdition.year.desc())
        .limit(500)
    )
    found: dict[TargetList, list[tuple[ListEdition, int]]] = {}
    for target, row, members in session.execute(statement):
        found.setdefault(target, []).append((row, members))
    return list(found.items())


def _met(actor: Actor, edition_id: int) -> Subquery:
    """Touches the actor may read with members of an edition, or with their direct subsidiaries."""
    members = select(ListEntry.enterprise_id).where(ListEntry.edition_id == edition_id)
    columns = (Touch.occurred_at.label("at"), Touch.unit_id.label("unit"), Touch.created_by.label("by"), Touch.id)
    seen = (fieldwork.visible_to(actor), fieldwork.counted())
    own: Any = select(Touch.enterprise_id.label("firm"), *columns).where(Touch.enterprise_id.in_(members), *seen)
    below: Any = (
        select(Enterprise.parent_id.label("firm"), *columns)
        .join(Enterprise, Enterprise.id == Touch.enterprise_id)
        .where(Enterprise.parent_id.in_(members), *seen)
    )
    return union_all(own, below).subquery()


def _last(
    session: Session, actor: Actor, edition_id: int, firm_ids: Sequence[int]
) -> dict[int, tuple[int, datetime, str, str]]:
    """For each of these members: how often we met, when last, who and of which unit."""
    if not firm_ids:
        return {}
    met = _met(actor, edition_id)
    place = func.row_number().over(partition_by=met.c.firm, order_by=(met.c.at.desc(), met.c.id.desc()))
    times = func.count().over(partition_by=met.c.firm)
    ranked = (
        select(met.c.firm, met.c.at, met.c.unit, met.c.by, times.label("times"), place.label("place"))
        .where(met.c.firm.in_(firm_ids))
        .subquery()
    )
    statement = (
        select(ranked.c.firm, ranked.c.times, ranked.c.at, User.name, OrgUnit.name)
        .join(User, User.id == ranked.c.by)
        .join(OrgUnit, OrgUnit.id == ranked.c.unit)
        .where(ranked.c.place == 1)
    )
    return {firm: (number, at, person, unit) for firm, number, at, person, unit in session.execute(statement)}


def _state(actor: Actor, edition_id: int, state: str, now: datetime) -> list[ColumnElement[bool]]:
    met = _met(actor, edition_id)
    known = select(met.c.firm)
    if state == CONTACTED:
        return [Enterprise.id.in_(known)]
    if state == OTHERS:
        return [Enterprise.id.not_in(known), Enterprise.last_touch_at.is_not(None)]
    if state == NEVER:
        return [Enterprise.id.not_in(known), Enterprise.last_touch_at.is_(None)]
    if state == STALE:
        fresh = select(met.c.firm).where(met.c.at >= now - RECENT)
        return [Enterprise.id.in_(known), or_(Enterprise.id.not_in(fresh))]
    return []
