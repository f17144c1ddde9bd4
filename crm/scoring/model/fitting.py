"""Fit a card: ridge logistic regression whose prior is the experts' table.

z = a + b · expert(x) + Σ δ(feature, level), with a ~ N(logit of the base rate, 2), b ~ N(1, 0.5) and
δ ~ N(0, spread of the feature). With no data this is the experts' table, with much data it is the data.
SciPy is loaded by the first fit only: applying a card needs NumPy alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model.card import DIGITS, UNIT, Card, Trait, expit, logit, slots
from crm.scoring.model.newton import newton

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from crm.scoring.model.arrays import Codes, Flags, Floats

BASE_SPREAD, TOLD_SPREAD, EXPERT_SPREAD = 2.0, 0.2, 0.5
SPREADS = ((400, 0.25), (5_000, 0.5))
FEW_WINS, FEW_SPREAD, FEW_EXPERT = 10, 0.1, 0.25
WIDE_SPREAD = 1.0
RARE = 5
ROUNDS = 4
POOLING_FLOOR = 40
LEAST_SPREAD = 0.02
CLOSE = 1e-9
PRIOR_LEVELS, HABIT = 2.0, 0.3


@dataclass(frozen=True)
class Levels:
    """What the codes mean: keys of features and of their levels, and the experts' points per level."""

    keys: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    expert: tuple[tuple[float, ...], ...] | None = None

    @property
    def sizes(self) -> tuple[int, ...]:
        """Levels of each feature."""
        return tuple(len(levels) for levels in self.levels)


@dataclass(frozen=True)
class Choice:
    """How to fit; the defaults need no tuning.

    `base_rate`: what the administrator says (trusted like 25 wins), else the data. `spread`: standard deviation of
    what data may add to a level, by the number of closed leads when None. `pooled`: learn the spread of each
    feature; `spreads` gives them instead.
    """

    base_rate: float | None = None
    spread: float | None = None
    pooled: bool = True
    spreads: tuple[float, ...] | None = None
    rare: int = RARE


DEFAULT = Choice()


def spread_for(closed: int, wins: float) -> float:
    """Standard deviation of what data may add to a level, by the number of closed leads and of the rarer outcome."""
    if wins < FEW_WINS:
        return FEW_SPREAD
    return next((spread for most, spread in SPREADS if closed <= most), WIDE_SPREAD)


def fit(codes: Codes, levels: Levels, won: Flags, *, weights: Floats | None = None, choice: Choice = DEFAULT) -> Card:
    """Fit a card to level codes [n, f] and outcomes [n].

    `weights` [n] count rows more or less than once. Levels seen fewer than `choice.rare` times keep what the
    experts say. No rows give the experts' table itself.
    """
    counted = np.ones(len(won)) if weights is None else np.asarray(weights, dtype=np.float64)
    problem = _Problem.of(codes, levels, np.asarray(won, dtype=np.float64), counted, choice)
    spread = choice.spread or spread_for(len(won), problem.rarer)
    spreads = np.full(len(levels.keys), spread) if choice.spreads is None else np.array(choice.spreads)
    state = problem.start()
    if len(won):
        state = problem.solve(state, spreads)
    if choice.pooled and choice.spreads is None and problem.rarer >= POOLING_FLOOR:
        for _round in range(ROUNDS):
            spreads = problem.spreads(state, spreads, spread)
            state = problem.solve(state, spreads)
    return problem.card(state, spreads)


def shifted(codes: Codes, levels: Levels, won: Flags) -> Card:
    """Give the experts' table as it stands; only the intercept is fitted, so that its mean is the base rate."""
    plain = fit(codes[:0], levels, won[:0], choice=Choice(pooled=False))
    if not len(won):
        return plain
    wanted = float((np.sum(won) + 0.5) / (len(won) + 1.0))
    return replace(plain, intercept=centre(plain.z(codes) - plain.intercept, np.ones(len(won)), wanted))


def centre(z: Floats, weights: Floats, wanted: float) -> float:
    """Give what to add to log-odds [n] so that the mean probability is as wanted."""
    low, high = -40.0, 40.0
    while high - low > CLOSE:
        middle = (low + high) / 2.0
        below = float((weights * expit(z + middle)).sum()) < wanted * float(weights.sum())
        low, high = (middle, high) if below else (low, middle)
    return (low + high) / 2.0


