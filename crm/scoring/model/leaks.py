"""Columns that know the outcome, and rows that come in batches with one outcome."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model.binning import cut
from crm.scoring.model.frame import Frame, Kind
from crm.scoring.model.metrics import auc
from crm.scoring.model.splits import by_time

if TYPE_CHECKING:
    from crm.scoring.model.arrays import Codes, Flags, Floats
    from crm.scoring.model.frame import Column

TOO_GOOD = 0.95
ONLY_ONE_SIDE, DIFFERENT = 0.9, 0.2
SUSPECT = 0.85
CALENDAR, MANY = 0.6, 50
BATCHED, MORE_ALIKE = 0.1, 0.1
SMOOTH = 5.0
LATE_NAME = re.compile(
    r"duration|clos(e|ed|ing)|stage.?change|reason|probab|last.?(modif|activity|stage)|days.?(to|in)|(^|[^a-z])(won|lost)"
    r"|时长|历时|周期|关闭|结束|成交|签约|败因|原因|赢率|概率|最后|最近",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Single:
    """What one column alone tells: AUC out of time, and the share missing among won and lost."""

    key: str
    auc: float
    missing_won: float
    missing_lost: float

    @property
    def gap(self) -> float:
        """Difference of the shares missing."""
        return abs(self.missing_won - self.missing_lost)

    @property
    def leaks(self) -> str | None:
        """Why the column may not be used, None where it may."""
        if self.auc > TOO_GOOD:
            return "leak_auc"
        return "leak_missing" if self.gap >= ONLY_ONE_SIDE else None

    @property
    def suspect(self) -> bool:
        """Whether a person should look at it."""
        return self.auc > SUSPECT or self.gap >= DIFFERENT


@dataclass(frozen=True)
class Batches:
    """Rows that share their time and a column.

    share: of all rows. alike: how often two rows of a batch have one outcome. usual: two of the column at any time.
    """

    key: str
    share: float
    alike: float
    usual: float


def sounds_late(key: str) -> bool:
    """Whether the name of a column sounds as if it were filled in when the outcome was known."""
    return bool(LATE_NAME.search(key))


def singles(frame: Frame, won: Flags, when: Floats) -> list[Single]:
    """Measure each column of a frame of n rows alone."""
    early, late = by_time(when)
    return [_single(column, won, early, late) for column in frame.columns]


def calendar(frame: Frame, when: Floats) -> list[str]:
    """Name numeric columns that are dates in disguise: whole, in the range of the time column and in its order."""
    low, high = float(np.min(when)), float(np.max(when))
    span = max(high - low, 1.0)
    found = []
    for column in frame.columns:
        told = ~column.missing
        values = column.values[told]
        if column.kind is not Kind.NUMBER or len(np.unique(values)) <= MANY or np.any(values != np.round(values)):
            continue
        inside = float(np.mean((values >= low - 0.1 * span) & (values <= high + 2.0 * span)))
        if inside > TOO_GOOD and np.corrcoef(_ranks(values), _ranks(when[told]))[0, 1] > CALENDAR:
            found.append(column.key)
    return found


def batches(frame: Frame, won: Flags, when: Floats) -> list[Batches]:
    """Find columns that together with the time name batches of rows which share one outcome more than usual."""
    moments, found = np.unique(when, return_inverse=True)[1], []
    for column in frame.columns:
        values, of_row = np.unique(np.nan_to_num(column.values, nan=-1.0), return_inverse=True)
        if len(values) <= MANY:
            continue
        share, alike = _alike(moments * len(values) + of_row, won)
        _share, usual = _alike(of_row, won)
        if share >= BATCHED and alike - usual >= MORE_ALIKE:
            found.append(Batches(column.key, share, alike, usual))
    return sorted(found, key=lambda batch: -batch.share)


def _alike(keys: Codes, won: Flags) -> tuple[float, float]:
    """Share of rows that share their key with another one, and how often such a pair has one outcome."""
    _keys, place, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    wins = np.bincount(place, weights=won)
    many = sizes > 1
    sizes, wins = sizes[many].astype(np.float64), wins[many]
    same = (wins * (wins - 1.0) + (sizes - wins) * (sizes - wins - 1.0)) / (sizes * (sizes - 1.0))
    rows = float(sizes.sum())
    return rows / max(len(won), 1), float((same * sizes).sum()) / max(rows, 1.0)


def _single(column: Column, won: Flags, early: Codes, late: Codes) -> Single:
    cuts = cut(Frame((column.take(early),), (), len(early)))
    gone = column.missing
    shares = [float(np.mean(gone[side])) if side.any() else 0.0 for side in (won, ~won)]
    if not cuts.cuts:
        return Single(column.key, 0.5, *shares)
    used, held = (cuts.codes(Frame((column.take(rows),), (), len(rows))) for rows in (early, late))
    base = float(np.mean(won[early]))
    score = np.zeros(len(late))
    for place, labels in enumerate(cuts.levels.levels):
        known = used[:, place] >= 0
        rows = np.bincount(used[known, place], minlength=len(labels))
        wins = np.bincount(used[known, place], weights=won[early][known], minlength=len(labels))
        worth = np.append((wins + SMOOTH * base) / (rows + SMOOTH), base)
        score = np.where((held[:, place] >= 0) | (place == 0), worth[held[:, place]], score)
    return Single(column.key, auc(won[late], score), *shares)


def _ranks(values: Floats) -> Floats:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(np.float64)
