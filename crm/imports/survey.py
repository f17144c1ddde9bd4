"""What opening a workbook would cost, found out before the reader takes the memory for it.

The reader allocates the whole rectangle a sheet spans, even for one cell in the far corner, and writes a
shared text anew into each cell that refers to it. It aborts the process when there is no memory left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipFile

MOST_CELLS = 10_000_000
MOST_TEXT = 400 * 1024 * 1024
CHUNK, LONGEST_TAG, LONGEST_LETTERS, OVERLAP = 1 << 20, 1 << 16, 3, 40
SHARED = "sharedstrings.xml"
PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]*)0*([0-9]{1,20})""", re.IGNORECASE)
REFERS = re.compile(rb"""\st\s*=\s*["']s["']""")
REFERENCE = re.compile(rb"""\st="s"[^<>]*>\s*<v>([0-9]{1,9})</v>""")
CELL = re.compile(rb"<(?:\w+:)?(?:c|row)[\s/>]")
TEXT = re.compile(rb"<(?:\w+:)?si[\s/>]")
UNSOLVED = re.compile(rb"</f>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>|<f[^<>]*/>\s*(?:<v\s*/>)?\s*</c>")


@dataclass(frozen=True, slots=True)
class Survey:
    """Whether a workbook takes too much memory, and whether some formula was saved without its result."""

    wide: bool
    unsolved: bool


def survey(archive: ZipFile) -> Survey:
    """Look through every part of a workbook: a sheet may be any of them."""
    names = sorted(archive.namelist())
    lengths = [one for name in names if name.lower().endswith(SHARED) for one in _lengths(archive, name)]
    wide = unsolved = False
    for name in names:
        part = _part(archive, name, lengths)
        wide, unsolved = wide or part.wide, unsolved or part.unsolved
        if wide:
            break
    return Survey(wide, unsolved)


def _lengths(archive: ZipFile, name: str) -> list[int]:
    """Bytes of each shared text, those of its tags counted; what may hide one counts as the longest."""
    data = archive.read(name)
    starts = [found.start() for found in TEXT.finditer(data)]
    lengths = [after - start for start, after in zip(starts, [*starts[1:], len(data)], strict=True)]
    return [max(lengths)] * len(lengths) if lengths and b"<!" in data else lengths


def _part(archive: ZipFile, name: str, lengths: list[int]) -> Survey:
    rows, columns, text, unsolved = 1, 1, 0, False
    longest = max(lengths, default=0)
    for piece in _pieces(archive, name):
        if piece is None:
            return Survey(wide=True, unsolved=unsolved)
        for letters, digits in PLACE.findall(piece):
            rows, columns = max(rows, int(digits)), max(columns, _column(letters))
        text += _referred(piece, lengths, longest) if longest else 0
        unsolved = unsolved or bool(UNSOLVED.search(piece))
        if rows * columns > MOST_CELLS or text > MOST_TEXT:
            return Survey(wide=True, unsolved=unsolved)
    return Survey(wide=False, unsolved=unsolved)


def _referred(piece: bytes, lengths: list[int], longest: int) -> int:
    """Bytes of shared texts that the cells of a piece refer to: exactly only where that matters."""
    refers = len(REFERS.findall(piece))
    if refers * longest <= CHUNK:
        return refers * longest
    known = [int(found) for found in REFERENCE.findall(piece)]
    return sum(lengths[one] for one in known if one < len(lengths)) + longest * max(0, refers - len(known))


def _pieces(archive: ZipFile, name: str) -> Iterator[bytes | None]:
    """Pieces of a part, each from the beginning of the last tag on; None for a cell whose tag never ends."""
    before = b""
    with archive.open(name) as part:
        while fresh := part.read(CHUNK):
            piece = before + fresh
            yield piece
            start = piece.rfind(b"<")
            if start >= 0 and len(piece) - start <= LONGEST_TAG:
                before = piece[min(start, max(0, len(piece) - OVERLAP)) :]
            elif start >= 0 and CELL.match(piece, start):
                yield None
            else:
                before = piece[-OVERLAP:]


@cache
def _column(letters: bytes) -> int:
    if len(letters) > LONGEST_LETTERS:
        return MOST_CELLS + 1
    return sum((code - 64) * 26**power for power, code in enumerate(reversed(letters.upper())))
