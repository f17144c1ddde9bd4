"""Fit the weights of linking: a logistic regression that keeps the signs that make sense."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from crm.linking.scorer import Scorer

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = tuple[dict[str, float], bool, float]
RARE, STRENGTH = 3, 1.0
FOR = """
    cue_before cue_after legal_suffix group_suffix own_code some_code joined elsewhere elsewhere_firm left_hint
    right_hint cues word_cues two_cues derived_cues derived_elsewhere word_left word_right two_left two_right peer
    own_stock home own_trade later_own company listed famous word_famous two_famous legal_name distinct own_longer
    trade seat finance word_finance subject
"""
AGAINST = """
    left_bits right_bits left_cut right_cut crosses left_stray tail longer_name member unit local_branch seated_legal
    foreign seated ordinary word common ambiguous derived shared extended inside other_longer titled club product
    other_code leisure word_leisure plainness unit_noun latin_on share_group share_name beside later_code member_seat
"""
SIGNS = {**dict.fromkeys(FOR.split(), (0.0, None)), **dict.fromkeys(AGAINST.split(), (None, 0.0))}


def fit(rows: Sequence[Row], strength: float = STRENGTH) -> Scorer:
    """Fit a logistic regression on the properties that occur in enough rows, keeping the signs that make sense."""
    seen = Counter(name for evidence, _right, _weight in rows for name, value in evidence.items() if value)
    properties = sorted(name for name, times in seen.items() if times >= RARE)
    table = np.array([[1.0, *(evidence.get(name, 0.0) for name in properties)] for evidence, _right, _weight in rows])
    sides = np.array([1.0 if right else -1.0 for _evidence, right, _weight in rows])
    shares = np.array([weight for _evidence, _right, weight in rows])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margins = sides * (table @ weights)
        held = weights.copy()
        held[0] = 0.0
        value = float(np.sum(shares * np.logaddexp(0.0, -margins)) + held @ held / (2 * strength))
        slope = -(table.T @ (shares * sides / (1.0 + np.exp(np.clip(margins, -30, 30))))) + held / strength
        return value, slope

    bounds = [(None, None), *(SIGNS.get(name, (None, None)) for name in properties)]
    found = minimize(loss, np.zeros(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 600})
    weights = [round(float(value), 3) for value in found.x]
    return Scorer(weights[0], {name: value for name, value in zip(properties, weights[1:], strict=True) if value})
