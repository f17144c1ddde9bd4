"""到岗到位: what is known of each person of a post on each day. Visits count by themselves; no place is ever read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.auth.models import User
from crm.core.workdays import is_workday
from crm.fieldwork.models import Touch
from crm.fieldwork.postings import queries
from crm.fieldwork.postings.models import Absence, CheckIn, Posting, StationedPost
from crm.fieldwork.postings.rules import ON_THE_ROAD, THERE, DayFacts, Presence, Stay, post_of_visit, presence
from crm.fieldwork.queries import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 1000
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """A run of days, both ends included, with the office's today and time zone."""

    start: date
    end: date
    today: date
    zone: ZoneInfo

    def each(self) -> list[date]:
        """Every day of the run."""
        return [self.start + ONE_DAY * step for step in range((self.end - self.start).days + 1)]

    def instants(self) -> tuple[datetime, datetime]:
        """The instants between which the days lie."""
        first, past = (datetime.combine(day, time(), tzinfo=self.zone) for day in (self.start, self.end + ONE_DAY))
        return first, past


@dataclass(frozen=True, slots=True)
class Cell:
    """One person on one day: the state, what was signed, why absent, from which visits it is known."""

    state: Presence
    visits: tuple[int, ...] = ()
    note: str | None = None
    note_id: int | None = None
    absence: Absence | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What three tables tell, by posting and day."""

    notes: dict[tuple[int, date], CheckIn]
    away: dict[tuple[int, date], Absence]
    visits: dict[tuple[int, date], list[int]]

    def cell(self, stay: Stay, day: date, days: Days) -> Cell:
        """Put together what is known of one day."""
        key = (stay.id, day)
        note, absence, seen = self.notes.get(key), self.away.get(key), tuple(self.visits.get(key, ()))
        late = note.signed_at.astimezone(days.zone).date() > day if note is not None else None
        facts = DayFacts(bool(seen), late, absence.reason if absence is not None else None)
        state = presence(facts, day=day, today=days.today, workday=is_workday(day), full_time=stay.full_time)
        return Cell(state, seen, note.note if note else None, note.id if note else None, absence)


@dataclass(frozen=True, slots=True)
class Turn:
    """A posting of the person who looks, and what is known of today."""

    row: Posting
    cell: Cell

    @property
    def open(self) -> bool:
        """Whether a note can still be signed for today."""
        return self.cell.state not in THERE


Grid = dict[tuple[int, date], Cell]


def people_on(session: Session, actor: Actor, day: date, unit_id: int | None = None) -> list[Posting]:
    """Everybody who is posted somewhere on a day, by region and post; only posts the actor may see."""
    statement = (
        select(Posting)
        .join(StationedPost, StationedPost.id == Posting.post_id)
        .join(User, User.id == Posting.user_id)
        .where(queries.visible_to(actor), queries.there_on(day, day))
        .options(joinedload(Posting.post), joinedload(Posting.user))
        .order_by(StationedPost.region, StationedPost.name, StationedPost.id, User.name, Posting.id)
        .limit(MOST)
    )
    if unit_id is not None:
        statement = statement.where(StationedPost.unit_id == unit_id)
    return list(session.scalars(statement))


def grid(session: Session, people: Sequence[Posting], days: Days) -> Grid:
    """Return the cell of each posting and day, in four queries."""
    if not people:
        return {}
    ids = [row.id for row in people]
    known = Known(
        _notes(session, ids, days),
        _absences(session, ids, days),
        _visits(session, sorted({row.user_id for row in people}), days),
    )
    found: Grid = {}
    for row in people:
        stay = queries.as_stay(row)
        for day in days.each():
            if stay.covers(day):
                found[row.id, day] = known.cell(stay, day, days)
    return found


def _notes(session: Session, ids: Sequence[int], days: Days) -> dict[tuple[int, date], CheckIn]:
    statement = select(CheckIn).where(CheckIn.posting_id.in_(ids), CheckIn.day >= days.start, CheckIn.day <= days.end)
    return {(row.posting_id, row.day): row for row in session.scalars(statement)}


def _absences(session: Session, ids: Sequence[int], days: Days) -> dict[tuple[int, date], Absence]:
    statement = select(Absence).where(
        Absence.posting_id.in_(ids), Absence.from_day <= days.end, Absence.to_day >= days.start
    )
    found = {}
    for row in session.scalars(statement):
        for day in days.each():
            if row.from_day <= day <= row.to_day:
                found[row.posting_id, day] = row
    return found


def _visits(session: Session, users: Sequence[int], days: Days) -> dict[tuple[int, date], list[int]]:
    """Ids of visits by posting and day; of which project they tell is not asked."""
    first, past = days.instants()
    statement = select(Touch.id, Touch.created_by, Touch.occurred_at).where(
        Touch.created_by.in_(users),
        Touch.kind.in_(sorted(ON_THE_ROAD)),
        Touch.occurred_at >= first,
        Touch.occurred_at < past,
        counted(),
    )
    stays = queries.stays_of(session, users, days.start, days.end)
    found: dict[tuple[int, date], list[int]] = defaultdict(list)
    for touch_id, user_id, at in session.execute(statement.order_by(Touch.occurred_at, Touch.id)):
        day = at.astimezone(days.zone).date()
        posting_id = post_of_visit(stays.get(user_id, []), day)
        if posting_id is not None:
            found[posting_id, day].append(touch_id)
    return found


def tally(cells: Sequence[Cell]) -> dict[Presence, int]:
    """How many cells are in each state."""
    counts = dict.fromkeys(Presence, 0)
    for cell in cells:
        counts[cell.state] += 1
    return counts


def days_there(found: Grid, posting_id: int) -> int:
    """On how many days a person was at the post."""
    return sum(cell.state in THERE for (one, _day), cell in found.items() if one == posting_id)


def turns(session: Session, actor: Actor, today: date, zone: ZoneInfo) -> list[Turn]:
    """Where a person is posted today, and whether that is told already; one query for who is nowhere posted."""
    rows = queries.mine(session, actor, today)
    found = grid(session, rows, Days(today, today, today, zone))
    return [Turn(row, found[row.id, today]) for row in rows]
