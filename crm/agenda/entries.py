"""What stands in a calendar: entries of one shape, whatever they come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST = 400  # entries of one kind in one view; a view says when it is full
DISCREET = "保密事项"


class Kind(StrEnum):
    """Where an entry comes from."""

    STEP = "todo"
    TOUCH = "touch"
    TRIP = "trip"
    RECEPTION = "reception"
    EVENT = "event"
    MEETING = "meeting"
    SIGNING = "signing"
    INSTRUCTION = "instruction"


KIND_LABELS: dict[Kind, str] = {
    Kind.STEP: "待办",
    Kind.TOUCH: "走访接洽",
    Kind.TRIP: "出访",
    Kind.RECEPTION: "接待",
    Kind.EVENT: "活动",
    Kind.MEETING: "会议",
    Kind.SIGNING: "预计签约",
    Kind.INSTRUCTION: "批示期限",
}
KIND_ICONS: dict[Kind, str] = {
    Kind.STEP: "checklist",
    Kind.TOUCH: "map-pin",
    Kind.TRIP: "plane",
    Kind.RECEPTION: "users",
    Kind.EVENT: "presentation",
    Kind.MEETING: "users-group",
    Kind.SIGNING: "signature",
    Kind.INSTRUCTION: "clipboard-check",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something on one or several days, at a time or all day; ``secret`` ones are not named outside of the office.

    ``person_id`` says in whose calendar it stands.
    """

    kind: Kind
    key: int
    title: str
    starts_on: date
    person_id: int
    ends_on: date | None = None
    at: datetime | None = None
    until: datetime | None = None
    href: str = ""
    place: str = ""
    done: bool = False
    secret: bool = False

    @property
    def last(self) -> date:
        """The last day of it."""
        return self.ends_on or self.starts_on

    @property
    def open(self) -> bool:
        """Whether it is something to be done that is not done."""
        return self.kind in {Kind.STEP, Kind.INSTRUCTION} and not self.done

    def discreet(self) -> Entry:
        """Return the entry without what must not leave the office."""
        return replace(self, title=DISCREET, place="") if self.secret else self


@dataclass(frozen=True, slots=True)
class Span:
    """The days a view shows, both included, and the same as instants: from ``since`` to before ``until``."""

    first: date
    last: date
    since: datetime
    until: datetime

    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Sort by day; on a day what lasts all day first, then by time."""
    return sorted(entries, key=lambda one: (one.starts_on, one.at is not None, one.at or 0, one.kind, one.key))


def by_day(entries: Sequence[Entry], span: Span) -> dict[date, list[Entry]]:
    """Put each entry on every day of the span it lasts."""
    found: dict[date, list[Entry]] = {day: [] for day in span.days()}
    for one in in_order(entries):
        day = max(one.starts_on, span.first)
        while day <= min(one.last, span.last):
            found[day].append(one)
            day += timedelta(days=1)
    return found
