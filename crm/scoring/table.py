"""The form of every table of points, written by experts or fitted: each fact ends in one level of one feature.

points = base + Σ points(feature, level); +10 points double the odds: z = a + ln 2 / 10 · (points − base). The first
level of each feature is ``none``, the absence of the fact; the place of a level in its feature is its code.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BASE_POINTS = 50
UNIT = math.log(2.0) / 10.0
NONE = "none"
EVEN = 5e-10  # a sum may miss its threshold by rounding, never by more
MODES = ("expert", "band", "probability")


Evidence = tuple[str, int]
NOTHING: Final = MappingProxyType[str, str]({})


class Axis(StrEnum):
    """The two sub-sums that are shown beside the score."""

    FIT = "fit"
    INTENT = "intent"


class Rule(StrEnum):
    """How a feature finds its level; ``source`` names the facts it looks at.

    MASS, COUNT, DAYS and HIGHEST give a number, for which the last level whose ``at_least`` it reaches applies;
    CODE, NEWEST and PLACE give keys, of which the last level in order applies.
    """

    MASS = "mass"
    COUNT = "count"
    DAYS = "days"
    HIGHEST = "highest"
    CODE = "code"
    NEWEST = "newest"
    PLACE = "place"


NUMERIC = frozenset({Rule.MASS, Rule.COUNT, Rule.DAYS, Rule.HIGHEST})


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a feature: what it is worth, its words, and the number it begins at."""

    key: str
    label_zh: str
    points: float
    at_least: float | None = None


class LevelHit(NamedTuple):
    """The level of one feature, its words' parameters, and the row that proves it."""

    feature: str
    code: int
    level: str
    params: Mapping[str, str] = NOTHING
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Feature:
    """One feature of the table; ``levels[0]`` is always ``none``."""

    key: str
    axis: Axis
    label_zh: str
    rule: Rule
    source: str
    levels: tuple[Level, ...]
    window_days: float | None = None

    @cached_property
    def codes(self) -> dict[str, int]:
        """Code of each level by its key."""
        return {level.key: code for code, level in enumerate(self.levels)}

    @cached_property
    def absent(self) -> LevelHit:
        """The first level: nothing is known."""
        return LevelHit(self.key, 0, self.levels[0].key)

    @cached_property
    def places(self) -> dict[str, list[tuple[int, int]]]:
        """Codes of the levels of a list with the rank they reach to; 0 for any place. ``key@100``: 100 or better."""
        found: dict[str, list[tuple[int, int]]] = {}
        for code, level in enumerate(self.levels[1:], start=1):
            name, _at, top = level.key.partition("@")
            found.setdefault(name, []).append((code, int(top or 0)))
        return found

    def code_of_number(self, value: float | None) -> int:
        """Give the code of the last level that a number reaches."""
        found = 0
        if value is not None:
            for code, level in enumerate(self.levels):
                if level.at_least is not None and value >= level.at_least - EVEN:
                    found = code
        return found

    def points_of(self, code: int) -> float:
        """Points of a code; an unknown one is worth nothing."""
        return self.levels[code].points if 0 <= code < len(self.levels) else 0.0


@dataclass(frozen=True)
class PointsTable:
    """One version of the whole table: data that can be edited, compared and kept as JSON.

    ``half_lives`` in days by signal kind, ``a`` the log-odds of a lead worth 50 points, ``calibration`` slope and
    shift of z before it is shown as a probability, ``months`` the horizon of that probability.
    """

    version: str
    label_zh: str
    features: tuple[Feature, ...]
    half_lives: Mapping[str, float] = field(default_factory=dict)
    touch_half_life_days: float = 90.0
    grades: tuple[tuple[int, str], ...] = ((75, "A"), (60, "B"), (45, "C"), (0, "D"))
    base: int = BASE_POINTS
    a: float = 0.0
    calibration: tuple[float, float] | None = None
    mode: str = "expert"
    months: int | None = None
    band: float | None = None

    @cached_property
    def by_key(self) -> dict[str, Feature]:
        """Features by key."""
        return {feature.key: feature for feature in self.features}

    def feature(self, key: str) -> Feature:
        """Give a feature by its key."""
        return self.by_key[key]

    def half_life(self, kind: str) -> float:
        """Half-life in days of a running sum, ``signal_CAPX`` or a kind of touch."""
        return float(self.half_lives.get(kind.removeprefix("signal_"), self.touch_half_life_days))

    def raw(self, codes: Sequence[int]) -> float:
        """Points of stored codes, not rounded and not limited."""
        return self.base + math.fsum(one.points_of(code) for one, code in zip(self.features, codes, strict=True))

    def z(self, codes: Sequence[int]) -> float:
        """Log-odds of stored codes."""
        return self.z_of(self.raw(codes))

    def z_of(self, points: float) -> float:
        """Log-odds of points."""
        return self.a + UNIT * (points - self.base)

    def grade(self, points: int) -> str:
        """Grade of whole points, by absolute thresholds."""
        return next((grade for at_least, grade in self.grades if points >= at_least), self.grades[-1][1])

    def probability(self, z: float) -> float | None:
        """Probability of signing within ``months`` months, None while it is not earned."""
        if self.mode == "expert":
            return None
        slope, shift = self.calibration or (1.0, 0.0)
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, slope * z + shift))))

    def with_points(self, points: Mapping[str, Mapping[str, float]], **changes: Any) -> PointsTable:  # noqa: ANN401 (fields of the table)
        """Give the same table with other points, {feature: {level: points}}, and other fields."""
        features = tuple(
            replace(
                one,
                levels=tuple(
                    replace(level, points=float(points.get(one.key, {}).get(level.key, level.points)))
                    for level in one.levels
                ),
            )
            for one in self.features
        )
        return replace(self, features=features, **changes)

    def band_of(self, z: float) -> tuple[float, float]:
        """Give the two ends of a probability that is only known as a band, ``band`` log-odds to either side."""
        half = self.band if self.band is not None else 0.5
        low, high = self.probability(z - half), self.probability(z + half)
        return (0.0, 1.0) if low is None or high is None else (low, high)
