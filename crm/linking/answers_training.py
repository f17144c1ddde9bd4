"""Fit the weights of the finder of names to the answers of the office, with the packaged weights as prior.

Imported by the training job alone. The loss is that of a logistic regression plus the squared distance from the
packaged weights: a few answers move little, many move what they speak about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize

from crm.linking.scorer import Scorer, default_scorer
from crm.linking.thresholds import LINK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crm.linking.answers_evidence import Example

FOLDS, PRIOR, FEWEST = 5, 4.0, 10
FAR = 30.0


def train(examples: Sequence[Example]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Train on answers; None when there are too few of either sort to say anything."""
    right = sum(one.right for one in examples)
    if min(right, len(examples) - right) < FEWEST:
        return None
    base = default_scorer()
    held = _held_out(examples, base)
    figures = {**_figures(examples, held, ""), "right": right, "wrong": len(examples) - right}
    figures |= _figures(examples, [base.score(one.evidence) for one in examples], "rules_")
    fitted = fit(examples, base)
    numbers = {"bias": round(fitted.bias, 5), "weights": {name: round(w, 5) for name, w in fitted.weights.items()}}
    prior = {"weights": dict(base.weights)}
    return {**numbers, "prior": prior}, figures


def fit(examples: Sequence[Example], base: Scorer) -> Scorer:
    """Find the weights that fit the answers and stay near the packaged ones."""
    names = sorted({*base.weights, *(name for one in examples for name in one.evidence)})
    at = {name: number for number, name in enumerate(names)}
    matrix = np.zeros((len(examples), len(names) + 1))
    matrix[:, -1] = 1.0
    for number, one in enumerate(examples):
        for name, value in one.evidence.items():
            matrix[number, at[name]] = value
    wanted = np.array([float(one.right) for one in examples])
    start = np.array([*(base.weights.get(name, 0.0) for name in names), base.bias])

    def loss(weights: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        total = np.clip(matrix @ weights, -FAR, FAR)
        chance = 1 / (1 + np.exp(-total))
        away = weights - start
        value = float(np.sum(np.logaddexp(0.0, total) - wanted * total) + PRIOR / 2 * away @ away)
        return value, matrix.T @ (chance - wanted) + PRIOR * away

    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return Scorer(float(found[-1]), {name: float(found[number]) for name, number in at.items()})


def _held_out(examples: Sequence[Example], base: Scorer) -> list[float]:
    """Score each example by weights that saw neither it nor its story."""
    stories = {story: number % FOLDS for number, story in enumerate(sorted({one.story for one in examples}))}
    scores = [0.0] * len(examples)
    for fold in range(FOLDS):
        scorer = fit([one for one in examples if stories[one.story] != fold], base)
        for number, one in enumerate(examples):
            if stories[one.story] == fold:
                scores[number] = scorer.score(one.evidence)
    return scores


def _figures(examples: Sequence[Example], scores: Sequence[float], before: str) -> dict[str, float]:
    said = [score >= LINK for score in scores]
    hits = sum(yes and one.right for yes, one in zip(said, examples, strict=True))
    precision = hits / max(sum(said), 1)
    recall = hits / max(sum(one.right for one in examples), 1)
    both = {
        "precision": precision,
        "recall": recall,
        "f1": 2 * hits / max(sum(said) + sum(one.right for one in examples), 1),
    }
    return {before + name: round(value, 4) for name, value in both.items()}
