"""A million leads at once: levels, whole points and log-odds as arrays, equal to what one lead gets. Pure, numpy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from crm.scoring.levels import FADING
from crm.scoring.rules import HIGHEST, LOWEST
from crm.scoring.table import EVEN, UNIT, Axis, Feature, PointsTable, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

Codes: TypeAlias = NDArray[np.int8]
Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
DAY = 86_400.0
CHUNK = 50_000


@dataclass(frozen=True)
class SumColumns:
    """One running sum of n leads, now: decayed values, counts (0: none), newest moment in seconds, and its row."""

    value: Floats
    count: Ints
    newest: Floats
    row: Ints


@dataclass(frozen=True)
class Block:
    """Scores of n leads: whole points of each feature [n, f], what the limit of the scale took, and the sums."""

    whole: NDArray[np.int16]
    limit: NDArray[np.int16]
    points: NDArray[np.int16]
    fit: NDArray[np.int16]
    intent: NDArray[np.int16]
    grade: NDArray[np.int8]
    z: Floats


def scored(codes: Codes, table: PointsTable) -> Block:
    """Score level codes [n, f], in the order of the table, in chunks of bounded memory."""
    parts = [_scored(codes[start : start + CHUNK], table) for start in range(0, max(len(codes), 1), CHUNK)]
    names = Block.__dataclass_fields__
    return parts[0] if len(parts) == 1 else Block(*(np.concatenate([getattr(p, n) for p in parts]) for n in names))


def _scored(codes: Codes, table: PointsTable) -> Block:
    worth, fit_axis = _packed(table)
    terms = worth[np.arange(codes.shape[1]), codes]
    total = np.round(terms.sum(axis=1), 6)
    floors = np.floor(terms)
    whole = floors.astype(np.int16)
    missing = (np.floor(total + 0.5) - floors.sum(axis=1)).astype(np.int64)
    order = np.argsort(floors - terms, axis=1, kind="stable")
    rows, places = np.nonzero(np.arange(codes.shape[1]) < missing[:, None])
    whole[rows, order[rows, places]] += 1
    fit = whole[:, fit_axis].sum(axis=1).astype(np.int16)
    intent = whole[:, ~fit_axis].sum(axis=1).astype(np.int16)
    summed = table.base + fit + intent
    points = np.clip(summed, LOWEST, HIGHEST).astype(np.int16)
    limit = (points - summed).astype(np.int16)
    borders = np.array([at_least for at_least, _grade in table.grades])
    grade = np.argmax(points[:, None] >= borders, axis=1).astype(np.int8)
    z = table.a + UNIT * terms.sum(axis=1)
    return Block(whole, limit, points, (fit + limit).astype(np.int16), intent, grade, z)


@lru_cache(maxsize=8)
def _worth(points: tuple[tuple[float, ...], ...]) -> Floats:
    widest = max(len(row) for row in points)
    return np.array([row + (0.0,) * (widest - len(row)) for row in points])


def _packed(table: PointsTable) -> tuple[Floats, NDArray[np.bool_]]:
    worth = _worth(tuple(tuple(float(level.points) for level in one.levels) for one in table.features))
    return worth, np.array([one.axis is Axis.FIT for one in table.features])


def fading(feature: Feature) -> bool:
    """Whether a feature looks at running sums, so that time alone changes it."""
    return feature.rule in FADING


def codes_of(feature: Feature, sums: Mapping[str, SumColumns], now: float, n: int) -> tuple[Codes, Ints]:
    """Give the codes of a fading feature for n leads, and which of its sums decided (an index into :func:`sources`)."""
    if feature.rule in {Rule.MASS, Rule.DAYS}:
        column = sums.get(feature.source)
        if column is None:
            return np.zeros(n, np.int8), np.zeros(n, np.int64)
        value = column.value if feature.rule is Rule.MASS else (now - column.newest) / DAY
        return np.where(column.count > 0, _numbered(feature, value), 0).astype(np.int8), np.zeros(n, np.int64)
    return _recent(feature, sums, now, n)


def sources(feature: Feature, sums: Mapping[str, SumColumns]) -> list[str]:
    """Names of the sums a feature looks at."""
    if feature.rule in {Rule.MASS, Rule.DAYS}:
        return [feature.source]
    return sorted(name for name in sums if name.startswith(f"{feature.source}_"))


def _numbered(feature: Feature, value: Floats) -> NDArray[np.int64]:
    edges = np.array([level.at_least for level in feature.levels[1:]], dtype=np.float64) - EVEN
    return np.searchsorted(edges, value, side="right")


def _recent(feature: Feature, sums: Mapping[str, SumColumns], now: float, n: int) -> tuple[Codes, Ints]:
    """Decide by the newest sum in the window, or by the highest."""
    names = sources(feature, sums)
    best, which, code = np.full(n, -np.inf), np.zeros(n, np.int64), np.zeros(n, np.int64)
    row = np.full(n, -1, dtype=np.int64)
    window = (feature.window_days or np.inf) * DAY
    for place, name in enumerate(names):
        column, key = sums[name], name.removeprefix(f"{feature.source}_")
        highest = feature.rule is Rule.HIGHEST
        rank = np.full(n, float(key)) if highest else column.newest
        own = _numbered(feature, np.array([float(key)]))[0] if highest else feature.codes.get(key, 0)
        wins = (column.count > 0) & (now - column.newest <= window)
        wins &= (rank > best) | ((rank == best) & (column.row > row))
        best, which = np.where(wins, rank, best), np.where(wins, place, which)
        row, code = np.where(wins, column.row, row), np.where(wins, own, code)
    return code.astype(np.int8), which
