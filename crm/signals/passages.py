"""Cut a text into pieces for showing: which part names an enterprise, which part is quoted. Pure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that is shown alike; templates escape it."""

    text: str
    enterprise_id: int | None = None
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """Where an enterprise is named: half-open span in code points."""

    start: int
    stop: int
    enterprise_id: int


def pieces(text: str, named: Iterable[Named] = (), quotes: Iterable[Span] = ()) -> list[Piece]:
    """Cut ``text`` at every border of a name or a quote; the pieces joined are the text."""
    names = [name for name in named if 0 <= name.start < name.stop <= len(text)]
    quoted = [(start, stop) for start, stop in quotes if 0 <= start < stop <= len(text)]
    borders = {0, len(text)}
    borders |= {border for name in names for border in (name.start, name.stop)}
    borders |= {border for span in quoted for border in span}
    ordered = sorted(borders)
    return [
        Piece(text[start:stop], _who(names, start), any(a <= start < b for a, b in quoted))
        for start, stop in itertools.pairwise(ordered)
    ]


def paragraphs(text: str, named: Sequence[Named] = (), quotes: Sequence[Span] = ()) -> list[list[Piece]]:
    """Cut a text into its lines, each as pieces; blank lines are left out."""
    found, start = [], 0
    for line in text.split("\n"):
        stop = start + len(line)
        if line.strip():
            inside = [Named(n.start - start, n.stop - start, n.enterprise_id) for n in named if n.start >= start]
            cut = [(max(a, start) - start, min(b, stop) - start) for a, b in quotes if a < stop and b > start]
            found.append(pieces(line, inside, cut))
        start = stop + 1
    return found


def occurrences(text: str, surfaces: Collection[str], enterprise_id: int) -> list[Named]:
    """Find surfaces in a short text, longest first, without overlap."""
    found: list[Named] = []
    for surface in sorted(filter(None, surfaces), key=lambda name: (-len(name), name)):
        start = text.find(surface)
        while start >= 0:
            stop = start + len(surface)
            if all(stop <= other.start or start >= other.stop for other in found):
                found.append(Named(start, stop, enterprise_id))
            start = text.find(surface, stop)
    return found


def _who(names: Sequence[Named], at: int) -> int | None:
    return next((name.enterprise_id for name in names if name.start <= at < name.stop), None)
