"""The weighted scorecard of a review, its four highs, and floors per 亩. Pure.

Source: weights as one county published them; floors are an office's own.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crm.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.pipeline.admission.rules import Terms

CRITERIA: dict[str, str] = {
    "industry": "产业",
    "technology": "科技",
    "scale": "投资规模",
    "intensity": "投资强度",
    "investor": "投资主体",
    "environment": "环境",
    "safety": "安全",
    "land": "用地",
    "design": "规划设计",
    "tax": "税收",
    "jobs": "就业",
}
WEIGHTS: dict[str, int] = {
    "industry": 5,
    "technology": 5,
    "scale": 17,
    "intensity": 17,
    "investor": 10,
    "environment": 5,
    "safety": 5,
    "land": 10,
    "design": 5,
    "tax": 16,
    "jobs": 5,
}
WHOLE = 100
# 四高: each high is read from the lines of the scorecard that speak of it.
HIGHS: dict[str, tuple[str, tuple[str, ...]]] = {
    "intensity": ("投资强度", ("intensity", "scale")),
    "output": ("产出效益", ("tax", "jobs")),
    "technology": ("科技含量", ("technology",)),
    "linkage": ("产业关联度", ("industry",)),
}
DIGITS = 2
A_FROM, B_FROM = 80, 60


def points_problems(points: Mapping[str, Decimal], weights: Mapping[str, int]) -> list[Problem]:
    """Reasons why a scorecard cannot be kept: every line between nothing and its weight, to the hundredth."""
    found = [
        Problem(
            "score.range", "“%(name)s”的得分须在0到%(most)s之间。", key, params={"name": CRITERIA[key], "most": most}
        )
        for key, most in weights.items()
        if key in points and not (points[key].is_finite() and 0 <= points[key] <= most)
    ]
    fine = [key for key in weights if key in points and not found and points[key] != round(points[key], DIGITS)]
    return found + [Problem("score.fine", "得分最多两位小数。", key) for key in fine]


def total(points: Mapping[str, Decimal]) -> Decimal:
    """Return the sum of the scorecard."""
    return sum(points.values(), Decimal(0))


def priority(score: Decimal) -> str:
    """Return the class of a score: A, B or C."""
    return "A" if score >= A_FROM else "B" if score >= B_FROM else "C"


def highs(points: Mapping[str, Decimal], weights: Mapping[str, int]) -> dict[str, int | None]:
    """Return the four sub-scores out of 100, None where a line is missing or weighs nothing."""
    found: dict[str, int | None] = {}
    for key, (_label, lines) in HIGHS.items():
        most = sum(weights.get(line, 0) for line in lines)
        known = most > 0 and all(line in points for line in lines if weights.get(line, 0))
        got = sum((points.get(line, Decimal(0)) for line in lines), Decimal(0))
        found[key] = round(got * WHOLE / most) if known else None
    return found


def per_mu(amount: Decimal | None, land_mu: int | None) -> Decimal | None:
    """Return 万元 per 亩, None while a figure is missing."""
    return None if amount is None or not land_mu else amount / land_mu


def floor_problems(intensity: Decimal | None, tax: Decimal | None, terms: Terms) -> list[Problem]:
    """Name each figure per 亩 that is missing or under the floor."""
    problems = []
    rows = (
        ("投资强度", intensity, terms.intensity_floor, "floor.intensity"),
        ("亩均税收", tax, terms.tax_floor, "floor.tax"),
    )
    for name, value, floor, key in rows:
        if floor is None:
            continue
        if value is None:
            problems.append(Problem(key, "%(name)s算不出来：请补齐投资、税收和用地数据。", params={"name": name}))
        elif value < floor:
            params: dict[str, object] = {"name": name, "value": f"{value:.1f}", "floor": f"{floor.normalize():f}"}
            problems.append(Problem(key, "%(name)s为%(value)s万元/亩，低于%(floor)s万元/亩的底线。", params=params))
    return problems
