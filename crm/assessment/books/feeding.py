"""Values of an assessment: counted, asked of targets, or typed; one query for each source, whatever the units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.assessment import summing
from crm.assessment.books import list_queries, list_rules, queries
from crm.assessment.books.models import AssessedUnit, AssessedValue, AssessmentAdjustment, AssessmentRun, RuleBook
from crm.assessment.books.rules import TOUR_COUNT, Feed, FeedKind, RunState, Span, read_feeds
from crm.assessment.engine.book import read_book
from crm.assessment.engine.facts import Adjustment, Unit
from crm.assessment.engine.numbers import read
from crm.assessment.measures import MEASURES
from crm.assessment.queries import targets
from crm.assessment.rates import RATES
from crm.assessment.rules import TargetLevel
from crm.assessment.tours import queries as tours
from crm.assessment.window import Window
from crm.auth.models import OrgUnit, User
from crm.core.scheduling import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from crm.assessment.engine.numbers import Value

Values = dict[int, dict[str, "Value"]]
MOST_LEVELS = 12
TYPED = Feed()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from: its window for the rows behind it, or who typed it and when."""

    feed: Feed
    window: Window | None = None


def window_of(run: AssessmentRun, span: Span, now: datetime) -> Window:
    """The days and the cut-off of a counted indicator of an assessment."""
    start = run.start_on if span is Span.PERIOD else date(run.end_on.year, 1, 1)
    closing = datetime.combine(run.end_on + timedelta(days=1), time(), tzinfo=SHANGHAI)
    return Window(start, run.end_on, run.cutoff_at or min(now, closing))


def sources(run: AssessmentRun, names: Sequence[str], now: datetime) -> dict[str, Source]:
    """The source of each indicator of a run."""
    feeds = read_feeds(run.book.feeds)
    found = {}
    for name in names:
        feed = feeds.get(name, TYPED)
        counted = feed.kind in {FeedKind.MEASURE, FeedKind.RATE, FeedKind.TOUR}
        found[name] = Source(feed, window_of(run, feed.span, now) if counted else None)
    return found


def covers(session: Session, unit_ids: Sequence[int]) -> dict[int, int]:
    """For each unit of the office the assessed unit that answers for it: itself, else the nearest above."""
    above = dict(session.execute(select(OrgUnit.id, OrgUnit.parent_id)).all())
    assessed = set(unit_ids)
    found: dict[int, int] = {}
    for unit_id in above:
        place: int | None = unit_id
        for _level in range(MOST_LEVELS):
            if place is None or place in assessed:
                break
            place = above.get(place)
        if place in assessed and place is not None:
            found[unit_id] = place
    return found


def gather(session: Session, run: AssessmentRun, names: Sequence[str], now: datetime) -> list[Unit]:
    """Build the units of a run as the engine wants them."""
    rows = list(session.scalars(select(AssessedUnit).where(AssessedUnit.run_id == run.id).order_by(AssessedUnit.id)))
    unit_ids = [row.unit_id for row in rows]
    values: Values = {unit_id: {} for unit_id in unit_ids}
    answering = covers(session, unit_ids)
    for name, source in sources(run, names, now).items():
        _count(session, run, name, source, answering, values)
    for unit_id, typed in typed_values(session, run.id).items():
        values.get(unit_id, {}).update({name: read(row.text) for name, row in typed.items()})
    signed = _adjustments(session, run.id)
    before = bottoms_before(session, run)
    sheets = list_rules.sheets(read_book(queries.exact(run.book.body)))
    lists = list_queries.lists_of(session, run, sheets, unit_ids) if sheets else {}
    labels = dict(session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(unit_ids))).all())
    return [
        Unit(
            key=str(row.unit_id),
            label=labels[row.unit_id],
            group=row.group,
            values=values[row.unit_id],
            items=lists.get(row.unit_id, {}),
            adjustments=tuple(signed.get(row.unit_id, ())),
            bottom_before=before.get(row.unit_id, 0),
        )
        for row in rows
    ]


