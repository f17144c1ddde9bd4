"""A table of points as JSON and back, and what is wrong with one that a person edited."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from crm.core.errors import Problem
from crm.scoring.table import MODES, NONE, NUMERIC, Axis, Feature, Level, PointsTable, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_POINTS = 60.0
HALF_LIVES = (1.0, 3650.0)


def to_json(table: PointsTable) -> dict[str, Any]:
    """Give the whole table as plain values."""
    return {
        "version": table.version,
        "label": table.label_zh,
        "base": table.base,
        "a": table.a,
        "calibration": list(table.calibration) if table.calibration else None,
        "mode": table.mode,
        "months": table.months,
        "band": table.band,
        "half_lives": dict(table.half_lives),
        "touch_half_life_days": table.touch_half_life_days,
        "grades": [list(grade) for grade in table.grades],
        "features": [_feature_json(feature) for feature in table.features],
    }


def from_json(data: Mapping[str, Any]) -> PointsTable:
    """Read what :func:`to_json` gave."""
    calibration = data.get("calibration")
    return PointsTable(
        version=str(data["version"]),
        label_zh=str(data["label"]),
        features=tuple(_feature(one) for one in data["features"]),
        half_lives={str(kind): float(days) for kind, days in data["half_lives"].items()},
        touch_half_life_days=float(data["touch_half_life_days"]),
        grades=tuple((int(at_least), str(grade)) for at_least, grade in data["grades"]),
        base=int(data["base"]),
        a=float(data["a"]),
        calibration=(float(calibration[0]), float(calibration[1])) if calibration else None,
        mode=str(data["mode"]),
        months=data.get("months"),
        band=data.get("band"),
    )


def problems(table: PointsTable) -> list[Problem]:
    """Reasons why a table cannot be used; none means it can."""
    return [*_whole(table), *(problem for feature in table.features for problem in _of_feature(feature))]


def _whole(table: PointsTable) -> Iterator[Problem]:
    if len(table.by_key) != len(table.features) or not table.features:
        yield Problem("table.features", "评分表中每个因素只能出现一次，且不能一个都没有。", "features")
    lowest, highest = HALF_LIVES
    for kind, days in (*table.half_lives.items(), ("touch", table.touch_half_life_days)):
        if not (math.isfinite(days) and lowest <= days <= highest):
            yield Problem("table.half_life", "半衰期须在1到3650天之间。", kind)
    borders = [at_least for at_least, _grade in table.grades]
    if not borders or borders != sorted(borders, reverse=True) or len(set(borders)) != len(borders):
        yield Problem("table.grades", "等级的分数线须从高到低，各不相同。", "grades")
    if table.mode not in MODES or not math.isfinite(table.a):
        yield Problem("table.mode", "评分表的方式或基准有误，请从上一个版本重新开始。", "mode")


def _of_feature(feature: Feature) -> Iterator[Problem]:
    if not feature.levels or feature.levels[0].key != NONE or len(feature.codes) != len(feature.levels):
        yield Problem("table.levels", "每个因素的第一档须是“无”，各档不能重名。", feature.key)
    for level in feature.levels:
        if not (math.isfinite(level.points) and abs(level.points) <= MOST_POINTS):
            yield Problem("table.points", "每一档的分数须在−60到60之间。", f"{feature.key}.{level.key}")
    borders = [level.at_least for level in feature.levels[1:] if level.at_least is not None]
    if feature.rule in NUMERIC and (len(borders) != len(feature.levels) - 1 or borders != sorted(set(borders))):
        yield Problem("table.borders", "各档的起点须从低到高，各不相同。", feature.key)


def _feature_json(feature: Feature) -> dict[str, Any]:
    return {
        "key": feature.key,
        "axis": feature.axis.value,
        "label": feature.label_zh,
        "rule": feature.rule.value,
        "source": feature.source,
        "window_days": feature.window_days,
        "levels": [
            {"key": level.key, "label": level.label_zh, "points": level.points, "at_least": level.at_least}
            for level in feature.levels
        ],
    }


def _feature(data: Mapping[str, Any]) -> Feature:
    return Feature(
        key=str(data["key"]),
        axis=Axis(data["axis"]),
        label_zh=str(data["label"]),
        rule=Rule(data["rule"]),
        source=str(data["source"]),
        levels=tuple(
            Level(str(one["key"]), str(one["label"]), float(one["points"]), one["at_least"]) for one in data["levels"]
        ),
        window_days=data.get("window_days"),
    )
