"""The running sums of an enterprise as values, and how a change of facts moves them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crm.scoring.decay import DecayedSum
from crm.scoring.facts import DATED, Fact, Mass, sums_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.scoring.table import PointsTable

REBASED_AFTER = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that came (``added``) or went."""

    fact: Fact
    added: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """A decayed sum against a landmark, with the newest fact in it; ``stale``: only the single rows tell it now."""

    decayed: DecayedSum
    newest_at: datetime
    newest_id: int
    stale: bool = False

    def mass(self, as_of: datetime) -> Mass:
        """Give its value at a moment."""
        return Mass(self.decayed.value(as_of), self.decayed.count, self.newest_at, self.newest_id)

    def with_fact(self, fact: Fact) -> Sum:
        """Add a fact of any date."""
        newest_at, newest_id = max((self.newest_at, self.newest_id), (fact.at, fact.source_id))
        return Sum(self.decayed.add(fact.at, fact.weight), newest_at, newest_id, self.stale)

    def without(self, fact: Fact) -> Sum:
        """Withdraw a fact that is in it; without its newest one it must be told anew."""
        newest = (fact.at, fact.source_id) == (self.newest_at, self.newest_id)
        return Sum(self.decayed.remove(fact.at, fact.weight), self.newest_at, self.newest_id, self.stale or newest)

    def rebased(self, as_of: datetime) -> Sum:
        """Move an old landmark, so that the numbers stay small."""
        if as_of - self.decayed.landmark < REBASED_AFTER:
            return self
        return Sum(self.decayed.rebased(landmark_of(as_of)), self.newest_at, self.newest_id, self.stale)


def landmark_of(moment: datetime) -> datetime:
    """New Year of a moment."""
    return datetime(moment.year, 1, 1, tzinfo=UTC)


def moved(sums: dict[str, Sum], changes: Iterable[Change], as_of: datetime, table: PointsTable) -> dict[str, Sum]:
    """Give the sums after changes; an empty one is gone, a stale one is to be told from the single rows."""
    found = dict(sums)
    for change in changes:
        for name in sums_of(change.fact) if change.fact.kind in DATED else ():
            known = found.get(name)
            if not change.added:
                if known is not None:
                    found[name] = known.without(change.fact)
            elif known is None:
                found[name] = started(name, change.fact, as_of, table)
            else:
                found[name] = known.with_fact(change.fact)
    return {name: one for name, one in found.items() if one.decayed.count > 0}


def started(name: str, fact: Fact, as_of: datetime, table: PointsTable) -> Sum:
    """Give the sum of one fact."""
    empty = DecayedSum(landmark_of(as_of), table.half_life(name))
    return Sum(empty.add(fact.at, fact.weight), fact.at, fact.source_id)


def told(facts: Iterable[Fact], as_of: datetime, table: PointsTable) -> dict[str, Sum]:
    """Give the sums of all facts."""
    return moved({}, (Change(fact, added=True) for fact in facts), as_of, table)