def _count(
    session: Session, run: AssessmentRun, name: str, source: Source, answering: Mapping[int, int], values: Values
) -> None:
    """Put the counted values of an indicator in; a unit that did nothing did 0."""
    feed, window = source.feed, source.window
    if feed.kind is FeedKind.MEASURE and window is not None:
        _put(values, name, _by_assessed(summing.by_unit(session, MEASURES[feed.key], window), answering))
    elif feed.kind is FeedKind.RATE and window is not None:
        rate = RATES[feed.key]
        done = _by_assessed(summing.by_unit(session, rate.done, window), answering)
        of = _by_assessed(summing.by_unit(session, rate.of, window), answering)
        for unit_id, own in values.items():
            base = of.get(unit_id, Decimal(0))
            own[name] = Fraction(done.get(unit_id, Decimal(0))) / Fraction(base) if base else None
    elif feed.kind is FeedKind.TOUR and window is not None:
        _tour(session, name, feed.key, window, answering, values)
    elif feed.kind is FeedKind.TARGET:
        asked = targets(session, run.end_on.year, TargetLevel.ENSURE)
        for (unit_id, metric), value in asked.items():
            if str(metric) == feed.key and unit_id in values:
                values[unit_id][name] = Fraction(value)


def _tour(session: Session, name: str, key: str, window: Window, answering: Mapping[int, int], values: Values) -> None:
    """Put what tours gave in: the mean of a unit's tours, missing without one; or how many."""
    points: dict[int, list[Fraction]] = {}
    for unit_id, one in tours.points_between(session, window.start, window.end, window.cutoff):
        if unit_id in answering:
            points.setdefault(answering[unit_id], []).append(Fraction(one))
    for unit_id, own in values.items():
        held = points.get(unit_id, [])
        if key == TOUR_COUNT:
            own[name] = Fraction(len(held))
        else:
            own[name] = sum(held, Fraction(0)) / len(held) if held else None


def _by_assessed(by_unit: Mapping[int, Decimal], answering: Mapping[int, int]) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for unit_id, amount in by_unit.items():
        if unit_id in answering:
            found[answering[unit_id]] = found.get(answering[unit_id], Decimal(0)) + amount
    return found


def _put(values: Values, name: str, amounts: Mapping[int, Decimal]) -> None:
    for unit_id, own in values.items():
        own[name] = Fraction(amounts.get(unit_id, Decimal(0)))


def typed_values(session: Session, run_id: int) -> dict[int, dict[str, AssessedValue]]:
    """The newest typed value of each name, by unit."""
    statement = select(AssessedValue).where(AssessedValue.run_id == run_id).order_by(AssessedValue.id)
    found: dict[int, dict[str, AssessedValue]] = {}
    for row in session.scalars(statement):
        found.setdefault(row.unit_id, {})[row.name] = row
    return {unit_id: {name: row for name, row in rows.items() if row.text} for unit_id, rows in found.items()}


def _adjustments(session: Session, run_id: int) -> dict[int, list[Adjustment]]:
    statement = (
        select(AssessmentAdjustment, User.name)
        .join(User, User.id == AssessmentAdjustment.signed_by)
        .where(AssessmentAdjustment.run_id == run_id)
        .order_by(AssessmentAdjustment.id)
    )
    found: dict[int, list[Adjustment]] = {}
    for row, name in session.execute(statement):
        found.setdefault(row.unit_id, []).append(Adjustment(Fraction(row.points), row.reason, name))
    return found


def bottoms_before(session: Session, run: AssessmentRun) -> dict[int, int]:
    """How often in a row each unit was at the bottom in the confirmed assessment of the same book before this one."""
    before = (
        select(AssessmentRun.id)
        .join(RuleBook, RuleBook.id == AssessmentRun.book_id)
        .where(
            RuleBook.name == run.book.name,
            AssessmentRun.state == RunState.CONFIRMED,
            AssessmentRun.id != run.id,
            AssessmentRun.end_on < run.end_on,
        )
        .order_by(AssessmentRun.end_on.desc(), AssessmentRun.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = select(AssessedUnit.unit_id, AssessedUnit.bottom_runs).where(AssessedUnit.run_id == before)
    return dict(session.execute(statement).all())
