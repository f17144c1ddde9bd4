"""Honest tests of a model: five folds, a split by time, and a rolling origin month by month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model import hazard
from crm.scoring.model.bayes import NaiveBayes
from crm.scoring.model.gate import Gate, decide
from crm.scoring.model.metrics import Metrics, measure

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm.scoring.model.arrays import Codes, Flags, Floats
    from crm.scoring.model.fitting import Choice, Levels
    from crm.scoring.model.months import LeadMonths

LEAST_ROWS = 50
CARD, EXPERT, BAYES, BASE = "card", "expert", "naive_bayes", "base_rate"


@dataclass(frozen=True)
class Rolling:
    """Predictions made on the 1st of each month and what happened within the horizon.

    month, lead, won [n] and chance: {model: [n]} for card, expert, naive_bayes and base_rate. `too_old` leads
    had no probability, because no lead of their age had been seen.
    """

    horizon: int
    month: Codes
    lead: Codes
    won: Flags
    chance: dict[str, Floats]
    too_old: int = 0

    def metrics(self) -> dict[str, Metrics]:
        """Measures of each model over all months."""
        return {name: measure(self.won, chance) for name, chance in self.chance.items()}

    def by_quarter(self) -> list[tuple[int, int, float, int]]:
        """(first month of the quarter, leads, predicted signings, actual signings), by month of prediction."""
        quarter = self.month // 3 * 3
        return [
            (int(begin), int(at.sum()), float(self.chance[CARD][at].sum()), int(self.won[at].sum()))
            for begin in np.unique(quarter)
            for at in [quarter == begin]
        ]

    def gate(self, champion: str = EXPERT) -> Gate:
        """Is the card's log loss lower than the champion's in enough resamples of leads?"""
        return decide(self.won, self.chance[CARD], self.chance[champion], groups=self.lead)

    @property
    def has_signal(self) -> bool:
        """Whether the card beats saying the base rate."""
        return self.gate(BASE).publish


def rolling(
    rows: LeadMonths,
    levels: Levels,
    *,
    horizon: int,
    origins: int = 12,
    choice: Choice | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Rolling:
    """Walk along the months: train on what was known on the 1st, predict the leads open then.

    The last `origins` months whose horizon is fully observed are used; a month with fewer than `LEAST_ROWS`
    known rows is skipped, and so are leads older than any age known at the time. base_rate: the same hazard
    for all. expert: the experts' table (levels.expert) with that base rate. naive_bayes: counts leads of
    earlier months whose horizon was over. `progress(done, all)` is called after each month.
    """
    last = int(rows.month.max()) - horizon + 1 if len(rows) else 0
    first = max(int(rows.month.min()) + 1, last - origins + 1) if len(rows) else 1
    won = rows.signed_within(horizon)
    parts = []
    for month in range(first, last + 1):
        known = rows.known_at(month)
        if len(known) >= LEAST_ROWS:
            now = np.flatnonzero(rows.month == month)
            parts.append(_origin(known, rows.take(now), won[now], levels, horizon, choice))
        if progress:
            progress(month - first + 1, last + 1 - first)
    return _joined(parts, horizon)


def _origin(
    known: LeadMonths, now: LeadMonths, won: Flags, levels: Levels, horizon: int, choice: Choice | None
) -> Rolling:
    """Predict the leads of one month by each model."""
    over = known.month + horizon <= int(now.month[0]) if len(now) else np.zeros(len(known), dtype=bool)
    past = known.take(over)
    bayes = NaiveBayes.fit(past.codes, levels.sizes, known.signed_within(horizon)[over])
    chance = {
        CARD: hazard.fit(known, levels, horizon=horizon, choice=choice).within(now.codes, now.age, horizon),
        EXPERT: hazard.expert(known, levels).within(now.codes, now.age, horizon),
        BAYES: bayes.probability(now.codes),
        BASE: hazard.base(known).within(now.codes[:, :0], now.age, horizon),
    }
    shown = np.isfinite(chance[CARD])
    kept = {name: values[shown] for name, values in chance.items()}
    return Rolling(horizon, now.month[shown], now.lead[shown], won[shown], kept, int(np.sum(~shown)))


def _joined(parts: list[Rolling], horizon: int) -> Rolling:
    if not parts:
        none = np.empty(0, dtype=np.int64)
        empty = {name: np.empty(0) for name in (CARD, EXPERT, BAYES, BASE)}
        return Rolling(horizon, none, none, np.empty(0, dtype=bool), empty)
    return Rolling(
        horizon,
        np.concatenate([part.month for part in parts]),
        np.concatenate([part.lead for part in parts]),
        np.concatenate([part.won for part in parts]),
        {name: np.concatenate([part.chance[name] for part in parts]) for name in parts[0].chance},
        sum(part.too_old for part in parts),
    )
