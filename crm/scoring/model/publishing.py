"""From rows to a table that may be shown: fitted, calibrated out of fold, and held back where it knows nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model import fitting, platt
from crm.scoring.model.card import Card, expit
from crm.scoring.model.fitting import Choice
from crm.scoring.model.gate import Gate, decide
from crm.scoring.model.metrics import losses
from crm.scoring.model.splits import folds

if TYPE_CHECKING:
    from crm.scoring.model.arrays import Codes, Flags, Floats
    from crm.scoring.model.fitting import Levels

FOLDS, SEED = 5, 11
PARTS, SURE = 5, 2.0
FEWEST = 10
"""Wins, and losses, below which nothing is said but the base rate or the experts' table."""


@dataclass(frozen=True)
class Published:
    """What goes live: the fitted card, or the plain one where the gate stayed shut. `fitted` is shown beside it."""

    card: Card
    fitted: Card
    gate: Gate

    @property
    def has_signal(self) -> bool:
        """Whether the fitted card was better than the plain one in enough resamples."""
        return self.gate.publish


def publish(
    codes: Codes,
    levels: Levels,
    won: Flags,
    *,
    groups: Codes | None = None,
    when: Floats | None = None,
    choice: Choice | None = None,
) -> Published:
    """Fit a card to codes [n, f] and outcomes [n], calibrate it out of fold, and decide whether it may be shown.

    The plain card it must beat is the experts' table, or the base rate where there is none. `when` [n] is the
    time of the rows: intercept and slope come from the latest part alone where that served better in the past.
    """
    chosen = choice or Choice()
    fitted, plain = fitting.fit(codes, levels, won, choice=chosen), fitting.shifted(codes, levels, won)
    if min(int(np.sum(won)), int(np.sum(~won))) < FEWEST:
        return Published(plain, fitted, decide(won[:0], np.empty(0), np.empty(0)))
    z, plain_z = _out_of_fold(codes, levels, won, groups, _settled(fitted, chosen))
    fitted = fitted.calibrated(calibration(z, won, when))
    gate = decide(won, _cross_calibrated(z, won, groups), expit(plain_z), groups=groups)
    return Published(fitted if gate.publish else plain, fitted, gate)


def _settled(card: Card, choice: Choice) -> Choice:
    """Keep the spreads that all rows gave, so that the folds need no search of their own."""
    return replace(choice, spreads=tuple(card.about["spreads"][trait.key] for trait in card.traits))


def _out_of_fold(
    codes: Codes, levels: Levels, won: Flags, groups: Codes | None, choice: Choice
) -> tuple[Floats, Floats]:
    """Log-odds of the fitted and of the plain card for each row, from rows of other folds."""
    fold = folds(won, FOLDS, SEED, groups)
    fitted, plain = np.zeros(len(won)), np.zeros(len(won))
    for number in np.unique(fold):
        held, used = fold == number, fold != number
        fitted[held] = fitting.fit(codes[used], levels, won[used], choice=choice).z(codes[held])
        plain[held] = fitting.shifted(codes[used], levels, won[used]).z(codes[held])
    return fitted, plain


def calibration(z: Floats, won: Flags, when: Floats | None) -> tuple[float, float]:
    """Give slope and shift, from all rows or from the latest part alone.

    Each part of the time is predicted once from all before it and once from the part just before it. The latest
    part stands alone only if that lost clearly less, and only with enough wins and losses in it.
    """
    parts = [] if when is None else np.array_split(np.argsort(when, kind="stable"), PARTS)
    alone = [min(int(won[part].sum()), int((~won[part]).sum())) >= platt.ENOUGH for part in parts]
    gains = [np.empty(0)]
    for number in range(2, len(parts)):
        if alone[number - 1]:
            early, near, now = np.concatenate(parts[:number]), parts[number - 1], parts[number]
            ways = [losses(won[now], _sigmoid(z[now], platt.fit(z[past], won[past]))) for past in (early, near)]
            gains.append(ways[0] - ways[1])
    gained = np.concatenate(gains)
    if len(gained) and alone[-1] and gained.mean() > SURE * gained.std() / np.sqrt(len(gained)):
        return platt.fit(z[parts[-1]], won[parts[-1]])
    return platt.fit(z, won)


def _sigmoid(z: Floats, calibration: tuple[float, float]) -> Floats:
    return expit(calibration[0] * z + calibration[1])


def _cross_calibrated(z: Floats, won: Flags, groups: Codes | None) -> Floats:
    """Calibrate each half of the rows by the other, so that the gate sees no fit to its own rows."""
    half, chance = folds(won, 2, SEED + 1, groups), np.empty(len(z))
    for number in (0, 1):
        chance[half == number] = _sigmoid(z[half == number], platt.fit(z[half != number], won[half != number]))
    return chance
