"""What differs between two versions of the table, level by level, and the edits a person makes; pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crm.scoring.tablejson import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.scoring.table import Axis, PointsTable

NAMES = frozenset({"version", "label"})
CLOSE = 0.049  # points are shown with one decimal


@dataclass(frozen=True, slots=True)
class Change:
    """One level that is worth something else; ``level`` is its code."""

    feature: str
    axis: Axis
    level: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs: points, half-lives {kind: (before, after)} in days, borders of grades."""

    points: tuple[Change, ...] = ()
    half_lives: tuple[tuple[str, float, float], ...] = ()
    grades: tuple[tuple[str, int, int], ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.points or self.half_lives or self.grades)


def between(before: PointsTable, after: PointsTable) -> Difference:
    """Compare two tables; a feature or level that only one of them has is worth nothing in the other."""
    points = []
    for feature in after.features:
        old = before.by_key.get(feature.key)
        for code, level in enumerate(feature.levels):
            was = old.levels[old.codes[level.key]].points if old and level.key in old.codes else 0.0
            if abs(was - level.points) > CLOSE:
                points.append(Change(feature.key, feature.axis, code, was, level.points))
    return Difference(tuple(points), _half_lives(before, after), _grades(before, after))


def edited(
    table: PointsTable,
    points: Mapping[tuple[str, int], float],
    half_lives: Mapping[str, float],
    grades: Mapping[str, int],
) -> PointsTable:
    """Give the table with other points {(feature, code): points}, half-lives (days) and borders of grades."""
    by_key: dict[str, dict[str, float]] = {}
    for (feature, code), worth in points.items():
        by_key.setdefault(feature, {})[table.feature(feature).levels[code].key] = worth
    changed = table.with_points(by_key)
    return replace(
        changed,
        half_lives={kind: half_lives.get(kind, days) for kind, days in table.half_lives.items()},
        touch_half_life_days=half_lives.get("touch", table.touch_half_life_days),
        grades=tuple((grades.get(grade, at_least), grade) for at_least, grade in table.grades),
    )


def digest(table: PointsTable) -> str:
    """Name what a table says, whatever it is called: two tables with one digest score alike."""
    same = from_json(to_json(table))  # 180 and 180.0 are one number
    told = {key: value for key, value in to_json(same).items() if key not in NAMES}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _half_lives(before: PointsTable, after: PointsTable) -> tuple[tuple[str, float, float], ...]:
    kinds = {**dict.fromkeys(after.half_lives), "touch": None}
    pairs = ((kind, before.half_life(kind), after.half_life(kind)) for kind in kinds)
    return tuple(pair for pair in pairs if pair[1] != pair[2])


def _grades(before: PointsTable, after: PointsTable) -> tuple[tuple[str, int, int], ...]:
    old = {grade: at_least for at_least, grade in before.grades}
    return tuple(
        (grade, old.get(grade, at_least), at_least)
        for at_least, grade in after.grades
        if old.get(grade, at_least) != at_least
    )
