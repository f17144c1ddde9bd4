"""Reads of money: budgets, and one ledger of what was spent over entries, trips and events, each sum once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, String, and_, cast, func, literal, null, or_, select, type_coerce, union_all
from sqlalchemy.orm import joinedload

from crm.assessment.budgets.models import Spending, UnitBudget
from crm.assessment.budgets.rules import BudgetLine, Source, SpendKind
from crm.assessment.measures import MEASURES
from crm.assessment.summing import figures
from crm.assessment.window import Window
from crm.auth.queries import within
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.core.scheduling import SHANGHAI
from crm.core.types import Wan
from crm.enterprises.models import Enterprise
from crm.fieldwork import queries as touches
from crm.fieldwork.events.models import Event
from crm.fieldwork.models import Touch
from crm.fieldwork.secrecy import not_secret
from crm.fieldwork.trips import queries as trips
from crm.fieldwork.trips.models import Trip, TripCost
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Subquery
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ABSENT = Problem("spend.absent", "没有这笔支出，或者不在您的查看范围内。")
BROUGHT = ("leads", "signings", "capital_recognized")
MOST_CHOICES, MOST_ROWS = 200, 5000
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Span:
    """Days (both included) and units (None: all) whose money is asked for; of one project where told."""

    start: date
    end: date
    units: frozenset[int] | None
    project_id: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One sum of the ledger (万元); ``counted`` is what it adds: nothing where it is voided or told elsewhere."""

    source: Source
    id: int
    unit_id: int
    day: date
    kind: SpendKind | None
    text: str
    receipt: str | None
    amount: Decimal
    counted: Decimal
    trip_id: int | None
    event_id: int | None
    touch_id: int | None
    project_id: int | None
    entered_by: int | None
    void_reason: str | None


def told_by_trip() -> ColumnElement[bool]:
    """Condition on an entry: its trip records its own cost."""
    own = select(TripCost.trip_id).where(TripCost.spent.is_not(None), TripCost.spent > 0)
    return and_(Spending.trip_id.is_not(None), Spending.trip_id.in_(own))


def told_by_event() -> ColumnElement[bool]:
    """Condition on an entry: its event records its own cost."""
    own = select(Event.id).where(Event.cost.is_not(None), Event.cost > 0)
    return and_(Spending.event_id.is_not(None), Spending.event_id.in_(own))


def _entries(span: Span) -> Any:  # noqa: ANN401 (a selection of fifteen columns)
    idle = or_(Spending.voided_at.is_not(None), told_by_trip(), told_by_event())
    raw = type_coerce(Spending.amount, BigInteger)
    return select(
        literal(Source.ENTRY.value).label("source"),
        Spending.id.label("id"),
        Spending.unit_id.label("unit_id"),
        Spending.spent_on.label("day"),
        cast(Spending.kind, String).label("kind"),
        Spending.purpose.label("text"),
        Spending.receipt.label("receipt"),
        raw.label("amount"),
        func.coalesce(raw * cast(~idle, Integer), 0).label("counted"),
        Spending.trip_id.label("trip_id"),
        Spending.event_id.label("event_id"),
        Spending.touch_id.label("touch_id"),
        Spending.project_id.label("project_id"),
        Spending.entered_by.label("entered_by"),
        Spending.void_reason.label("void_reason"),
    ).where(Spending.spent_on.between(span.start, span.end), _covers(Spending.unit_id, span))


def _of_trips(span: Span) -> Any:  # noqa: ANN401 (a selection of fifteen columns)
    raw = cast(func.sum(type_coerce(TripCost.spent, BigInteger)), BigInteger)
    none = cast(null(), Integer)
    return (
        select(
            literal(Source.TRIP.value), Trip.id, Trip.unit_id, Trip.starts_on, cast(null(), String), Trip.title,
            cast(null(), String), raw, raw, Trip.id, none, none, none, none, cast(null(), String),
        )
        .join(TripCost, TripCost.trip_id == Trip.id)
        .where(TripCost.spent > 0, Trip.starts_on.between(span.start, span.end), _covers(Trip.unit_id, span))
        .group_by(Trip.id, Trip.unit_id, Trip.starts_on, Trip.title)
    )  # fmt: skip


