"""The fast way to the form of :func:`crm.core.text.fold_with_offsets`, for whole articles.

What happens to nearly every character is one translation table; the few places where something is
left out are kept as cuts, from which the way back to the raw text is found.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from crm.core.text import HAN_BEFORE_NOTE, INVISIBLE, fold_with_offsets, simplified

PLANE = 0x10000
SURROGATES = range(0xD800, 0xE000)
WORD = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")
BLANK = "".join(char for code in range(PLANE) if (char := chr(code)).isspace() and char not in "\r\n")
GAP = re.compile(f"[{re.escape(BLANK + ''.join(sorted(INVISIBLE)))}]+")
SPACE = re.compile(r"[^\S\r\n]")
NOTE = re.compile(r"[(（][a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,7}[)）]")


class FoldedLike(Protocol):
    """A folded text with the way back to the raw one."""

    @property
    def text(self) -> str:
        """The folded text."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the raw half-open span of a non-empty folded half-open span."""


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A folded text and the way back: from position ``starts[i]`` on, ``shifts[i]`` characters were left out."""

    text: str
    starts: tuple[int, ...] = (0,)
    shifts: tuple[int, ...] = (0,)

    def origin(self, position: int) -> int:
        """Give the raw index of a folded character."""
        return position + self.shifts[bisect_right(self.starts, position) - 1]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the raw half-open span of a non-empty folded half-open span."""
        return self.origin(start), self.origin(end - 1) + 1


@dataclass(frozen=True, slots=True)
class _Slow:
    """The same from the table of all offsets, for the rare text in which one character becomes several."""

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the raw half-open span of a non-empty folded half-open span."""
        return self.offsets[start], self.offsets[end - 1] + 1


@lru_cache(maxsize=1)
def _tables() -> tuple[str, re.Pattern[str]]:
    """One character for one, by its number, and the characters that need the slow way."""
    table = [chr(code) for code in range(PLANE)]
    table[ord("\r")] = "\n"
    several = []
    for code in range(PLANE):
        if code in SURROGATES:
            continue
        char = chr(code)
        folded = unicodedata.normalize("NFKC", char).lower()
        if folded == char:
            continue
        if len(folded) == 1:
            table[code] = folded
        elif not char.isspace() and char not in INVISIBLE:
            several.append(char)
    rare = f"[{re.escape(''.join(several))}{chr(PLANE)}-{chr(sys.maxunicode)}]"
    return "".join(table), re.compile(rare)


def fold_article(text: str) -> FoldedLike:
    """Fold a text for name matching; offsets count code points of ``text``."""
    table, rare = _tables()
    if rare.search(text):
        slow = fold_with_offsets(text)
        return _Slow(slow.text, slow.offsets)
    whole = simplified(text).translate(table)
    cuts = [gap.span() for gap in GAP.finditer(text)]
    notes = [note.span() for note in NOTE.finditer(text)]
    notes = [span for span in notes if HAN_BEFORE_NOTE.match(text[span[0] - 1 : span[0]])]
    if notes:
        cuts = sorted(cuts + notes)
    return _cut(whole, text, cuts) if cuts else FoldedText(whole)


def _cut(whole: str, text: str, cuts: list[tuple[int, int]]) -> FoldedText:
    """Leave the cuts out; between two Latin words one space stays."""
    pieces: list[str] = []
    starts, shifts = [0], [0]
    position = length = 0
    last, owed = "", -1
    for begin, end in [*cuts, (len(whole), len(whole))]:
        if begin > position:
            piece = whole[position:begin]
            if owed >= 0 and last in WORD and piece[0] in WORD:
                pieces.append(" ")
                starts.append(length)
                shifts.append(owed - length)
                length += 1
            starts.append(length)
            shifts.append(position - length)
            pieces.append(piece)
            length += len(piece)
            last, owed = piece[-1], -1
        space = SPACE.search(text, begin, end)
        if space and owed < 0:
            owed = space.start()
        position = end
    return FoldedText("".join(pieces), tuple(starts), tuple(shifts))
