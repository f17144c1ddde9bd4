"""Speed of the card in processor time: one lead with all reasons, a million leads, a retrain of 43,000 x 14."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from crm.scoring.model import fitting
from crm.scoring.model.card import BASE, chunks, expit
from crm.scoring.model.publishing import publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm.scoring.model.card import Card

Result = TypeVar("Result")
ROWS, MILLION, SINGLES = 43_000, 1_000_000, 20_000
SIZES = (650, 650, 180, 40, 25, 12, 8, 8, 10, 10, 10, 10, 10, 10)


@dataclass(frozen=True)
class Speed:
    """Seconds of processor time, and the size of the artefact in bytes."""

    single_ms: float
    million_s: float
    retrain_s: float
    published_s: float
    artefact_bytes: int


def speed(seed: int = 4) -> Speed:
    """Measure on invented rows with two features of 650 levels."""
    chance = np.random.default_rng(seed)
    codes = np.column_stack([chance.integers(0, size, ROWS) for size in SIZES]).astype(np.int32)
    truth = [chance.normal(0.0, 0.5, size) for size in SIZES]
    z = sum(worth[codes[:, place]] for place, worth in enumerate(truth))
    won = chance.random(ROWS) < expit(np.asarray(z))
    names = tuple(tuple(f"level {level}" for level in range(size)) for size in SIZES)
    levels = fitting.Levels(tuple(f"feature {place}" for place in range(len(SIZES))), names)
    card, retrain = _timed(lambda: fitting.fit(codes, levels, won))
    published, with_platt = _timed(lambda: publish(codes, levels, won))
    many = codes[chance.integers(0, ROWS, MILLION)]
    _total, million = _timed(lambda: _rescore(card, many))
    rows = [tuple(row) for row in many[:SINGLES].tolist()]
    _points, single = _timed(lambda: [BASE + sum(card.terms_of(row)) for row in rows])
    size = len(json.dumps(published.fitted.as_json(), ensure_ascii=False, separators=(",", ":")).encode())
    return Speed(single / SINGLES * 1_000, million, retrain, with_platt, size)


def _rescore(card: Card, codes: np.ndarray) -> float:
    """Give points and all reasons of every lead, a chunk at a time, so that memory stays bounded."""
    total = 0.0
    for part in chunks(len(codes)):
        terms = card.terms(codes[part])
        total += float((BASE + terms.sum(axis=1)).sum())
    return total


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    begun = time.process_time()
    result = work()
    return result, time.process_time() - begun
