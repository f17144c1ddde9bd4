"""Exponentially decayed sums, from the raw events and as a running sum that needs no history.

The running form keeps, against a fixed landmark T0, L = Σ w·2^((t − T0)/h). Adding is commutative,
so a late, a repeated and a withdrawn event are all exact; the value at any time is
L·2^(−(now − T0)/h). Forward decay: Cormode, Shkapenyuk, Srivastava, Xu, ICDE 2009.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

SECONDS_PER_DAY = 86_400.0


def days_between(earlier: datetime, later: datetime) -> float:
    """Count days, with fraction, from one aware moment to another."""
    return (later - earlier).total_seconds() / SECONDS_PER_DAY


def decay(at: datetime, as_of: datetime, half_life_days: float) -> float:
    """Give the share that an event keeps: 1 on its day, one half after each half-life."""
    return float(2.0 ** (-days_between(at, as_of) / half_life_days))


def decayed_sum(events: Iterable[tuple[datetime, float]], as_of: datetime, half_life_days: float) -> float:
    """Sum (moment, weight) pairs with decay; what lies after `as_of` is not known yet."""
    return sum(weight * decay(at, as_of, half_life_days) for at, weight in events if at <= as_of)


@dataclass(frozen=True)
class DecayedSum:
    """A running decayed sum against a landmark; every change gives a new one.

    Move the landmark about once a year (`rebased`), so that the numbers stay small.
    """

    landmark: datetime
    half_life_days: float
    total: float = 0.0
    count: int = 0

    def add(self, at: datetime, weight: float) -> "DecayedSum":
        """Add one event, of any date."""
        return self._changed(at, weight, 1)

    def remove(self, at: datetime, weight: float) -> "DecayedSum":
        """Withdraw an event that was added with this moment and weight."""
        return self._changed(at, -weight, -1)

    def value(self, as_of: datetime) -> float:
        """Give the sum at a moment not before the newest event."""
        return self.total * decay(self.landmark, as_of, self.half_life_days)

    def rebased(self, landmark: datetime) -> "DecayedSum":
        """Give the same sum against another landmark."""
        return DecayedSum(landmark, self.half_life_days, self.value(landmark), self.count)

    def _changed(self, at: datetime, weight: float, step: int) -> "DecayedSum":
        grown = weight / decay(self.landmark, at, self.half_life_days)
        return DecayedSum(self.landmark, self.half_life_days, self.total + grown, self.count + step)
