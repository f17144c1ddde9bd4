"""Split rows honestly: stratified folds that keep batches together, and a cut in time that keeps days together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from crm.scoring.model.arrays import Codes, Flags, Floats

EARLY = 0.75


def folds(won: Flags, count: int, seed: int, groups: Codes | None = None) -> Codes:
    """Give the fold of each row [n]: equal shares of won and lost; a group never straddles two folds."""
    chance = np.random.default_rng(seed)
    if groups is None:
        fold = np.empty(len(won), dtype=np.int64)
        for side in (True, False):
            rows = np.flatnonzero(np.asarray(won, dtype=bool) == side)
            fold[chance.permutation(rows)] = np.arange(len(rows)) % count
        return fold
    _names, place = np.unique(groups, return_inverse=True)
    of_group = np.arange(place.max(initial=-1) + 1) % count
    return np.asarray(chance.permutation(of_group)[place])


def by_time(order: Floats, early: float = EARLY) -> tuple[Codes, Codes]:
    """Give the rows before and after the moment that has `early` of them before it, in order of time.

    Rows of one moment stay on one side, unless nearly all rows share it.
    """
    rows = np.argsort(order, kind="stable")
    sorted_order = order[rows]
    cut = round(early * len(rows))
    if 0 < cut < len(rows):
        low = int(np.searchsorted(sorted_order, sorted_order[cut], side="left"))
        high = int(np.searchsorted(sorted_order, sorted_order[cut], side="right"))
        near = low if cut - low <= high - cut else high
        cut = near if 0.5 * early * len(rows) < near < 0.95 * len(rows) else cut
    return rows[:cut], rows[cut:]
