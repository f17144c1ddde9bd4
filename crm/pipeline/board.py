"""Reads of the board and the list: few queries, whatever the number of projects."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import String, and_, case, cast, exists, func, literal, null, or_, select, union_all

from crm.auth.models import OrgUnit, User
from crm.auth.queries import EYES
from crm.auth.rules import Permission
from crm.core.memo import remembered
from crm.core.paging import PAGE_SIZE, Key, Page, fetch_page
from crm.fieldwork.rules import DueState
from crm.pipeline.cards import (
    Filters,
    card_from,
    conditions,
    is_plain,
    next_due,
    plain_conditions,
    select_rows,
)
from crm.pipeline.confidential.queries import known
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to
from crm.pipeline.rules import ORDER, STAGE_LABELS, Stage
from crm.scoring import asking, narrowing
from crm.scoring.badge import beyond
from crm.web.inputs import instant_or_none, number_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.cards import CardRow, Clock

CARDS = 10  # more than a window holds; the next ones come by a click
AFTER = "after"
AFTER_LABEL = "签约后"
LANES: tuple[tuple[str, tuple[Stage, ...]], ...] = (
    *((str(stage), (stage,)) for stage in ORDER[:6]),
    (AFTER, ORDER[6:]),
)
SORTS = ("since", "stage", "amount", *asking.SORTS)
OWNER, UNIT = "owner", "unit"
Heads: TypeAlias = tuple[list[tuple[Stage, int, Decimal]], list[tuple[Stage, str, int, Decimal]]]


@dataclass
class Lane:
    """A column of the board: its head, and the first cards."""

    key: str
    label: str
    count: int = 0
    total: Decimal = Decimal(0)
    mix: dict[str, int] = field(default_factory=lambda: dict.fromkeys(DueState, 0))
    sums: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(DueState, Decimal(0)))
    cards: list[CardRow] = field(default_factory=list)

    def add(self, state: DueState, count: int, total: Decimal) -> None:
        """Count projects whose next step is as late as this."""
        self.mix[state] += count
        self.sums[state] += total

    def narrow(self, state: DueState | None) -> None:
        """Say how many projects the column holds, all or those of one segment of its bar."""
        self.count = sum(self.mix.values()) if state is None else self.mix[state]
        self.total = sum(self.sums.values(), Decimal(0)) if state is None else self.sums[state]

    @property
    def more(self) -> str | None:
        """Cursor of the cards that are not shown yet."""
        return self.cards[-1].cursor if self.count > len(self.cards) and self.cards else None


def lane_of(stage: Stage) -> str:
    """Return the column a stage stands in."""
    return str(stage) if stage in ORDER[:6] else AFTER


def lanes(session: Session, actor: Actor, filters: Filters, clock: Clock, *, cards: bool = True) -> list[Lane]:
    """Columns of the board: one query for all heads and one for the first cards of all columns."""
    found = {key: Lane(key, AFTER_LABEL if key == AFTER else STAGE_LABELS[stages[0]]) for key, stages in LANES}
    # The bar keeps all its segments while one of them narrows the column.
    totals, planned = _heads(session, actor, replace(filters, due=None), clock)
    for stage, count, total in totals:
        found[lane_of(stage)].add(DueState.NONE, count, total)
    for stage, state, count, total in planned:
        found[lane_of(stage)].add(DueState.NONE, -count, -total)
        found[lane_of(stage)].add(DueState(state), count, total)
    for lane in found.values():
        lane.narrow(filters.due)
    if cards:
        for row in _first_cards(session, actor, filters, clock):
            shown = found[lane_of(row.stage)].cards
            if len(shown) < CARDS:
                shown.append(row)
    return list(found.values())


def more(
    session: Session, actor: Actor, filters: Filters, clock: Clock, lane: str, after: str
) -> tuple[list[CardRow], str | None]:
    """Return the next cards of a column after a cursor, and the cursor of the ones after them."""
    stages = dict(LANES)[lane]
    statement = select_rows().where(*conditions(session, actor, filters, clock), Project.stage.in_(stages))
    start = _read_cursor(after)
    if start is not None:
        since, last = start
        later = or_(Project.stage_since < since, and_(Project.stage_since == since, Project.id < last))
        statement = statement.where(later)
    statement = statement.order_by(Project.stage_since.desc(), Project.id.desc()).limit(CARDS + 1)
    rows = _cards(session, session.execute(statement).all(), clock)
    return rows[:CARDS], rows[CARDS - 1].cursor if len(rows) > CARDS else None


def card(session: Session, actor: Actor, project_id: int, clock: Clock) -> CardRow:
    """Return one visible project as a card."""
    row = session.execute(select_rows().where(Project.id == project_id, visible_to(actor))).one()
    return _cards(session, [row], clock)[0]


@dataclass(frozen=True, slots=True)
class Order:
    """One of the orders of :data:`SORTS`."""

    sort: str = "since"
    descending: bool = True


def listing(
    session: Session, actor: Actor, filters: Filters, clock: Clock, order: Order, cursor: str | None,
    size: int = PAGE_SIZE,
) -> Page[CardRow]:  # fmt: skip
    """Return a page of the list."""
    leads = _leads(order.sort, clock)
    statement = select_rows().where(*conditions(session, actor, filters, clock))
    statement = statement.add_columns(*(lead.label(f"lead_{place}") for place, lead in enumerate(leads)))
    keys = [*(Key(lead, order.descending) for lead in leads), Key(Project.id, order.descending)]

    def values(row: Any) -> list[object]:  # noqa: ANN401 (a row of named columns)
        found = [row[place - len(leads)] for place in range(len(leads))]
        return [*(str(value) if isinstance(value, Decimal) else value for value in found), row.id]

    page = fetch_page(session, statement, keys, values, cursor=cursor, size=size)
    return Page(tuple(_cards(session, page.rows, clock)), page.next, page.previous)


def _leads(sort: str, clock: Clock) -> tuple[ColumnElement[Any], ...]:
    """Columns a list is sorted by before the number of the project."""
    if sort in asking.SORTS:
        return narrowing.sorted_by(sort, clock.now)
    columns: dict[str, Any] = {
        "since": Project.stage_since,
        "stage": case({stage: index for index, stage in enumerate(ORDER)}, value=Project.stage),
        "amount": func.coalesce(Project.total_investment, Decimal(0)),
    }
    return (columns[sort],)


def totals(session: Session, actor: Actor, filters: Filters, clock: Clock) -> tuple[int, Decimal]:
    """Count and sum of what the list holds over all pages."""
    shown = conditions(session, actor, filters, clock)
    statement = select(func.count(), func.sum(Project.total_investment)).where(*shown)
    count, total = session.execute(statement).one()
    return count, total or Decimal(0)


def choices(session: Session, actor: Actor) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """People who own a visible project, by name, and units with one, in the office's order, as (id, name)."""
    found: dict[str, list[tuple[int, str]]] = {OWNER: [], UNIT: []}
    for row in session.execute(_choices(actor)):
        found[row.kind].append((row.id, row.name))
    return found[OWNER], found[UNIT]


