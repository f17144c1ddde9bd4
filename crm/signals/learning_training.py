"""Train the second opinion from answers: imported by the training job alone, never by the web process.

Pieces of one to three characters weighed by tf-idf, with the rules and the kind, go into a logistic regression;
five-fold cross-validation by story gives the figures and the calibration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from crm.signals.learning_score import pieces, weighed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crm.signals.learning_data import Example

FOLDS, STRENGTH, MOST_TERMS, SEEN, FEWEST = 5, 4.0, 4000, 2, 10
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of the matrix stands for what."""

    idf: dict[str, float]
    at: dict[tuple[str, str], int]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Columns:
        """Choose the pieces that stand in two texts or more, the most frequent first."""
        seen: dict[str, int] = {}
        for one in examples:
            for piece in pieces(one.text):
                seen[piece] = seen.get(piece, 0) + 1
        often = sorted((piece for piece, count in seen.items() if count >= SEEN), key=lambda p: (-seen[p], p))[
            :MOST_TERMS
        ]
        size = len(examples)
        idf = {piece: float(np.log((1 + size) / (1 + seen[piece])) + 1) for piece in often}
        names = [("term", piece) for piece in often]
        names += sorted({("rule", rule) for one in examples for rule in one.rules})
        names += sorted({("kind", one.kind) for one in examples})
        return cls(idf, {name: number for number, name in enumerate(names)})

    def matrix(self, examples: Sequence[Example]) -> sparse.csr_matrix:
        """Write examples as rows of numbers."""
        rows, columns, values = [], [], []
        for number, one in enumerate(examples):
            named = {("term", piece): value for piece, value in weighed(one.text, self.idf).items()}
            named |= {("rule", rule): 1.0 for rule in one.rules} | {("kind", one.kind): 1.0}
            for name, value in named.items():
                if name in self.at:
                    rows.append(number)
                    columns.append(self.at[name])
                    values.append(value)
        return sparse.csr_matrix((values, (rows, columns)), shape=(len(examples), len(self.at)))


def train(examples: Sequence[Example]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Train on answers; None when there are too few of either sort to say anything."""
    right = np.array([one.right for one in examples], dtype=int)
    if min(int(right.sum()), int((1 - right).sum())) < FEWEST:
        return None
    outside = _outside(examples, right)
    scale, shift = _calibrated(outside, right)
    columns = Columns.of(examples)
    model = fitted(columns.matrix(examples), right)
    chances = 1 / (1 + np.exp(-np.clip(scale * outside + shift, -30, 30)))
    figures = _figures(chances >= HALF, right, chances)
    return numbers_of(columns, model, scale, shift), figures


def fitted(matrix: sparse.csr_matrix, right: NDArray[Any]) -> LogisticRegression:
    """Fit the regression."""
    return LogisticRegression(C=STRENGTH, max_iter=2000, class_weight="balanced").fit(matrix, right)


def _outside(examples: Sequence[Example], right: NDArray[Any]) -> NDArray[Any]:
    """Score each example by a model that saw neither it nor its story."""
    found = np.zeros(len(examples))
    stories = np.array([one.story for one in examples])
    folds = StratifiedGroupKFold(n_splits=FOLDS, shuffle=True, random_state=7)
    for seen, held in folds.split(np.zeros(len(examples)), right, stories):
        learned = [examples[number] for number in seen]
        columns = Columns.of(learned)
        if len(set(right[seen])) > 1:
            model = fitted(columns.matrix(learned), right[seen])
            found[held] = model.decision_function(columns.matrix([examples[number] for number in held]))
    return found


def _calibrated(outside: NDArray[Any], right: NDArray[Any]) -> tuple[float, float]:
    """Fit the curve that turns sums into chances on scores of unseen examples."""
    model = LogisticRegression(C=1e3).fit(outside.reshape(-1, 1), right)
    return max(float(model.coef_[0][0]), 0.05), float(model.intercept_[0])


def _figures(said: NDArray[Any], right: NDArray[Any], chances: NDArray[Any]) -> dict[str, Any]:
    hits, all_right = int((said & (right == 1)).sum()), int(right.sum())
    precision = hits / max(int(said.sum()), 1)
    recall = hits / all_right
    rules = all_right / len(right)
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 4),
        "rules_precision": round(rules, 4),
        "rules_recall": 1.0,
        "rules_f1": round(2 * rules / (1 + rules), 4),
        "brier": round(float(np.mean((chances - right) ** 2)), 4),
        "right": all_right,
        "wrong": len(right) - all_right,
    }


def numbers_of(columns: Columns, model: LogisticRegression, scale: float, shift: float) -> dict[str, Any]:
    """Write a fitted regression as plain numbers, without the weights that are nothing."""
    weights = {name: round(float(model.coef_[0][number]), 5) for name, number in columns.at.items()}
    return {
        "terms": {
            piece: [round(idf, 5), weights["term", piece]]
            for piece, idf in columns.idf.items()
            if weights["term", piece]
        },
        "rules": {name: weight for (sort, name), weight in weights.items() if sort == "rule"},
        "kinds": {name: weight for (sort, name), weight in weights.items() if sort == "kind"},
        "bias": round(float(model.intercept_[0]), 5),
        "scale": round(scale, 5),
        "shift": round(shift, 5),
    }
