"""Outlines and positions on a map: what GeoJSON (RFC 7946) must be to be drawn, in WGS-84 degrees. Pure.

A position is longitude then latitude, at most six decimals (0.1 m); heights are dropped. What was not checked here is
never kept, so the page draws without looking again.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

from crm.core.errors import DomainError, Problem

EAST, NORTH, FINE = 180, 90, 6
MOST_POINTS, LONGEST = 2000, 100_000  # of one outline; characters as typed
LEAST_RING, LEAST_CORNERS, PLANE, WITH_HEIGHT = 4, 3, 2, 3
KINDS = ("Polygon", "MultiPolygon")

UNREAD = Problem("outline.json", "读不出轮廓：请粘贴 GeoJSON，类型是 Polygon 或 MultiPolygon。", "outline")
KIND = Problem("outline.kind", "轮廓要是面：GeoJSON 类型 Polygon 或 MultiPolygon，不能是点或线。", "outline")
SHAPE = Problem("outline.shape", "轮廓的坐标排列不对：面由环组成，环由[经度, 纬度]组成。", "outline")
RANGE = Problem("outline.range", "轮廓里有坐标超出范围：经度在前（-180 到 180），纬度在后（-90 到 90）。", "outline")
RING = Problem("outline.ring", "轮廓的每个环至少三个不同的点，而且首尾要是同一点。", "outline")
MANY = Problem("outline.many", "一个轮廓最多2000个点，请先简化。", "outline")

Position = tuple[float, float]


def read_json(text: str | bytes) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """Read JSON as the standard has it: no NaN, no numbers or depths without end; ValueError for anything else."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        message = "nested too deep"
        raise ValueError(message) from error


def _refuse(word: str) -> float:
    raise ValueError(word)


def outline_of(text: str) -> dict[str, Any] | None:
    """Read one outline as typed: a geometry, or a feature with one; None where nothing was typed."""
    if not text.strip():
        return None
    try:
        found = read_json(text) if len(text) <= LONGEST else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DomainError(UNREAD)
    return geometry(found.get("geometry") if found.get("type") == "Feature" else found)


def geometry(found: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever the file held)
    """Check a geometry and give it back rounded, with nothing else in it; DomainError says what is wrong."""
    kind = found.get("type") if isinstance(found, dict) else None
    if kind not in KINDS:
        raise DomainError(KIND)
    given = found.get("coordinates")
    polygons = [_polygon(one) for one in (_several(given) if kind == "MultiPolygon" else [given])]
    if sum(len(ring) for rings in polygons for ring in rings) > MOST_POINTS:
        raise DomainError(MANY)
    return {"type": kind, "coordinates": polygons if kind == "MultiPolygon" else polygons[0]}


def _several(found: Any) -> list[Any]:  # noqa: ANN401
    if not isinstance(found, list) or not found:
        raise DomainError(SHAPE)
    if len(found) > MOST_POINTS:
        raise DomainError(MANY)
    return found


def _polygon(found: Any) -> list[list[Position]]:  # noqa: ANN401
    return [_ring(ring) for ring in _several(found)]


def _ring(found: Any) -> list[Position]:  # noqa: ANN401
    ring = [_position(one) for one in _several(found)]
    if len(ring) < LEAST_RING or ring[0] != ring[-1] or len(set(ring)) < LEAST_CORNERS:
        raise DomainError(RING)
    return ring


def _position(found: Any) -> Position:  # noqa: ANN401
    if not isinstance(found, list) or not PLANE <= len(found) <= WITH_HEIGHT:
        raise DomainError(SHAPE)
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in found):
        raise DomainError(SHAPE)
    east, north = found[0], found[1]
    if not (abs(east) <= EAST and abs(north) <= NORTH and math.isfinite(east) and math.isfinite(north)):
        raise DomainError(RANGE)
    return round(float(east), FINE), round(float(north), FINE)


def points(found: dict[str, Any] | None) -> int:
    """How many positions an outline has."""
    return sum(len(ring) for ring in rings(found)) if found else 0


def rings(found: dict[str, Any]) -> list[list[Any]]:
    """Every ring of a checked outline."""
    given = found["coordinates"]
    return [ring for rings in given for ring in rings] if found["type"] == "MultiPolygon" else list(given)


def middle(found: dict[str, Any]) -> Position:
    """The middle of the box around a checked outline."""
    corners = [position for ring in rings(found) for position in ring]
    east, north = [one[0] for one in corners], [one[1] for one in corners]
    return round((min(east) + max(east)) / 2, FINE), round((min(north) + max(north)) / 2, FINE)


def written(found: dict[str, Any] | None) -> str:
    """Write an outline as a form shows it."""
    return json.dumps(found, separators=(",", ":")) if found else ""


def stamp(found: dict[str, Any] | None) -> str | None:
    """Say an outline in the audit: how many points, and a digest to tell two apart."""
    digest = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:12]
    return f"{points(found)} points {digest}" if found else None
