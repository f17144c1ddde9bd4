"""Calibration by a sigmoid (Platt): p = 1 / (1 + e^−(slope · z + shift)), fitted on predictions out of fold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model.card import expit, logit

if TYPE_CHECKING:
    from crm.scoring.model.arrays import Flags, Floats

ENOUGH = 200
"""Wins from which slope and shift on a recent window help more than they hurt."""

STEPS, CLOSE = 50, 1e-9


def fit(z: Floats, won: Flags, *, strength: float = 1.0) -> tuple[float, float]:
    """Give (slope, shift) for log-odds [n] and outcomes [n], by damped Newton steps; slope is never negative.

    A weak prior (`strength` pseudo-observations) keeps separable data finite; no spread in z gives (0, base).
    """
    if not len(won):
        return 1.0, 0.0
    base = logit(float((won.sum() + 0.5) / (len(won) + 1.0)))
    centre, width = float(z.mean()), float(z.std())
    if width < CLOSE:
        return 0.0, base
    scaled = (z - centre) / width
    slope, shift = _newton(scaled, np.asarray(won, dtype=np.float64), base, strength)
    if slope < 0.0:
        return 0.0, base
    return slope / width, shift - slope * centre / width


def _newton(z: Floats, won: Floats, base: float, strength: float) -> tuple[float, float]:
    found, columns = np.array([0.0, base]), np.column_stack((z, np.ones(len(z))))
    ridge = np.array([strength, 0.0])
    value = _loss(columns, won, found, ridge)
    for _step in range(STEPS):
        chance = expit(columns @ found)
        slope = columns.T @ (chance - won) + ridge * found
        bend = (columns.T * (chance * (1.0 - chance))) @ columns + np.diag(ridge + CLOSE)
        step = np.linalg.solve(bend, slope)
        while (tried := _loss(columns, won, found - step, ridge)) > value and float(np.abs(step).max()) > CLOSE:
            step = step / 2.0
        found, gained, value = found - step, value - tried, tried
        if gained < CLOSE:
            break
    return float(found[0]), float(found[1])


def _loss(columns: Floats, won: Floats, found: Floats, ridge: Floats) -> float:
    z = columns @ found
    return float(np.sum(np.logaddexp(0.0, z) - won * z) + 0.5 * (ridge @ found**2))
