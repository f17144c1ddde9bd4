"""Which industry of GB/T 4754 a sentence speaks of, by the words it uses. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from crm.core.text import fold


@dataclass(frozen=True, slots=True)
class Words:
    """The words of all industries behind one search."""

    codes: tuple[str, ...]
    automaton: CharwiseDoubleArrayAhoCorasick


@lru_cache(maxsize=1)
def words() -> Words:
    """The packaged words."""
    text = (files("crm.signals") / "data" / "industry_words.txt").read_text(encoding="utf-8")
    known: dict[str, str] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            code, *names = line.split()
            known.update({fold(name.replace("_", " ")): code for name in names})
    surfaces = sorted(known)
    automaton = CharwiseDoubleArrayAhoCorasick(surfaces, MATCH_KIND_LEFTMOST_LONGEST)
    return Words(tuple(known[surface] for surface in surfaces), automaton)


def industry_of(text: str) -> str | None:
    """The industry code a folded text speaks of most, longer words counting more, the first among equals."""
    table = words()
    weight: defaultdict[str, int] = defaultdict(int)
    for start, end, number in table.automaton.find(text):
        if text[start:end].isascii() and _inside_word(text, start, end):
            continue
        weight[table.codes[number]] += end - start
    return max(weight, key=lambda code: weight[code]) if weight else None


def _inside_word(text: str, start: int, end: int) -> bool:
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return any(char.isalnum() and char.isascii() for char in around)
