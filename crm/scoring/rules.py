"""The score of an enterprise and its reasons: pure, as of a moment, and adding up exactly.

points = 50 + Σ reasons. Two sub-sums are shown beside it: 匹配度 (fit) and 意向 (intent).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.facts import NODE
from crm.scoring.levels import LevelHit, codes_of, levels_of
from crm.scoring.table import BASE_POINTS, NOTHING, Axis, Feature, PointsTable, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm.scoring.facts import ScoreFacts
    from crm.scoring.levels import Evidence

LOWEST, HIGHEST = 1, 99
LIMIT = "limit"
OF_NODES = {
    "fill": "目标企业，可补上产业链环节“{name}”",
    "strengthen": "目标企业，可增强产业链环节“{name}”",
    "extend": "目标企业，可延伸到产业链环节“{name}”",
}


class Words(NamedTuple):
    """Chinese words with their holes still open, so that they can be translated before they are filled."""

    template: str
    params: Mapping[str, str] = NOTHING

    @property
    def text(self) -> str:
        """The Chinese sentence."""
        return self.template.format(**self.params)


class Reason(NamedTuple):
    """One line of “why”: signed whole points, Chinese words, and the row that proves it."""

    key: str
    words: Words
    points: int
    axis: Axis
    evidence: Evidence | None = None
    level: str = ""

    @property
    def label_zh(self) -> str:
        """The Chinese sentence."""
        return self.words.text


class Score(NamedTuple):
    """A score with its parts; BASE_POINTS + Σ reason points == points, always. ``z`` is neither rounded nor limited."""

    points: int
    fit: int
    intent: int
    grade: str
    z: float
    codes: tuple[int, ...]
    reasons: tuple[Reason, ...]
    version: str


def score(facts: ScoreFacts, table: PointsTable = EXPERT_TABLE) -> Score:
    """Score an enterprise as of ``facts.as_of``.

    Points lie between 1 and 99; when the sum would leave that range, one reason says so, so that
    the sum still holds.
    """
    return of_levels(levels_of(facts, table), table)


def of_levels(hits: Sequence[LevelHit], table: PointsTable) -> Score:
    """Score the levels of all features, given in the order of the table."""
    worth = [(feature, hit, feature.points_of(hit.code)) for feature, hit in zip(table.features, hits, strict=True)]
    worth = [part for part in worth if part[2]]
    terms = [points for _feature, _hit, points in worth]
    parts = zip(worth, largest_remainder(terms), strict=True)
    reasons = [reason(feature, hit, points) for (feature, hit, _points), points in parts if points]
    reasons += _limit(table.base + sum(one.points for one in reasons))
    reasons.sort(key=lambda one: -abs(one.points))
    fit = sum([one.points for one in reasons if one.axis is Axis.FIT])
    intent = sum([one.points for one in reasons]) - fit
    points = table.base + fit + intent
    z = table.z_of(table.base + math.fsum(terms))
    return Score(points, fit, intent, table.grade(points), z, tuple(codes_of(hits)), tuple(reasons), table.version)


def reason(feature: Feature, hit: LevelHit, points: int) -> Reason:
    """Put the level of a feature into words."""
    level = feature.levels[hit.code]
    words = Words(
        level.label_zh or "{feature}：{level}", {**hit.params, "feature": feature.label_zh, "level": hit.level}
    )
    if not hit.code:
        words = Words("没有：{feature}", {"feature": feature.label_zh})
    elif feature.rule is Rule.PLACE and "rank" in hit.params:
        words = Words("{list}第{rank}位", {"list": level.label_zh, "rank": hit.params["rank"]})
    elif hit.evidence and hit.evidence[0] == NODE:
        words = Words(OF_NODES.get(hit.level, words.template), {"name": hit.params["name"]})
    return Reason(feature.key, words, points, feature.axis, hit.evidence, hit.level)


def largest_remainder(values: Sequence[float]) -> list[int]:
    """Round to whole numbers whose sum is the rounded sum; each moves by less than one.

    A sum that misses a half by rounding of floats counts as that half, as in :mod:`crm.scoring.bulk`.
    """
    floors = [math.floor(value) for value in values]
    missing = math.floor(round(math.fsum(values), 6) + 0.5) - sum(floors)
    if missing:
        order = sorted(range(len(values)), key=lambda i: (floors[i] - values[i], i))
        for index in order[:missing]:
            floors[index] += 1
    return floors


def _limit(points: int) -> list[Reason]:
    kept = min(max(points, LOWEST), HIGHEST)
    if kept == points:
        return []
    return [limited(kept - points)]


def limited(points: int) -> Reason:
    """Say what the ends of the scale took or gave."""
    return Reason(LIMIT, Words("分值限于1至99"), points, Axis.FIT)


__all__ = [
    "BASE_POINTS",
    "EXPERT_TABLE",
    "Axis",
    "Reason",
    "Score",
    "Words",
    "largest_remainder",
    "limited",
    "of_levels",
    "reason",
    "score",
]
