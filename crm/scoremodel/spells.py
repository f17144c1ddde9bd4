"""When an enterprise was a lead, signed or was dropped, as one knew it then; pure.

A lead begins with the first meeting or intake that was recorded and ends with a signed contract (won) or when
all of its projects left the road and nobody has met it since (lost). Two clocks: what was written down later, or
taken back later, counts only from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from crm.core.scheduling import SHANGHAI, local_day

DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Span:
    """Something known from one moment until it was taken back (None: still)."""

    since: datetime
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it was known at a moment."""
        return self.since <= at and (self.until is None or self.until > at)


@dataclass(frozen=True, slots=True)
class Signing:
    """A contract: the moment it was signed, and the moment it was written down."""

    at: datetime
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """The life of one enterprise as a lead; ``projects`` are (opened, times off the road)."""

    enterprise_id: int
    met: tuple[Span, ...] = ()
    projects: tuple[tuple[datetime, tuple[Span, ...]], ...] = ()
    signings: tuple[Signing, ...] = ()

    def begun(self, at: datetime) -> datetime | None:
        """The beginning of the lead as one knew it at a moment; None when it was none yet."""
        known = [span.since for span in self.met if span.holds(at)]
        return min([*known, *(opened for opened, _exits in self.projects if opened <= at)], default=None)

    def dropped(self, at: datetime) -> bool:
        """Whether all its projects had left the road by then, and nobody had met it since."""
        opened = [exits for start, exits in self.projects if start <= at]
        lasting = [[span for span in exits if span.holds(at)] for exits in opened]
        if not opened or not all(lasting):
            return False
        left = max(span.since for spans in lasting for span in spans)
        return not any(span.holds(at) and span.since > left for span in self.met)

    def first_signing(self) -> Signing | None:
        """The contract that ends the lead."""
        return min(self.signings, key=lambda signing: (signing.at, signing.known_at), default=None)


@dataclass(frozen=True, slots=True)
class Month:
    """One calendar month of the office's clock: [start, end)."""

    start: datetime
    end: datetime

    @property
    def key(self) -> str:
        """Name it, as in 2026-11."""
        return f"{self.start.astimezone(SHANGHAI):%Y-%m}"

    @property
    def quarter(self) -> str:
        """Name its quarter, as in 2026Q4."""
        day = local_day(self.start)
        return f"{day.year}Q{(day.month + 2) // 3}"


@dataclass(frozen=True, slots=True)
class LeadMonth:
    """One lead at risk during one month: ``age`` in whole months at its start.

    ``known_at`` is when the signing was written down. ``late``: signed before the month, yet nobody had written
    it down, so that a training at that time took the lead for an open one; such a row never judges a model.
    """

    enterprise_id: int
    month: int
    age: int
    signed: bool = False
    known_at: datetime | None = None
    late: bool = False
    lost: bool = False


def month_of(at: datetime) -> Month:
    """The month that holds a moment."""
    day = local_day(at).replace(day=1)
    return Month(_midnight(day), _midnight(_next(day)))


def months(first: datetime, until: datetime, most: int) -> list[Month]:
    """Whole months from the one that holds ``first`` to the last that ended by ``until``; the newest ``most``."""
    found = []
    month = month_of(first)
    while month.end <= until:
        found.append(month)
        month = month_of(month.end)
    return found[-most:]


def lead_months(story: Story, calendar: list[Month]) -> list[LeadMonth]:
    """Rows of one enterprise: one for each month at whose start it was a lead, as one knew it then."""
    signing = story.first_signing()
    rows = []
    for number, month in enumerate(calendar):
        begun = story.begun(month.start)
        known = signing is not None and signing.at < month.start and signing.known_at <= month.start
        if begun is None or known or story.dropped(month.start):
            continue
        late = signing is not None and signing.at < month.start
        signed = signing is not None and month.start <= signing.at < month.end
        rows.append(
            LeadMonth(
                enterprise_id=story.enterprise_id,
                month=number,
                age=_months_between(begun, month.start),
                signed=signed,
                known_at=signing.known_at if signing is not None and (signed or late) else None,
                late=late,
                lost=not signed and not late and story.dropped(month.end),
            )
        )
    return rows


def _months_between(earlier: datetime, later: datetime) -> int:
    """Whole calendar months, at least 0: begun in one month, first asked at the start of the next is 0."""
    first, last = local_day(earlier), local_day(later)
    return max(0, (last.year - first.year) * DECEMBER + last.month - first.month - 1)


def _next(day: date) -> date:
    return date(day.year + day.month // DECEMBER, day.month % DECEMBER + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=SHANGHAI)
