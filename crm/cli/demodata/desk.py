"""Where the demonstration is written from: who acts, what exists, and a diary that is played in order of time.

Everything goes through the services of the slices, each with the moment at which it is said to
have happened, so that gates, audit trail and history are those of real work.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from crm.auth import queries
from crm.core.scheduling import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from sqlalchemy.orm import Session

    from crm.auth.models import OrgUnit, User
    from crm.auth.rules import Actor
    from crm.enterprises.models import Contact, Enterprise

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Firm:
    """One line of ``enterprises.csv``; money in 万元, land in 亩, ``places`` as ``list:rank 2025:rank 2026``."""

    short: str
    name: str
    name_en: str
    industry: str
    region: str
    product: str
    project: str
    wan: int
    land: int
    places: tuple[tuple[str, int, int], ...]
    profile: str


@dataclass(slots=True)
class Desk:
    """The open session, the day, and everything made so far by its own short key."""

    session: Session
    today: date
    random: Random
    firms: dict[str, Firm] = field(default_factory=dict)
    units: dict[str, OrgUnit] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    enterprises: dict[str, Enterprise] = field(default_factory=dict)
    keepers: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, list[Contact]] = field(default_factory=dict)
    phases: dict[str, str] = field(default_factory=dict)
    numbers: int = 0
    folder: Path = Path()  # where evidence is kept
    _actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, username: str) -> Actor:
        """Return a person as actor; posts are the same on every day of the demonstration."""
        if username not in self._actors:
            self._actors[username] = queries.actor_for(self.session, self.people[username], self.today)
        return self._actors[username]

    def number(self) -> int:
        """Return the next running number, for document numbers and client ids."""
        self.numbers += 1
        return self.numbers

    def at(self, days_ago: float, hour: int, minute: int = 0) -> datetime:
        """Return a moment of a working day at least one day before today."""
        return self.on(self.today - timedelta(days=max(1, round(days_ago))), hour, minute)

    def on(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Return a moment of that day, or of the Friday before when it falls on a weekend."""
        while day.weekday() >= SATURDAY:
            day -= timedelta(days=1)
        return datetime.combine(day, time(hour, minute), tzinfo=SHANGHAI)

    def instant(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Return a moment of exactly that day."""
        return datetime.combine(day, time(hour, minute), tzinfo=SHANGHAI)


@dataclass(slots=True)
class Diary:
    """What happens when; an entry may write later ones while it is played."""

    until: datetime
    _heap: list[tuple[datetime, int, Callable[[datetime], object]]] = field(default_factory=list)
    _count: int = 0

    def write(self, at: datetime, act: Callable[[datetime], object]) -> None:
        """Plan something; what lies after ``until`` is dropped."""
        if at < self.until:
            heapq.heappush(self._heap, (at, self._count, act))
            self._count += 1

    def play(self) -> None:
        """Let everything happen, oldest first; entries of one moment in the order they were written."""
        while self._heap:
            at, _order, act = heapq.heappop(self._heap)
            act(at)


def asset(name: str) -> str:
    """Read a text of the demonstration."""
    return (files("crm.cli.demodata") / name).read_text(encoding="utf-8")


def phrases() -> dict[str, list[str]]:
    """Read the sentences by section; ``{f}`` firm, ``{c}`` contact, ``{p}`` product, ``{r}`` region, ``{n}`` number."""
    found: dict[str, list[str]] = {}
    for line in asset("phrases.txt").splitlines():
        if line.startswith("["):
            found[line.strip("[]")] = []
        elif line:
            found[list(found)[-1]].append(line)
    return found
