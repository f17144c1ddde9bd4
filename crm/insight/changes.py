"""A figure beside what it was: how much more or less, and when that cannot be said. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from crm.core.money import half_up

HUNDRED = Decimal(100)
MANY = 10


class Trend(StrEnum):
    """What became of a figure."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    MANIFOLD = "manifold"
    NO_BASE = "no_base"
    NO_FIGURE = "no_figure"


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure changed: in percent, or in percentage points for a rate; ``amount`` is always positive.

    Of ``MANIFOLD`` it is how many times the base; without a base or a figure it is 0.
    """

    trend: Trend
    amount: Decimal = Decimal(0)


def change(now: Decimal | None, base: Decimal | None) -> Change:
    """Compare two sums; nothing grows by a percentage out of nothing."""
    if now is None:
        return Change(Trend.NO_FIGURE)
    if base == now:
        return Change(Trend.SAME)
    if not base:
        return Change(Trend.NO_BASE)
    if now >= base * MANY > 0:
        return Change(Trend.MANIFOLD, half_up(now / base, 1))
    return _signed(half_up((now - base) * HUNDRED / abs(base), 1))


def points(now: Decimal | None, base: Decimal | None) -> Change:
    """Compare two percentages, in percentage points (百分点)."""
    if now is None or base is None:
        return Change(Trend.NO_FIGURE if now is None else Trend.NO_BASE)
    return _signed(half_up(now - base, 1))


def _signed(difference: Decimal) -> Change:
    if not difference:
        return Change(Trend.SAME)
    return Change(Trend.UP if difference > 0 else Trend.DOWN, abs(difference))
