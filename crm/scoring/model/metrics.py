"""Measures of a set of probabilities against what happened."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.scoring.model.arrays import Flags, Floats

BINS = 10
SMALLEST = 1e-6


@dataclass(frozen=True)
class Metrics:
    """What a model is worth on `rows` leads of which `won` were won.

    ECE over ten equal bins; lift is the share won among the best tenth over the share won at all.
    """

    rows: int
    won: int
    auc: float
    pr_auc: float
    log_loss: float
    brier: float
    ece: float
    lift: float

    def as_json(self) -> dict[str, float]:
        """Give plain numbers."""
        return asdict(self)


@dataclass(frozen=True)
class Bin:
    """One point of a reliability curve: `rows` leads, mean predicted and actual share won."""

    low: float
    high: float
    rows: int
    predicted: float
    actual: float


def measure(won: Flags, chance: Floats) -> Metrics:
    """Measure probabilities [n] against outcomes [n]."""
    return Metrics(
        rows=len(won),
        won=int(np.sum(won)),
        auc=auc(won, chance),
        pr_auc=pr_auc(won, chance),
        log_loss=log_loss(won, chance),
        brier=float(np.mean((chance - won) ** 2)) if len(won) else 0.0,
        ece=ece(won, chance),
        lift=lift(won, chance),
    )


def mean(parts: Sequence[Metrics]) -> Metrics:
    """Average over folds; rows and wins are summed."""
    middle = {key: float(np.mean([getattr(part, key) for part in parts])) for key in Metrics.__dataclass_fields__}
    return Metrics(**{**middle, "rows": sum(part.rows for part in parts), "won": sum(part.won for part in parts)})  # type: ignore[arg-type]


def losses(won: Flags, chance: Floats) -> Floats:
    """Log loss of each row."""
    kept = np.clip(chance, SMALLEST, 1.0 - SMALLEST)
    return np.where(won, -np.log(kept), -np.log1p(-kept))


def log_loss(won: Flags, chance: Floats) -> float:
    """Mean log loss."""
    return float(np.mean(losses(won, chance))) if len(won) else 0.0


def auc(won: Flags, score: Floats) -> float:
    """Chance that a won lead ranks above a lost one, ties count half; 0.5 where a class is missing."""
    won = np.asarray(won, dtype=bool)
    wins = int(won.sum())
    others = len(won) - wins
    if not wins or not others:
        return 0.5
    _values, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[place]
    return float((ranks[won].sum() - wins * (wins + 1) / 2.0) / (wins * others))


def pr_auc(won: Flags, score: Floats) -> float:
    """Average precision: area under precision over recall, tied scores counted together."""
    wins = float(np.sum(won))
    if not wins:
        return 0.0
    _values, place, counts = np.unique(-score, return_inverse=True, return_counts=True)
    hits = np.bincount(place, weights=np.asarray(won, dtype=np.float64))
    precision = np.cumsum(hits) / np.cumsum(counts)
    return float(np.sum(precision * hits) / wins)


def ece(won: Flags, chance: Floats) -> float:
    """Expected calibration error over ten equal bins."""
    total = max(len(won), 1)
    return float(sum(bin_.rows / total * abs(bin_.predicted - bin_.actual) for bin_ in reliability(won, chance)))


def reliability(won: Flags, chance: Floats, bins: int = BINS) -> list[Bin]:
    """Points of the reliability curve, with counts; empty bins are left out."""
    place = np.minimum((chance * bins).astype(np.int64), bins - 1)
    rows = np.bincount(place, minlength=bins)
    predicted = np.bincount(place, weights=chance, minlength=bins)
    actual = np.bincount(place, weights=np.asarray(won, dtype=np.float64), minlength=bins)
    return [
        Bin(k / bins, (k + 1) / bins, int(rows[k]), float(predicted[k] / rows[k]), float(actual[k] / rows[k]))
        for k in range(bins)
        if rows[k]
    ]


def lift(won: Flags, score: Floats, share: float = 0.1) -> float:
    """Share won among the best `share` over the share won at all; rows tied at the edge count in part."""
    base = float(np.mean(won)) if len(won) else 0.0
    if not base:
        return 0.0
    wanted = max(1.0, share * len(won))
    _values, place, counts = np.unique(-score, return_inverse=True, return_counts=True)
    hits = np.bincount(place, weights=np.asarray(won, dtype=np.float64))
    before = np.concatenate(([0.0], np.cumsum(counts)))[:-1]
    taken = np.clip((wanted - before) / counts, 0.0, 1.0)
    return float(np.sum(taken * hits) / wanted / base)
