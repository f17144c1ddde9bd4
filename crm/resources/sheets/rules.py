"""Files of outlines: what a FeatureCollection must be, and which of its features is which carrier. Pure.

A feature is a carrier when its code is the carrier's, else when its name is the name of exactly one. What is no carrier
is drawn under them: the county, its towns, its parks' borders.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crm.core.errors import DomainError, Problem
from crm.core.text import fold
from crm.resources.carriers.geometry import KINDS, geometry, points, read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LARGEST = 2 * 1024 * 1024  # bytes of a file
MOST, MOST_POINTS = 500, 20_000
NAMES = ("name", "名称", "NAME", "Name", "title")
CODES = ("code", "编号", "CODE", "Code")
LONGEST_NAME, LONGEST_CODE = 200, 80

NO_FILE = Problem("sheet.file", "请选择 GeoJSON 文件（.geojson 或 .json）。", "file")
LARGE = Problem("sheet.large", "文件最大2MB，请先简化轮廓或分几个文件上传。", "file")
UNREAD = Problem("sheet.json", "读不出这个文件：要 GeoJSON 的 FeatureCollection，UTF-8 编码。", "file")
EMPTY = Problem("sheet.empty", "文件里没有面：每个要素要有 Polygon 或 MultiPolygon 的轮廓。", "file")
MANY = Problem("sheet.many", "一个文件最多%(n)s个要素，请分几个文件上传。", "file", {"n": MOST})
FINE = Problem("sheet.points", "一个文件最多%(n)s个点，请先简化轮廓。", "file", {"n": MOST_POINTS})
BAD = "第%(n)s个要素“%(name)s”不能用：%(why)s"


@dataclass(frozen=True, slots=True)
class Feature:
    """One outline of a file with what it is called."""

    name: str
    code: str
    geometry: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """A carrier that may be meant; ``kept``: the person keeps its unit, ``drawn``: it has an outline already."""

    id: int
    code: str
    name: str
    kept: bool
    drawn: bool


class Fate(StrEnum):
    """What becomes of a feature."""

    NEW = "new"
    REPLACE = "replace"
    FOREIGN = "foreign"
    TWICE = "twice"
    BASE = "base"
    LEFT = "left"


FATE_LABELS: dict[Fate, str] = {
    Fate.NEW: "加上轮廓",
    Fate.REPLACE: "替换原轮廓",
    Fate.FOREIGN: "不归您管，不动",
    Fate.TWICE: "同一处载体已有一个，不用",
    Fate.BASE: "画作底图",
    Fate.LEFT: "没有对应的载体，不用",
}
FATE_TONES: dict[Fate, str] = {
    Fate.NEW: "green",
    Fate.REPLACE: "amber",
    Fate.FOREIGN: "grey",
    Fate.TWICE: "grey",
    Fate.BASE: "blue",
    Fate.LEFT: "grey",
}


@dataclass(frozen=True, slots=True)
class Match:
    """A feature, the carrier it is, and what becomes of it."""

    feature: Feature
    fate: Fate
    carrier: Known | None = None


def features_of(content: bytes) -> tuple[list[Feature], int]:
    """Read a file: its outlines, and how many features without an area were left out."""
    if not content:
        raise DomainError(NO_FILE)
    if len(content) > LARGEST:
        raise DomainError(LARGE)
    given = _collection(content)
    drawn = [(number, one) for number, one in enumerate(given, start=1) if _has_area(one)]
    found = [_feature(number, one) for number, one in drawn]
    if not found:
        raise DomainError(EMPTY)
    if sum(points(one.geometry) for one in found) > MOST_POINTS:
        raise DomainError(FINE)
    return found, len(given) - len(found)


def _collection(content: bytes) -> list[Any]:
    try:
        whole = read_json(content.decode("utf-8-sig"))
    except ValueError:
        whole = None
    given = whole.get("features") if isinstance(whole, dict) and whole.get("type") == "FeatureCollection" else None
    if not isinstance(given, list):
        raise DomainError(UNREAD)
    if len(given) > MOST:
        raise DomainError(MANY)
    return given


def _has_area(one: Any) -> bool:  # noqa: ANN401 (whatever the file held)
    found = one.get("geometry") if isinstance(one, dict) else None
    return isinstance(found, dict) and found.get("type") in KINDS


def _feature(number: int, one: dict[str, Any]) -> Feature:
    said = one.get("properties")
    said = said if isinstance(said, dict) else {}
    name, code = _said(said, NAMES)[:LONGEST_NAME], _said(said, CODES)[:LONGEST_CODE]
    try:
        return Feature(name, code, geometry(one["geometry"]))
    except DomainError as error:
        params: dict[str, object] = {"n": number, "name": name or code or "—", "why": error.problems[0].message}
        raise DomainError(Problem("sheet.feature", BAD, "file", params)) from error


def _said(said: Mapping[str, Any], keys: Iterable[str]) -> str:
    for key in keys:
        value = said.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return " ".join("".join(sign if sign.isprintable() else " " for sign in str(value)).split())
    return ""


def match(features: Iterable[Feature], known: Iterable[Known], *, whole: bool) -> list[Match]:
    """Say which feature is which carrier; ``whole``: the person keeps all, so the rest may be drawn under them."""
    listed = list(known)
    by_code = {fold(one.code): one for one in listed}
    often = Counter(fold(one.name) for one in listed)
    by_name = {fold(one.name): one for one in listed if often[fold(one.name)] == 1}
    used: set[int] = set()
    found = []
    for feature in features:
        one = by_code.get(fold(feature.code)) if feature.code else None
        one = one or (by_name.get(fold(feature.name)) if feature.name else None)
        found.append(Match(feature, _fate(one, used, whole=whole), one))
        if one is not None:
            used.add(one.id)
    return found


def _fate(one: Known | None, used: set[int], *, whole: bool) -> Fate:
    if one is None:
        return Fate.BASE if whole else Fate.LEFT
    if not one.kept:
        return Fate.FOREIGN
    if one.id in used:
        return Fate.TWICE
    return Fate.REPLACE if one.drawn else Fate.NEW
