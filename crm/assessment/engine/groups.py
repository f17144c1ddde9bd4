"""What a formula comes to for the units of a group: reckoned once, however many of them ask."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.assessment.engine.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from fractions import Fraction

FINEST = 20_000  # bits of a divisor: a thousand roundless divisions, no more


@dataclass(frozen=True, slots=True)
class Group:
    """Values by key of the unit (None: it has none), and those that are there in ascending order.

    ``total`` is None where the sum is too fine to be reckoned.
    """

    by_unit: Mapping[str, Fraction | None]
    numbers: Sequence[Fraction]
    total: Fraction | None

    @property
    def least(self) -> Fraction:
        """The smallest; the group must have one."""
        return self.numbers[0]

    @property
    def most(self) -> Fraction:
        """The largest; the group must have one."""
        return self.numbers[-1]

    def above(self, own: Fraction) -> int:
        """How many are larger."""
        return len(self.numbers) - bisect_right(self.numbers, own)

    def below(self, own: Fraction) -> int:
        """How many are smaller."""
        return bisect_left(self.numbers, own)


def summed(numbers: Iterable[Fraction]) -> Fraction | None:
    """Add numbers up; None as soon as the divisor of the sum is finer than FINEST, as each step would take longer."""
    total = ZERO
    for one in numbers:
        total += one
        if total.denominator.bit_length() > FINEST:
            return None
    return total


def group_of(by_unit: Mapping[str, Fraction | None]) -> Group:
    """Sort the values of a group."""
    numbers = sorted(one for one in by_unit.values() if one is not None)
    return Group(by_unit, numbers, summed(numbers))
