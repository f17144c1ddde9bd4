"""观摩拉练: criteria with weights, sheets within bounds, extremes dropped, places. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crm.core.errors import Problem
from crm.core.money import half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HUNDRED, ZERO = Decimal(100), Decimal(0)
MOST_CRITERIA, MOST_STOPS, MOST_JUDGES = 12, 60, 60
FEWEST_TO_TRIM = 3
LARGEST_FULL = Decimal(1000)
DIGITS = 2
LABEL_LENGTH, MOST_REMARK = 80, 2000
MARK = re.compile(r"[0-9]{1,6}(\.[0-9]{1,2})?")
NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,2})?%?")


class TourState(StrEnum):
    """How far a tour is: being planned, judged, or closed with its result."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


STATE_LABELS: dict[TourState, str] = {
    TourState.DRAFT: "筹备中",
    TourState.OPEN: "评分中",
    TourState.CLOSED: "已汇总",
}
STATE_TONES: dict[TourState, str] = {TourState.DRAFT: "grey", TourState.OPEN: "blue", TourState.CLOSED: "green"}


@dataclass(frozen=True, slots=True)
class Criterion:
    """What is judged: marks from 0 to ``full``, worth ``weight`` of a hundred."""

    key: str
    label: str
    full: Decimal
    weight: Decimal


STANDARD = (
    Criterion("c1", "项目质量和规模", Decimal(10), Decimal(30)),
    Criterion("c2", "建设进度", Decimal(10), Decimal(30)),
    Criterion("c3", "现场组织和讲解", Decimal(10), Decimal(20)),
    Criterion("c4", "要素保障和服务", Decimal(10), Decimal(20)),
)


def write_criteria(criteria: Sequence[Criterion]) -> list[dict[str, str]]:
    """Give what is stored."""
    return [
        {"key": one.key, "label": one.label, "full": f"{one.full:f}", "weight": f"{one.weight:f}"} for one in criteria
    ]


def read_criteria(raw: Iterable[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    """Read what is stored."""
    return tuple(Criterion(one["key"], one["label"], Decimal(one["full"]), Decimal(one["weight"])) for one in raw)


def typed_criteria(text: str) -> tuple[tuple[Criterion, ...], list[Problem]]:
    """Read lines of name, full mark and weight (``建设进度 10 30``) with what is wrong, line by line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found, problems = [], []
    for at, line in enumerate(lines[:MOST_CRITERIA], start=1):
        parts = [one for one in re.split(r"[\s,，、;；|]+", line) if one]
        if len(parts) < 3 or not all(NUMBER.fullmatch(one) for one in parts[-2:]):  # noqa: PLR2004 (a name and two numbers)
            problems.append(
                Problem(
                    "tour.line", "第%(n)s行要写成“项目名称 满分 权重”，例如“建设进度 10 30”。", "criteria", {"n": at}
                )
            )
            continue
        full, weight = (Decimal(one.rstrip("%")) for one in parts[-2:])
        found.append(Criterion(f"c{at}", " ".join(parts[:-2])[:LABEL_LENGTH], full, weight))
    if len(lines) > MOST_CRITERIA:
        problems.append(Problem("tour.many_criteria", "评分项目最多12项，请合并几项。", "criteria"))
    if not problems:
        problems += criteria_problems(found)
    return tuple(found), problems


def criteria_problems(criteria: Sequence[Criterion]) -> list[Problem]:
    """Reasons why a sheet cannot be made of these criteria."""
    problems = []
    if not criteria:
        problems.append(Problem("tour.no_criteria", "请至少写一个评分项目。", "criteria"))
    if len({one.label for one in criteria}) < len(criteria):
        problems.append(Problem("tour.same_criteria", "评分项目重名，请改名或合并。", "criteria"))
    if any(not ZERO < one.full <= LARGEST_FULL or one.weight <= ZERO for one in criteria):
        problems.append(Problem("tour.full", "满分和权重要大于0，满分最多1000。", "criteria"))
    total = sum((one.weight for one in criteria), ZERO)
    if criteria and total != HUNDRED:
        shown = f"{total.normalize():f}"
        problems.append(Problem("tour.weights", "权重合计要等于100，现在是%(total)s。", "criteria", {"total": shown}))
    return problems


def mark_problems(criteria: Sequence[Criterion], typed: Mapping[str, str]) -> list[Problem]:
    """What is wrong with a sheet; ``field`` is the key of the criterion."""
    problems = []
    for one in criteria:
        text = typed.get(one.key, "").strip()
        named: dict[str, object] = {"name": one.label, "full": f"{one.full.normalize():f}"}
        if not text:
            problems.append(Problem("sheet.blank", "请给“%(name)s”打分。", one.key, named))
        elif not MARK.fullmatch(text):
            problems.append(Problem("sheet.mark", "“%(name)s”请填0到%(full)s之间的数，最多两位小数。", one.key, named))
        elif Decimal(text) > one.full:
            problems.append(Problem("sheet.full", "“%(name)s”满分%(full)s，不能再高。", one.key, named))
    return problems


def points_of(criteria: Sequence[Criterion], marks: Mapping[str, str]) -> Decimal:
    """Points of a sheet out of a hundred: marks ÷ full × weight, rounded half up to six decimals."""
    return half_up(sum((Decimal(marks[one.key]) * one.weight / one.full for one in criteria), ZERO), 6)


def kept(points: Sequence[Decimal], *, trim: bool) -> list[Decimal]:
    """Points that count: without one highest and one lowest where asked, from three sheets on."""
    ordered = sorted(points)
    return ordered[1:-1] if trim and len(ordered) >= FEWEST_TO_TRIM else ordered


def stop_points(points: Sequence[Decimal], *, trim: bool) -> Decimal | None:
    """Points of a stop: the mean of the sheets that count, two decimals half up; None without sheets."""
    counted = kept(points, trim=trim)
    return half_up(sum(counted, ZERO) / len(counted), DIGITS) if counted else None


@dataclass(frozen=True, slots=True)
class Place:
    """What a unit got: the mean of its stops, its place (equals share one), how many stops."""

    unit_id: int
    points: Decimal
    rank: int
    stops: int


def places(stops: Iterable[tuple[int, Decimal]]) -> list[Place]:
    """Rank units from (unit, points of a stop), the best first."""
    by_unit: dict[int, list[Decimal]] = {}
    for unit_id, points in stops:
        by_unit.setdefault(unit_id, []).append(points)
    means = {unit_id: half_up(sum(held, ZERO) / len(held), DIGITS) for unit_id, held in by_unit.items()}
    ordered = sorted(means, key=lambda unit_id: (-means[unit_id], unit_id))
    return [
        Place(one, means[one], 1 + sum(mean > means[one] for mean in means.values()), len(by_unit[one]))
        for one in ordered
    ]