@lru_cache(maxsize=EYES)
def _choices(actor: Actor) -> Select[*tuple[Any, ...]]:
    owns = exists().where(Project.owner_id == User.id, visible_to(actor))
    has = exists().where(Project.unit_id == OrgUnit.id, visible_to(actor))
    both = union_all(
        select(literal(0).label("place"), literal(OWNER).label("kind"), User.id, User.name).where(owns),
        select(OrgUnit.position, literal(UNIT), OrgUnit.id, OrgUnit.name).where(has),
    ).subquery()
    return select(both).order_by(both.c.place, case((both.c.kind == OWNER, both.c.name)), both.c.id)


def _heads(session: Session, actor: Actor, filters: Filters, clock: Clock) -> Heads:
    """What the heads of the columns say; a large office counts it once for all who see the same."""
    secrets = known(session, actor)
    key = ("board.heads", actor.scope(Permission.PROJECT_READ), secrets, filters, clock.today)
    return remembered(session, key, partial(_count, session, actor, filters, clock), rows=_size, now=clock.now)


def _size(heads: Heads) -> int:
    return sum(count for _stage, count, _total in heads[0])


def _count(session: Session, actor: Actor, filters: Filters, clock: Clock) -> Heads:
    """Count the projects of each stage, and those of them with a next step by how late it is."""
    shown, today = conditions(session, actor, filters, clock), clock.today
    due = next_due()
    state = case(
        (due.c.due_on.is_(None), literal(str(DueState.NONE))),
        (due.c.due_on < today, literal(str(DueState.OVERDUE))),
        (due.c.due_on == today, literal(str(DueState.TODAY))),
        else_=literal(str(DueState.PLANNED)),
    ).label("state")
    money = Project.total_investment
    planned = (
        select(Project.stage, state, money.label("money"))
        .join(due, due.c.project_id == Project.id)
        .where(*shown)
        .subquery("planned")
    )
    amount = func.sum(money)
    found = session.execute(
        union_all(
            select(Project.stage, cast(null(), String).label("state"), func.count().label("count"), amount.label("sum"))
            .where(*shown)
            .group_by(Project.stage),
            select(planned.c.stage, planned.c.state, func.count(), func.sum(planned.c.money)).group_by(
                planned.c.stage, planned.c.state
            ),
        )
    ).all()
    totals = [(stage, count, total or Decimal(0)) for stage, state, count, total in found if state is None]
    return totals, [(stage, state, count, total or Decimal(0)) for stage, state, count, total in found if state]


def _first_cards(session: Session, actor: Actor, filters: Filters, clock: Clock) -> list[CardRow]:
    """Return the newest cards of every column: a few of each stage, read off the index in their order."""
    if is_plain(filters):
        statement = _kept_firsts(actor, filters, clock.today)
    else:
        statement = _firsts(conditions(session, actor, filters, clock))
    return _cards(session, session.execute(statement).all(), clock)


def _cards(session: Session, rows: Sequence[Any], clock: Clock) -> list[CardRow]:
    raw = beyond(session, rows)
    return [card_from(row, clock, raw.get(row.enterprise_id)) for row in rows]


@lru_cache(maxsize=EYES)
def _kept_firsts(actor: Actor, filters: Filters, today: date) -> Select[*tuple[Any, ...]]:
    """Keep the statement: writing it down takes longer than running it."""
    return _firsts(plain_conditions(actor, filters, today))


def _firsts(shown: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    order = (Project.stage_since.desc(), Project.id.desc())
    firsts = [select(Project.id).where(*shown, Project.stage == one).order_by(*order).limit(CARDS) for one in ORDER]
    ids = union_all(*(select(first.subquery().c.id) for first in firsts))
    return select_rows().where(Project.id.in_(ids)).order_by(*order)


def _read_cursor(cursor: str) -> tuple[datetime, int] | None:
    since, _mark, last = cursor.partition("~")
    moment, project_id = instant_or_none(since), number_or_none(last)
    return (moment, project_id) if moment and moment.tzinfo and project_id is not None else None
