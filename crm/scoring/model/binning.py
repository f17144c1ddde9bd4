"""Cut columns into levels: quantile bins for numbers, one level for each value seen often enough.

Whole numbers with many repeated values may be numbers or labels in disguise (a label-encoded owner). They get
both: a bin, and inside it a level of their own, which shrinkage keeps only where it tells something.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model.fitting import RARE, Levels
from crm.scoring.model.frame import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.scoring.model.arrays import Codes, Floats
    from crm.scoring.model.frame import Column, Frame

BINS = 10
OWN_VALUES, REPEATED, DENSE = 3_000, 10, 0.9
GONE = "缺失"


@dataclass(frozen=True)
class Cut:
    """How one column becomes one column of codes, [bins or names…, missing]; −1 is unseen."""

    key: str
    labels: tuple[str, ...]
    edges: Floats | None = None
    own: Floats | None = None

    def codes(self, column: Column) -> Codes:
        """Cut a column [n] into level codes [n]."""
        gone, values = column.missing, np.nan_to_num(column.values)
        if self.edges is not None:
            found = np.searchsorted(self.edges, values, side="right")
        elif self.own is not None:
            found = np.searchsorted(self.own, values).clip(max=len(self.own) - 1)
            found = np.where(self.own[found] == values, found, -1)
        else:
            places = {label: place for place, label in enumerate(self.labels)}
            table = np.array([places.get(name, -1) for name in column.names] or [-1])
            found = table[values.astype(np.int64)]
        last = len(self.labels) - 1 if self.labels[-1] == GONE else -1
        return np.where(gone, last, found).astype(np.int32)


@dataclass(frozen=True)
class Cuts:
    """All cuts of a frame, in the order of the codes."""

    cuts: tuple[Cut, ...]

    @property
    def levels(self) -> Levels:
        """What the codes mean."""
        return Levels(tuple(cut.key for cut in self.cuts), tuple(cut.labels for cut in self.cuts))

    def codes(self, frame: Frame) -> Codes:
        """Cut a frame of n rows into codes [n, f]."""
        columns = {column.key: column for column in frame.columns}
        if not self.cuts:
            return np.empty((frame.rows, 0), dtype=np.int32)
        return np.column_stack([cut.codes(columns[cut.key.removesuffix(OWN)]) for cut in self.cuts])


OWN = " ="
"""Ends the key of the second cut of a column, whose levels are single values."""


def cut(frame: Frame, bins: int = BINS, rare: int = RARE, also: Mapping[str, tuple[float, ...]] | None = None) -> Cuts:
    """Learn the cuts from the rows of a frame; `also` names numbers at which a column must part."""
    cuts: list[Cut] = []
    for column in frame.columns:
        if column.kind is Kind.CATEGORY:
            cuts.append(_names(column, rare))
        else:
            cuts.append(_bins(column, bins, rare, (also or {}).get(column.key, ())))
            own = _own(column, bins, rare)
            if own:
                cuts.append(own)
    return Cuts(tuple(one for one in cuts if one.labels))


def quintiles(frame: Frame) -> Cuts:
    """Learn the cuts for naive Bayes: numbers in five bins, every value of a category or of labels in disguise."""
    made = [_counted(column) for column in frame.columns]
    told = [replace(one, labels=tuple(label for label in one.labels if label != GONE)) for one in made]
    return Cuts(tuple(one for one in told if one.labels))


def _counted(column: Column) -> Cut:
    if column.kind is Kind.CATEGORY:
        return _names(column, 1)
    values = np.unique(column.values[~column.missing])
    if BINS < len(values) <= OWN_VALUES and values[0] in {0.0, 1.0} and DENSE * (values[-1] + 1.0) <= len(values):
        return Cut(column.key, tuple(f"{value:.10g}" for value in values), own=values)
    return _bins(column, 5, 1)


def _names(column: Column, rare: int) -> Cut:
    counts = np.bincount(column.values[~column.missing].astype(np.int64), minlength=len(column.names))
    kept = np.flatnonzero(counts >= rare)
    return Cut(column.key, (*(column.names[k] for k in kept), *_gone(column, rare)))


def _bins(column: Column, bins: int, rare: int, also: tuple[float, ...] = ()) -> Cut:
    told = column.values[~column.missing]
    distinct = np.unique(told)
    if len(distinct) <= bins:
        edges = (distinct[1:] + distinct[:-1]) / 2.0
    else:
        edges = np.unique(np.quantile(told, np.linspace(0.0, 1.0, bins + 1)[1:-1], method="higher"))
        edges = edges[edges > distinct[0]]
    edges = np.unique(np.append(edges, also))
    return Cut(column.key, (*_ranges(edges), *_gone(column, rare)), edges=edges)


def _ranges(edges: Floats) -> list[str]:
    shown = [f"{edge:.6g}" for edge in edges]
    if not shown:
        return ["*"]
    return [f"<{shown[0]}", *(f"{low}..{high}" for low, high in pairwise(shown)), f"≥{shown[-1]}"]


def _own(column: Column, bins: int, rare: int) -> Cut | None:
    told = column.values[~column.missing]
    values, counts = np.unique(told, return_counts=True)
    if not bins < len(values) <= min(OWN_VALUES, len(told) / REPEATED):
        return None
    kept = np.asarray(values[counts >= rare], dtype=np.float64)
    return Cut(column.key + OWN, tuple(f"{value:.10g}" for value in kept), own=kept) if len(kept) else None


def _gone(column: Column, rare: int) -> tuple[str, ...]:
    return (GONE,) if int(column.missing.sum()) >= rare else ()
