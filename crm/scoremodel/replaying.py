"""The history told again: codes of every lead-month, and what they would be had signals faded at another pace; pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from crm.scoremodel import officemonths
from crm.scoring.decay import days_between
from crm.scoring.facts import from_raw
from crm.scoring.levels import codes_of, levels_of
from crm.scoring.table import EVEN, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from crm.scoremodel.officemonths import OfficeMonths
    from crm.scoremodel.spells import LeadMonth, Month
    from crm.scoring.facts import Fact
    from crm.scoring.model.arrays import Codes
    from crm.scoring.table import PointsTable

OFTEN = 0.05
"""Share of lead-months in which a kind of signal must be heard of before its half-life is learned."""
SIGNAL = "signal"


@dataclass
class Replay:
    """Rows in the order of ``rows``, added one by one; of signals each keeps how old and how strong it was."""

    rows: Sequence[LeadMonth]
    months: Sequence[Month]
    table: PointsTable
    codes: list[list[int]] = field(default_factory=list)
    heard: dict[str, list[tuple[int, float, float]]] = field(default_factory=dict)

    def add(self, known: Iterable[Fact], at: datetime) -> None:
        """Add the next row: what was known of its enterprise at the start of its month."""
        facts = list(known)
        place = len(self.codes)
        self.codes.append(codes_of(levels_of(from_raw(facts, at, self.table), self.table)))
        for fact in facts:
            if fact.kind == SIGNAL and fact.at <= at:
                self.heard.setdefault(fact.key, []).append((place, days_between(fact.at, at), fact.weight))

    def office_months(self, half_lives: Mapping[str, float] | None = None) -> OfficeMonths:
        """Give the arrays, with other half-lives (days by kind of signal) if told."""
        codes = np.array(self.codes, dtype=np.int32).reshape(len(self.rows), len(self.table.features))
        for place, feature in enumerate(self.table.features):
            kind = feature.source.removeprefix(f"{SIGNAL}_")
            if feature.rule is Rule.MASS and kind in self.heard and kind in (half_lives or {}):
                codes[:, place] = self._faded(kind, (half_lives or {})[kind], [one.at_least for one in feature.levels])
        return officemonths.build(self.rows, self.months, codes, len(self.table.features))

    def learnable(self) -> dict[str, float]:
        """Half-lives of the kinds that were heard of often enough to learn from."""
        least = OFTEN * len(self.rows)
        return {
            kind: self.table.half_life(kind)
            for kind, heard in self.heard.items()
            if kind in self.table.half_lives and len({place for place, _age, _weight in heard}) >= least
        }

    def with_half_lives(self, half_lives: Mapping[str, float]) -> PointsTable:
        """Give the table with other half-lives."""
        return replace(self.table, half_lives={**self.table.half_lives, **half_lives})

    def _faded(self, kind: str, half_life: float, borders: Sequence[float | None]) -> Codes:
        place, age, weight = (np.array(column) for column in zip(*self.heard[kind], strict=True))
        worth = weight * np.exp2(-age / half_life)
        mass = np.bincount(place.astype(np.int64), weights=worth, minlength=len(self.rows))
        edges = np.array([border for border in borders if border is not None]) - EVEN
        return np.searchsorted(edges, mass, side="right").astype(np.int32)
