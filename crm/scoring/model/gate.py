"""May a new table replace the one in use? A paired bootstrap over the same leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model.metrics import losses

if TYPE_CHECKING:
    from crm.scoring.model.arrays import Codes, Flags, Floats

RESAMPLES, SHARE = 1_000, 0.95
UNITS = 2_000
"""What is drawn together where there are more leads: the spread of the mean stays, the work does not grow."""


@dataclass(frozen=True)
class Gate:
    """`share` of resamples in which the challenger has the lower log loss; `gain` is the mean difference."""

    publish: bool
    share: float
    gain: float
    low: float
    high: float


def decide(
    won: Flags,
    challenger: Floats,
    champion: Floats,
    *,
    groups: Codes | None = None,
    resamples: int = RESAMPLES,
    needed: float = SHARE,
    seed: int = 7,
) -> Gate:
    """Compare probabilities [n] of two models on the same leads [n].

    `groups` [n] names rows that belong together (months of one lead, a batch); they are drawn together.
    `low` and `high` hold 95 % of the differences in log loss (positive: the challenger is better).
    """
    gains = losses(won, champion) - losses(won, challenger)
    if not len(gains):
        return Gate(publish=False, share=0.0, gain=0.0, low=0.0, high=0.0)
    place = np.arange(len(gains)) if groups is None else np.unique(groups, return_inverse=True)[1]
    chance = np.random.default_rng(seed)
    units = int(place.max()) + 1
    if units > UNITS:
        place, units = chance.permutation(np.arange(units) % UNITS)[place], UNITS
    sums, sizes = np.bincount(place, weights=gains), np.bincount(place, minlength=units)
    drawn = np.empty(resamples)
    for number in range(resamples):
        times = np.bincount(chance.integers(0, units, units), minlength=units)
        drawn[number] = (times * sums).sum() / max(float((times * sizes).sum()), 1.0)
    low, high = np.quantile(drawn, (0.025, 0.975))
    share = float(np.mean(drawn > 0.0))
    return Gate(share >= needed, share, float(gains.mean()), float(low), float(high))