@dataclass(frozen=True)
class _Problem:
    """Rows as a sparse matrix of levels, and the sums that do not change while fitting.

    While fitting, levels and experts are counted from their mean, so that the intercept is the base rate and its
    prior holds: else the commonest level of each feature would be one more intercept, with a wide prior.
    """

    levels: Levels
    rows: csr_matrix
    columns: csr_matrix
    shares: Floats
    expert: Floats
    expert_mean: float
    expert_points: Floats
    won: Floats
    weights: Floats
    seen: Floats
    wins_by_level: Floats
    feature_of: Codes
    middle: float
    base_spread: float

    @classmethod
    def of(cls, codes: Codes, levels: Levels, won: Floats, weights: Floats, choice: Choice) -> _Problem:
        """Count levels and leave out the rare ones."""
        total = sum(levels.sizes)
        places = slots(codes, levels.sizes) if len(codes) else np.empty((0, len(levels.keys)), dtype=np.int32)
        flat, repeated = places.ravel(), np.repeat(weights, len(levels.keys))
        seen = np.bincount(flat, weights=repeated, minlength=total + 1)[:total]
        wins = np.bincount(flat, weights=repeated * np.repeat(won, len(levels.keys)), minlength=total + 1)[:total]
        keep = np.append(seen >= choice.rare, False)
        points = [point for feature in levels.expert or () for point in feature] or [0.0] * total
        expert_points = np.array([*points, 0.0])
        base = choice.base_rate if choice.base_rate is not None else _share(won, weights)
        expert = UNIT * expert_points[places].sum(axis=1)
        mean = float((weights * expert).sum()) / max(float(weights.sum()), 1.0)
        rows = _matrix(np.where(keep[places], places, total), total)
        shares = np.where(keep[:total], seen, 0.0) / max(float(weights.sum()), 1.0)
        return cls(
            levels=levels,
            rows=rows,
            columns=rows.T.tocsr(),
            shares=shares,
            expert=expert - mean,
            expert_mean=mean,
            expert_points=expert_points[:total],
            won=won,
            weights=weights,
            seen=np.asarray(seen, dtype=np.float64),
            wins_by_level=np.asarray(wins, dtype=np.float64),
            feature_of=np.repeat(np.arange(len(levels.keys)), levels.sizes),
            middle=centre(expert - mean, weights, base) if levels.expert and len(won) else logit(base),
            base_spread=BASE_SPREAD if choice.base_rate is None else TOLD_SPREAD,
        )

    @property
    def wins(self) -> float:
        """Weighted number of won rows."""
        return float((self.weights * self.won).sum())

    @property
    def rarer(self) -> float:
        """Weighted number of the rarer outcome."""
        return min(self.wins, float(self.weights.sum()) - self.wins)

    def start(self) -> Floats:
        """Begin at the experts' table: intercept, its weight, nothing added to any level."""
        return np.concatenate(([self.middle, 1.0], np.zeros(len(self.seen))))

    def solve(self, state: Floats, spreads: Floats) -> Floats:
        """Find the most likely intercept, weight of the experts and additions to the levels."""
        spread = np.maximum(spreads, LEAST_SPREAD)[self.feature_of]
        of_expert = FEW_EXPERT if self.rarer < FEW_WINS else EXPERT_SPREAD
        precision = np.concatenate(([self.base_spread**-2, of_expert**-2], spread**-2.0))
        return newton(state, self.start(), precision, self)

    def value(self, state: Floats) -> float:
        """Give the log loss of all rows."""
        z = self._z(state)
        return float((self.weights * (np.logaddexp(0.0, z) - self.won * z)).sum())

    def slope(self, state: Floats) -> tuple[Floats, Floats]:
        """Give the gradient of the log loss and how much each row still tells."""
        chance = self._chance(state)
        return self._fold(self.weights * (chance - self.won)), self.weights * chance * (1.0 - chance)

    def bend(self, sure: Floats, direction: Floats) -> Floats:
        """Give the Hessian of the log loss times a direction."""
        return self._fold(sure * self._z(direction))

    def information(self, sure: Floats) -> Floats:
        """Give the diagonal of the Hessian."""
        total, by_level = sure.sum(), self.columns @ sure
        levels = by_level - self.shares * (2.0 * by_level - self.shares * total)
        return np.concatenate(([total, (sure * self.expert**2).sum()], levels))

    def spreads(self, state: Floats, spreads: Floats, widest: float) -> Floats:
        """Learn the spread of each feature from its levels (empirical Bayes): noise shrinks itself away."""
        prior = np.maximum(spreads, LEAST_SPREAD) ** -2.0
        doubt = 1.0 / (self.information(self.slope(state)[1])[2:] + prior[self.feature_of])
        size = np.bincount(self.feature_of, minlength=len(spreads))
        squares = np.bincount(self.feature_of, weights=state[2:] ** 2 + doubt, minlength=len(spreads))
        learned: Floats = np.sqrt((PRIOR_LEVELS * (HABIT * widest) ** 2 + squares) / (PRIOR_LEVELS + size))
        return learned

    def card(self, state: Floats, spreads: Floats) -> Card:
        """Write the fitted numbers as a table of points."""
        points = np.round(state[1] * self.expert_points + state[2:] / UNIT, DIGITS) + 0.0
        edges = np.concatenate(([0], np.cumsum(self.levels.sizes)))
        traits = tuple(
            Trait(
                key=key,
                levels=names,
                points=tuple(points[begin:end].tolist()),
                seen=tuple(int(n) for n in self.seen[begin:end]),
                won=tuple(int(n) for n in self.wins_by_level[begin:end]),
            )
            for key, names, begin, end in zip(self.levels.keys, self.levels.levels, edges, edges[1:], strict=False)
        )
        about = {
            "rows": len(self.won),
            "won": round(self.wins, 3),
            "expert_weight": round(float(state[1]), 4) if self.levels.expert else None,
            "spreads": dict(zip(self.levels.keys, np.round(spreads, 3).tolist(), strict=True)),
        }
        shift = state[1] * self.expert_mean + float((self.shares * state[2:]).sum())
        return Card(traits, intercept=float(state[0] - shift), about=about)

    def _z(self, state: Floats) -> Floats:
        shift = state[0] - (self.shares * state[2:]).sum()
        return np.asarray(shift + state[1] * self.expert + self.rows @ state[2:])

    def _chance(self, state: Floats) -> Floats:
        return expit(self._z(state))

    def _fold(self, residual: Floats) -> Floats:
        total = residual.sum()
        levels = self.columns @ residual - self.shares * total
        return np.concatenate(([total, (residual * self.expert).sum()], levels))


def _share(won: Floats, weights: Floats) -> float:
    total = float(weights.sum())
    return float((weights * won).sum()) / total if total else 0.5


def _matrix(places: Codes, total: int) -> csr_matrix:
    """One row a lead, a one where it has a level; the last place is left out."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 -- the web service applies cards without SciPy's 24 MB

    kept = places < total
    ends = np.concatenate(([0], np.cumsum(kept.sum(axis=1))))
    return csr_matrix((np.ones(int(ends[-1])), places[kept], ends), shape=(len(places), total))
