"""An experts' table for the columns of a file: points by name, or by bins of a number.

{"features": [{"key": "Lead Source", "levels": {"Reference": 12, "Google": 3}},
              {"key": "TotalVisits", "bins": [[0, -4], [1, 0], [5, 3]]}]}
A bin applies from its first number up to the next one; what is not named is worth nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.scoring.model.binning import Cut, Cuts
    from crm.scoring.model.fitting import Levels


class MalformedError(ValueError):
    """The file is no experts' table; the message says what to do."""


@dataclass(frozen=True)
class Expertise:
    """Points by column: of names, and of bins (first number, points)."""

    names: Mapping[str, Mapping[str, float]]
    bins: Mapping[str, tuple[tuple[float, float], ...]]

    @property
    def thresholds(self) -> dict[str, tuple[float, ...]]:
        """Numbers at which the cuts of a column must part."""
        return {key: tuple(low for low, _points in rows) for key, rows in self.bins.items()}

    @property
    def keys(self) -> frozenset[str]:
        """The columns that are named."""
        return frozenset(self.names) | frozenset(self.bins)


def expertise(data: Any) -> Expertise:  # noqa: ANN401 -- any JSON may stand in the file
    """Read the parsed JSON of a table."""
    names: dict[str, dict[str, float]] = {}
    bins: dict[str, tuple[tuple[float, float], ...]] = {}
    try:
        for feature in data["features"]:
            if "bins" in feature:
                rows = sorted((float(low), float(points)) for low, points in feature["bins"])
                bins[str(feature["key"])] = tuple(rows)
            else:
                levels = {str(k): float(v[0] if isinstance(v, list) else v) for k, v in feature["levels"].items()}
                names[str(feature["key"])] = levels
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as problem:
        message = (
            '专家表读不懂，应为 {"features": [{"key": 列名, "levels": {取值: 分}}，或 '
            f'{{"key": 列名, "bins": [[下限, 分], …]}}]}}（{type(problem).__name__}: {problem}）'
        )
        raise MalformedError(message) from problem
    return Expertise(names, bins)


def with_expert(cuts: Cuts, table: Expertise) -> Levels:
    """Give what the codes of some cuts mean, with the experts' points of each level."""
    return replace(cuts.levels, expert=tuple(_points(one, table) for one in cuts.cuts))


def _points(cut: Cut, table: Expertise) -> tuple[float, ...]:
    if cut.edges is not None and cut.key in table.bins:
        rows = table.bins[cut.key]
        lows = np.concatenate(([-np.inf], cut.edges))
        places = np.searchsorted([low for low, _points in rows], lows, side="right") - 1
        worth = [rows[place][1] if place >= 0 else 0.0 for place in places]
        return (*worth, *(0.0 for _gone in cut.labels[len(worth) :]))
    names = table.names.get(cut.key, {})
    return tuple(names.get(label, 0.0) for label in cut.labels)