def _of_events(span: Span) -> Any:  # noqa: ANN401 (a selection of fifteen columns)
    raw = type_coerce(Event.cost, BigInteger)
    none = cast(null(), Integer)
    return select(
        literal(Source.EVENT.value), Event.id, Event.unit_id, Event.start_on, cast(null(), String), Event.name,
        cast(null(), String), raw, raw, none, Event.id, none, none, none, cast(null(), String),
    ).where(Event.cost > 0, Event.start_on.between(span.start, span.end), _covers(Event.unit_id, span))  # fmt: skip


def _covers(column: Any, span: Span) -> ColumnElement[bool]:  # noqa: ANN401 (a column)
    covered: ColumnElement[bool] = column.is_not(None) if span.units is None else column.in_(span.units)
    return covered


def _ledger(span: Span) -> Subquery:
    if span.project_id is not None:
        of_project: Subquery = _entries(span).where(Spending.project_id == span.project_id).subquery()
        return of_project
    return union_all(_entries(span), _of_trips(span), _of_events(span)).subquery()


def spent(session: Session, span: Span) -> dict[int, Decimal]:
    """What each unit spent, in 万元; the rows of :func:`rows` add up to it."""
    facts = _ledger(span)
    total = cast(func.sum(facts.c.counted), BigInteger)
    statement = select(facts.c.unit_id, type_coerce(total, Wan())).group_by(facts.c.unit_id)
    return {unit_id: amount for unit_id, amount in session.execute(statement) if amount}


def page(session: Session, span: Span, cursor: str | None) -> Page[Row]:
    """One page of the ledger, the latest day first."""
    facts = _ledger(span)
    order = [Key(facts.c.day, descending=True), Key(facts.c.source), Key(facts.c.id, descending=True)]
    found = fetch_page(session, select(facts), order, lambda row: (row.day, row.source, row.id), cursor=cursor)
    return Page(tuple(map(_row, found.rows)), found.next, found.previous)


def rows(session: Session, span: Span) -> tuple[list[Row], bool]:
    """The ledger, oldest first, and whether some rows were left off."""
    facts = _ledger(span)
    statement = select(facts).order_by(facts.c.day, facts.c.source, facts.c.id).limit(MOST_ROWS + 1)
    found = [_row(row) for row in session.execute(statement)]
    return found[:MOST_ROWS], len(found) > MOST_ROWS


def _row(row: Any) -> Row:  # noqa: ANN401 (a result row)
    scale = Decimal(1_000_000)
    fields = {name: getattr(row, name) for name in Row.__slots__}
    fields |= {"source": Source(row.source), "kind": SpendKind(row.kind) if row.kind else None}
    fields |= {"amount": Decimal(row.amount) / scale, "counted": Decimal(row.counted) / scale}
    return Row(**fields)


def budgets(session: Session, year: int, units: frozenset[int] | None) -> dict[int, UnitBudget]:
    """Budgets of a year by unit."""
    statement = select(UnitBudget).where(UnitBudget.year == year)
    if units is not None:
        statement = statement.where(UnitBudget.unit_id.in_(units))
    return {row.unit_id: row for row in session.scalars(statement)}


def lines(session: Session, year: int, span: Span, now: datetime) -> list[BudgetLine]:
    """Budget, money spent and what was brought, a line for every unit that has any of them."""
    money, held = spent(session, span), budgets(session, year, span.units)
    window = Window(span.start, span.end, now, span.units)
    brought = figures(session, [MEASURES[key] for key in BROUGHT], window)
    units = sorted({*money, *held, *(unit for sums in brought.values() for unit in sums)})
    return [
        BudgetLine(
            unit_id,
            held[unit_id].amount if unit_id in held else None,
            money.get(unit_id, NOTHING),
            *(brought[key].get(unit_id, NOTHING) for key in BROUGHT),
        )
        for unit_id in units
    ]


