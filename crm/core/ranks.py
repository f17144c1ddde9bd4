"""Percentiles by rank: always one of the numbers, so that it can be opened. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NINE_TENTHS, HALF = 90, 50


def percentile(numbers: Sequence[int], share: int) -> int | None:
    """The smallest of these that so many percent do not exceed; None of nothing."""
    ordered = sorted(numbers)
    return ordered[-(-len(ordered) * share // 100) - 1] if ordered else None
