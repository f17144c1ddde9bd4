"""A share as a pair: what was reached of how much, with its percentage half up; pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crm.core.money import half_up

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Ratio:
    """``done`` of ``of``; both are kept, the percentage is reckoned from them and rounded once."""

    done: Decimal
    of: Decimal

    @property
    def percent(self) -> Decimal | None:
        """Percentage with one decimal, half up; None of nothing."""
        return self.rounded(1)

    def rounded(self, digits: int) -> Decimal | None:
        """Percentage with so many decimals, half up; None of nothing."""
        return half_up(self.done * HUNDRED / self.of, digits) if self.of else None

    @property
    def rest(self) -> Decimal:
        """What is missing, negative where more was reached."""
        return self.of - self.done


def plain(value: Decimal | int) -> Decimal | int:
    """Return a whole number as int, so that it reads and is kept as one; any other as it is."""
    return int(value) if value == int(value) else Decimal(value)