def spending(session: Session, actor: Actor, spending_id: int) -> Spending:
    """Return an entry of a unit whose figures the person reads."""
    visible = within(Spending.unit_id, actor, Permission.REPORT_READ)
    found = session.scalar(select(Spending).where(Spending.id == spending_id, visible))
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def trip_choices(session: Session, actor: Actor, day: date) -> list[Trip]:
    """Trips of the year up to a day that the person sees and that record no cost of their own."""
    own = select(TripCost.trip_id).where(TripCost.spent > 0)
    statement = select(Trip).where(
        trips.visible_to(actor), Trip.id.not_in(own), Trip.starts_on.between(day.replace(month=1, day=1), day)
    )
    return list(session.scalars(statement.order_by(Trip.starts_on.desc(), Trip.id.desc()).limit(MOST_CHOICES)))


def event_choices(session: Session, day: date) -> list[Event]:
    """Events of the year up to a day that record no cost of their own."""
    silent = or_(Event.cost.is_(None), Event.cost == 0)
    statement = select(Event).where(silent, Event.start_on.between(day.replace(month=1, day=1), day))
    return list(session.scalars(statement.order_by(Event.start_on.desc(), Event.id.desc()).limit(MOST_CHOICES)))


def touch_choices(session: Session, actor: Actor, day: date) -> list[Touch]:
    """Visits, receptions and other touches of the year that the person sees, the latest first."""
    this_year = Touch.occurred_at >= datetime.combine(day.replace(month=1, day=1), time(), tzinfo=SHANGHAI)
    statement = select(Touch).options(joinedload(Touch.enterprise).load_only(Enterprise.name))
    statement = statement.where(touches.visible_to(actor), touches.counted(), not_secret(Touch.project_id), this_year)
    return list(session.scalars(statement.order_by(Touch.occurred_at.desc(), Touch.id.desc()).limit(MOST_CHOICES)))


def seen_touches(session: Session, actor: Actor, ids: Sequence[int | None]) -> set[int]:
    """Which of these touches the person may open."""
    wanted = [one for one in ids if one is not None]
    statement = select(Touch.id).where(Touch.id.in_(wanted), touches.visible_to(actor))
    return set(session.scalars(statement)) if wanted else set()


def project_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Projects and leads the person sees, the newest first; confidential ones are left out."""
    statement = select(Project.id, Project.name).where(pipeline.visible_to(actor), not_secret(Project.id))
    found = session.execute(statement.order_by(Project.id.desc()).limit(MOST_CHOICES))
    return [(key, name) for key, name in found]


def project_names(session: Session, actor: Actor, ids: Sequence[int | None]) -> dict[int, str]:
    """Names of projects that the person may see."""
    wanted = [one for one in ids if one is not None]
    statement = select(Project.id, Project.name).where(Project.id.in_(wanted), pipeline.visible_to(actor))
    return dict(session.execute(statement).all()) if wanted else {}


def told(rows: Iterable[Row], names: Mapping[int, str], word: str) -> list[Row]:
    """Rows as a person may read them: of a project that is not in ``names`` only the sum is told, with a word."""
    return [
        row
        if row.project_id is None or row.project_id in names
        else replace(row, text=word, receipt=None, void_reason=row.void_reason and "—")
        for row in rows
    ]


def twin(session: Session, row: Spending) -> Spending | None:
    """Return an entry that says the same already."""
    same = (
        Spending.unit_id == row.unit_id,
        Spending.spent_on == row.spent_on,
        Spending.amount == row.amount,
        Spending.kind == row.kind,
        Spending.purpose == row.purpose,
        Spending.entered_by == row.entered_by,
        Spending.voided_at.is_(None),
    )
    return session.scalar(select(Spending).where(*same).limit(1))
