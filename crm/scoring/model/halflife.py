"""Choose the half-life of each kind of signal from its candidates, by log loss out of time."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model import hazard
from crm.scoring.model.metrics import losses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crm.scoring.model.arrays import Floats
    from crm.scoring.model.fitting import Levels
    from crm.scoring.model.months import LeadMonths

CANDIDATES = (30.0, 90.0, 180.0, 365.0)
ENOUGH = 40
BLOCKS, MOST_TRIED = 4, 100
"""Wins from which half-lives are learned; below, the defaults stay."""


def choose(
    rows_with: Callable[[Mapping[str, float]], LeadMonths],
    levels: Levels,
    defaults: Mapping[str, float],
    candidates: tuple[float, ...] = CANDIDATES,
) -> dict[str, float]:
    """Give {kind: half-life in days}.

    `rows_with` builds the same lead-months with other half-lives, in the same order. Kinds are tried one after the
    other, the others held, until nothing changes. A kind leaves its default only for a half-life whose log loss on
    later months is lower by more than its standard error.
    """
    lost: dict[tuple[float, ...], Floats | None] = {}

    def losses_with(half_lives: Mapping[str, float]) -> Floats | None:
        key = tuple(half_lives[kind] for kind in defaults)
        if key not in lost:
            lost[key] = _losses(rows_with(half_lives), levels)
        return lost[key]

    chosen = dict(defaults)
    before: dict[str, float] = {}
    if losses_with(chosen) is None:
        return chosen
    while chosen != before and len(lost) < MOST_TRIED:
        before = dict(chosen)
        for kind in defaults:
            tried = {days: losses_with({**chosen, kind: days}) for days in {*candidates, defaults[kind]}}
            found = {days: losses for days, losses in tried.items() if losses is not None}
            chosen[kind] = _better(found, defaults[kind])
    return chosen


def _better(losses: Mapping[float, Floats], default: float) -> float:
    """Give the half-life with the lowest loss, the default where none is clearly lower."""
    best = min(losses, key=lambda days: float(losses[days].sum()))
    gains = losses[default] - losses[best]
    return best if gains.mean() > gains.std() / np.sqrt(len(gains)) else default


def _losses(rows: LeadMonths, levels: Levels) -> Floats | None:
    """Log loss of each later lead-month, from the months before its block; None where there are too few wins."""
    if int(rows.signed.sum()) < ENOUGH:
        return None
    edges = [int(edge) for edge in np.quantile(rows.month, np.linspace(0.0, 1.0, BLOCKS + 1))]
    found = []
    for begin, end in pairwise([*edges[1:-1], edges[-1] + 1]):
        early, late = rows.month < begin, (rows.month >= begin) & (rows.month < end)
        if early.any() and late.any():
            fitted = hazard.fit(rows.take(early), levels, with_drops=False)
            found.append(losses(rows.signed[late], fitted.monthly(rows.codes[late], rows.age[late])))
    return np.concatenate(found) if found else None
