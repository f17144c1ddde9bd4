"""Results of an assessment as plain data, for files and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.assessment.engine.numbers import as_json, half_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from crm.assessment.engine.book import Book
    from crm.assessment.engine.run import Line, Result

PLACES = 6


def told(book: Book, results: Sequence[Result]) -> dict[str, Any]:
    """Give the whole result; lines of a unit add up to its total."""
    return {"name": book.name, "source": book.source, "units": [_unit(book, one) for one in results]}


def _unit(book: Book, result: Result) -> dict[str, Any]:
    return {
        "key": result.unit.key,
        "label": result.unit.label,
        "group": result.unit.group,
        "total": as_json(result.total, PLACES),
        "rank": result.rank,
        "of": result.of,
        "grade": result.grade,
        "honour": result.honour,
        "bottom": result.bottom,
        "bottom_runs": result.bottom_runs,
        "warned": result.bottom and result.bottom_runs >= book.bottom_runs,
        "verdicts": result.verdicts,
        "problems": result.problems,
        "lines": [_line(line) for line in result.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    row = {
        "key": line.key,
        "label": line.label,
        "section": line.section,
        "text": line.text,
        "points": as_json(line.points, PLACES),
        "working": line.working,
        "applies": line.applies,
        "problem": line.problem,
    }
    return row if _exact(line.points) else {**row, "exact": str(line.points)}


def _exact(points: Fraction) -> bool:
    return half_up(points, PLACES) == points
