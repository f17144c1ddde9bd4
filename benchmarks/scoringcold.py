"""Cold start: is the card with few closed leads ever clearly worse than the experts' table alone?

Test: the last quarter by time. Drawn: n closed leads of the first three quarters. Both the experts' table and the
card are told the base rate of the first three quarters, as an administrator would tell it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.scoringexperts import TABLES
from crm.scoring.model import fitting
from crm.scoring.model.binning import cut
from crm.scoring.model.expertise import expertise, with_expert
from crm.scoring.model.fitting import Choice
from crm.scoring.model.metrics import log_loss
from crm.scoring.model.splits import by_time

if TYPE_CHECKING:
    from benchmarks.scoringdata import Data

SIZES = (25, 50, 100, 200, 400)
MARGIN, ENOUGH = 0.01, 0.9


@dataclass(frozen=True)
class Cold:
    """Median log loss of `draws` draws of n leads, and the share not worse than the experts by the margin."""

    key: str
    n: int
    wins: float
    expert: float
    card: float
    kept: float


def cold(data: Data, draws: int, *, flipped: float = 0.0, shuffled: bool = False) -> list[Cold]:
    """Draw small samples of one set.

    `flipped`: share of the experts' features that get the wrong sign. `shuffled`: test a quarter drawn by chance.
    """
    table = expertise(TABLES[data.key])
    order = np.arange(len(data.won), dtype=np.float64)
    early, late = by_time(np.random.default_rng(3).permutation(order) if shuffled else order)
    cuts = cut(data.frame.take(early), also=table.thresholds)
    levels = with_expert(cuts, table)
    codes, test, truth = cuts.codes(data.frame.take(early)), cuts.codes(data.frame.take(late)), data.won[late]
    won, base = data.won[early], float(np.mean(data.won[early]))
    found = []
    for n in SIZES:
        lost, wins = [], []
        for draw in range(draws):
            chance = np.random.default_rng(1_000 * n + draw)
            told = _flipped(levels, flipped, chance)
            alone = fitting.shifted(codes, told, won)
            rows = chance.choice(len(won), n, replace=False)
            card = fitting.fit(codes[rows], told, won[rows], choice=Choice(base_rate=base))
            lost.append([log_loss(truth, one.probability(test)) for one in (alone, card)])
            wins.append(int(won[rows].sum()))
        losses = np.array(lost)
        kept = float(np.mean(losses[:, 1] <= losses[:, 0] + MARGIN))
        expert, card = np.median(losses, axis=0).tolist()
        found.append(Cold(data.key, n, float(np.mean(wins)), expert, card, kept))
    return found


def _flipped(levels: fitting.Levels, share: float, chance: np.random.Generator) -> fitting.Levels:
    if not share or levels.expert is None:
        return levels
    signs = np.where(chance.random(len(levels.expert)) < share, -1.0, 1.0)
    turned = tuple(tuple(sign * p for p in points) for sign, points in zip(signs, levels.expert, strict=True))
    return fitting.Levels(levels.keys, levels.levels, turned)
