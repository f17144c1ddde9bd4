"""Measures as Word files write them: bare numbers, or numbers with a unit as strict files do."""

from __future__ import annotations

import re

_MEASURE = re.compile(r"([+-]?\d{1,9}(?:\.\d{1,9})?)\s*(mm|cm|in|pt|pc|pi)?")
_POINTS = {"mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0, "pt": 1.0, "pc": 12.0, "pi": 12.0}
TWIPS, HALF_POINTS = 20, 2


def measure(text: object, of_a_point: int = TWIPS) -> int | None:
    """Read a measure in parts of a point (twips unless told otherwise); None where it is none."""
    found = _MEASURE.fullmatch(str(text).strip()) if text else None
    if found is None:
        return None
    number = float(found[1])
    return round(number * _POINTS[found[2]] * of_a_point) if found[2] else round(number)


def level(text: object) -> int:
    """Read a level of numbering, 0 to 8; 0 where it is none."""
    found = measure(text)
    return found if found is not None and 0 <= found <= 8 else 0  # noqa: PLR2004 (levels Word knows)
