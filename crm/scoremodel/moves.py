"""Who would move, and by how much, if another table were in force: counted while it is computed; pure."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm.scoring.rules import Score

MOST_SHOWN = 50
EDGES = (-10, -5, -2, 0, 1, 3, 6, 11)
LABELS = ("−11及以下", "−10至−6", "−5至−3", "−2至−1", "不变", "+1至+2", "+3至+5", "+6至+10", "+11及以上")


@dataclass
class Tally:
    """Counts of a preview so far; the strongest moves of each direction are kept, all others only counted."""

    total: int = 0
    up: int = 0
    down: int = 0
    regraded: int = 0
    steps: Counter[int] = field(default_factory=Counter)
    grades: Counter[tuple[str, str]] = field(default_factory=Counter)
    _risers: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)
    _fallers: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)

    def add(self, enterprise_id: int, before: Score, after: Score) -> None:
        """Count one enterprise."""
        moved = after.points - before.points
        self.total += 1
        self.up += moved > 0
        self.down += moved < 0
        self.regraded += before.grade != after.grade
        self.steps[step_of(moved)] += 1
        self.grades[before.grade, after.grade] += 1
        if moved:
            row: dict[str, Any] = {"id": enterprise_id, "before": before.points, "after": after.points}
            row |= {"from": before.grade, "to": after.grade}
            heap = self._risers if moved > 0 else self._fallers
            heapq.heappush(heap, (abs(moved), -enterprise_id, row))
            if len(heap) > MOST_SHOWN:
                heapq.heappop(heap)

    def as_json(self) -> dict[str, Any]:
        """Give plain values: counts, the ladder of differences, grades from and to, the strongest moves."""
        return {
            "total": self.total,
            "up": self.up,
            "down": self.down,
            "same": self.total - self.up - self.down,
            "regraded": self.regraded,
            "steps": [self.steps[number] for number in range(len(LABELS))],
            "grades": [[before, after, count] for (before, after), count in sorted(self.grades.items())],
            "risers": _strongest(self._risers),
            "fallers": _strongest(self._fallers),
        }


def step_of(moved: int) -> int:
    """Number the rung of the ladder ``LABELS`` a difference in points stands on."""
    return sum(moved >= edge for edge in EDGES)


def _strongest(heap: list[tuple[int, int, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [row for _size, _order, row in sorted(heap, key=lambda one: (-one[0], -one[1]))]
