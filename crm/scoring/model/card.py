"""The points table in its working form: level codes in, points, reasons and probability out.

points = 50 + Σ points(feature, level), 10 points double the odds, so z = intercept + ln 2 / 10 · Σ points.
Numbers are kept as points rounded to a thousandth: what is stored, shown and computed with is the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm.scoring.model.arrays import Codes, Floats

BASE = 50.0
DOUBLING = 10.0
UNIT = math.log(2.0) / DOUBLING
"""Log-odds of one point."""

DIGITS = 3
CHUNK = 200_000
"""Rows worked on at a time, which bounds the memory of a bulk run."""


@dataclass(frozen=True)
class Trait:
    """One feature of the table: its levels, what each is worth and what it rests on."""

    key: str
    levels: tuple[str, ...]
    points: tuple[float, ...]
    seen: tuple[int, ...] = ()
    won: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Give {key, levels: {level: [points, seen, won]}}."""
        seen = self.seen or (0,) * len(self.levels)
        won = self.won or (0,) * len(self.levels)
        rows = zip(self.levels, self.points, seen, won, strict=True)
        return {"key": self.key, "levels": {level: [points, n, w] for level, points, n, w in rows}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Trait:
        """Read what `as_json` gave; a bare number of points is enough for a level."""
        rows = {level: row if isinstance(row, list) else [row, 0, 0] for level, row in data["levels"].items()}
        points, seen, won = zip(*((float(p), int(n), int(w)) for p, n, w in rows.values()), strict=True)
        return cls(data["key"], tuple(rows), points, seen, won)


@dataclass(frozen=True)
class Card:
    """A points table over level codes.

    `intercept` is the log-odds of a lead worth 50 points; `calibration` (slope, shift) turns z into the
    log-odds that are shown as a probability, None where they are the same.
    """

    traits: tuple[Trait, ...]
    intercept: float = 0.0
    calibration: tuple[float, float] | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Levels of each feature."""
        return tuple(len(trait.levels) for trait in self.traits)

    def terms_of(self, codes: Sequence[int]) -> list[float]:
        """Points of each feature of one lead, in the order of the features: its reasons, unrounded."""
        return [table[code] if 0 <= code < len(table) else 0.0 for table, code in zip(self._lists, codes, strict=True)]

    def points_of(self, codes: Sequence[int]) -> float:
        """Points of one lead: 50 + the sum of its terms."""
        return BASE + math.fsum(self.terms_of(codes))

    def z_of(self, codes: Sequence[int]) -> float:
        """Log-odds of one lead before calibration."""
        return self.intercept + UNIT * math.fsum(self.terms_of(codes))

    def terms(self, codes: Codes) -> Floats:
        """Points of each feature of each lead, [n, f]."""
        return self._flat.take(self._slots(codes))

    def points(self, codes: Codes) -> Floats:
        """Points of each lead, [n], in chunks of bounded memory."""
        total = np.empty(len(codes))
        for part in chunks(len(codes)):
            total[part] = self.terms(codes[part]).sum(axis=1)
        return BASE + total

    def z(self, codes: Codes) -> Floats:
        """Log-odds of each lead before calibration, [n]."""
        return self.intercept + UNIT * (self.points(codes) - BASE)

    def probability(self, codes: Codes) -> Floats:
        """Calibrated probability of each lead, [n]."""
        slope, shift = self.calibration or (1.0, 0.0)
        return expit(slope * self.z(codes) + shift)

    def calibrated(self, calibration: tuple[float, float] | None) -> Card:
        """Give the same table with another calibration."""
        return replace(self, calibration=calibration)

    def as_json(self) -> dict[str, Any]:
        """Give the artefact: everything as plain numbers and strings."""
        return {
            "intercept": self.intercept,
            "calibration": list(self.calibration) if self.calibration else None,
            "features": [trait.as_json() for trait in self.traits],
            "about": dict(self.about),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Card:
        """Read an artefact; only the features are needed, so that a table can be written by hand."""
        pair = data.get("calibration")
        return cls(
            traits=tuple(Trait.from_json(row) for row in data["features"]),
            intercept=float(data.get("intercept", 0.0)),
            calibration=(float(pair[0]), float(pair[1])) if pair else None,
            about=data.get("about") or {},
        )

    @cached_property
    def _lists(self) -> list[list[float]]:
        return [list(trait.points) for trait in self.traits]

    @cached_property
    def _flat(self) -> Floats:
        """All points in a row, with a zero at the end for what is unseen."""
        return np.array([*(points for trait in self.traits for points in trait.points), 0.0])

    def _slots(self, codes: Codes) -> Codes:
        return slots(codes, self.sizes)


def slots(codes: Codes, sizes: Sequence[int]) -> Codes:
    """Turn codes [n, f] into places in one row of all levels; the last place is for what is unseen."""
    counts = np.asarray(sizes, dtype=np.int32)
    begins = np.concatenate(([0], np.cumsum(counts)))[:-1].astype(np.int32)
    known = (codes >= 0) & (codes < counts)
    return np.where(known, codes + begins, int(counts.sum())).astype(np.int32, copy=False)


def chunks(rows: int, size: int = CHUNK) -> list[slice]:
    """Cut a number of rows into slices of bounded length."""
    edges = [*range(0, rows, size), rows]
    return [slice(begin, end) for begin, end in pairwise(edges)]


def expit(z: Floats) -> Floats:
    """Log-odds to probability, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * z)), dtype=np.float64)


def logit(share: float) -> float:
    """Probability to log-odds, kept away from the ends."""
    kept = min(max(share, 1e-6), 1.0 - 1e-6)
    return math.log(kept / (1.0 - kept))
