"""The naive Bayes of other products, as a baseline: a frequency table per value, 0.1 on both sides to begin with.

P(won) = Sw / (Sw + Sl) with Sw = won / total · Π n_won(f, v) / N_won(f); unset and unseen values are skipped;
the result has two decimals and never shows 0 or 100 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model.card import slots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.scoring.model.arrays import Codes, Flags, Floats

BEGIN = 0.1
LOWEST = 0.01


@dataclass(frozen=True)
class NaiveBayes:
    """Log ratios of each level, and of the classes."""

    sizes: tuple[int, ...]
    ratios: Floats
    prior: float

    @classmethod
    def fit(cls, codes: Codes, sizes: Sequence[int], won: Flags) -> NaiveBayes:
        """Count levels [n, f] by outcome [n]."""
        total = sum(sizes)
        places = slots(codes, sizes)
        won = np.asarray(won, dtype=bool)
        feature = np.repeat(np.arange(len(sizes)), sizes)
        seen = np.bincount(places.ravel(), minlength=total + 1)[:total] > 0
        sides = []
        for side in (won, ~won):
            counts = np.bincount(places[side].ravel(), minlength=total + 1)[:total] + BEGIN
            of_feature = np.bincount(feature, weights=np.where(seen, counts, 0.0), minlength=len(sizes))
            sides.append(np.log(counts) - np.log(np.maximum(of_feature, BEGIN))[feature])
        ratios = np.where(seen, sides[0] - sides[1], 0.0)
        wins = float(won.sum()) + BEGIN
        return cls(tuple(sizes), np.append(ratios, 0.0), float(np.log(wins / (len(won) - wins + 2 * BEGIN))))

    def probability(self, codes: Codes) -> Floats:
        """Probability of each lead [n], rounded as it is shown."""
        z = self.prior + self.ratios[slots(codes, self.sizes)].sum(axis=1)
        chance = 1.0 / (1.0 + np.exp(-np.clip(z, -50.0, 50.0)))
        return np.asarray(np.clip(np.round(chance, 2), LOWEST, 1.0 - LOWEST))
