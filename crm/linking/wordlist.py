"""Chinese words with how common they are, and how well a text is cut into words at a place.

``data/words.txt.gz`` holds words of up to four characters in groups: a line gives the power of two nearest
the count of the word, the kind of word, the length and then the words without separator. See NOTICE.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from crm.linking.lexicon import words

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 4
KINDS = "nvaspox"  # noun, verb, adjective, place, person, organisation or brand, other
TOTAL_BITS = 26.0
UNKNOWN = 28.0
FAR = 1e9
SHORT = 4  # longer names are not cut out of words
WIDE = 4
RECENT = 8  # how common the words of today's news are taken to be


class Word(NamedTuple):
    """How many bits a word costs in a text, how common it is (0 unknown, 15 very), its kind, and whether it binds.

    A binding word is never cut by a name: 全[国铁]路 is 全国 + 铁路.
    """

    cost: float
    level: int
    kind: str
    binds: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """How a text would be cut around a span, in bits.

    ``left`` and ``right`` say how much dearer the cheapest cut is that has a border at the begin or end of the
    span; ``before`` and ``after`` are the kinds of the words that touch it, ``""`` where there is none. ``binds``
    tells that a binding word lies over a border of a short span.
    """

    left: float = 0.0
    right: float = 0.0
    before: str = ""
    after: str = ""
    binds: bool = False


Edge = tuple[int, int, float]
NO_WORD = Word(FAR, 0, "")  # stands for a string that begins no word


@dataclass(frozen=True, slots=True)
class WordList:
    """Words by themselves; a string that only begins words stands among them with no word."""

    words: dict[str, Word | None]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, Word]]) -> WordList:
        """Take words; the later of two rows for a word stands."""
        words: dict[str, Word | None] = {}
        for text, word in rows:
            for end in range(2, len(text)):
                words.setdefault(text[:end], None)
            words[text] = word
        return cls(words)

    def level(self, word: str) -> int:
        """Give how common a word is: 0 when it is none."""
        found = self.words.get(word)
        return found.level if found else 0

    def kind(self, word: str) -> str:
        """Give the kind of a word; the empty string when it is none."""
        found = self.words.get(word)
        return found.kind if found else ""

    def cost(self, text: str) -> float:
        """Give the bits of the cheapest cut of a short text."""
        return _ahead(self._edges(text, 0, 0)[0], len(text))[0][-1]

    def around(self, text: str, start: int, end: int) -> Cut:
        """Cut the neighbourhood of a span; neighbours end at whatever is no Chinese character."""
        low, high = start, end
        while low > 0 and start - low < WIDE and is_han(text[low - 1]):
            low -= 1
        while high < len(text) and high - end < WIDE and is_han(text[high]):
            high += 1
        window, left, right = text[low:high], start - low, end - low
        edges, binds = self._edges(window, left, right)
        ahead, ending = _ahead(edges, len(window))
        behind, beginning = _behind(edges, len(window), left)
        best = ahead[-1]
        return Cut(
            ahead[left] + behind[left] - best,
            ahead[right] + behind[right] - best,
            self._touching(window[left - ending[left] : left]),
            self._touching(window[right : right + beginning[right]]),
            binds,
        )

    def _touching(self, word: str) -> str:
        return (self.kind(word) or "x") if word else ""

    def _edges(self, text: str, left: int, right: int) -> tuple[list[Edge], bool]:
        """Find the words in a text, single characters always; tell whether a binding one cuts a span."""
        find, edges, binds, size = self.words.get, list[Edge](), False, len(text)
        for start in range(size):
            single = find(text[start])
            edges.append((start, start + 1, single.cost if single else UNKNOWN))
            for end in range(start + 2, min(size, start + LONGEST) + 1):
                word = find(text[start:end], NO_WORD)
                if word is None:
                    continue
                if word is NO_WORD:
                    break
                if start != left or end != right:  # the name itself, if it is a word, proves nothing
                    edges.append((start, end, word.cost))
                if word.binds and not binds:
                    binds = _cuts(start, end, left, right)
        return edges, binds


def _cuts(start: int, end: int, left: int, right: int) -> bool:
    """Tell whether a word lies over a border of a short span; one that holds the span is longer than it."""
    length = right - left
    over = length <= SHORT and (start < left < end or (length < SHORT and start < right < end))
    return over and (not (start <= left and end >= right) or end - start > length)


def _ahead(edges: list[Edge], size: int) -> tuple[list[float], list[int]]:
    """For each position the cheapest cut of what is before it, and the length of its last word."""
    best, last = [0.0, *[FAR] * size], [0] * (size + 1)
    for start, end, cost in edges:
        bits = best[start] + cost
        if bits < best[end]:
            best[end], last[end] = bits, end - start
    return best, last


def _behind(edges: list[Edge], size: int, least: int) -> tuple[list[float], list[int]]:
    """For each position from the least on the cheapest cut of what is behind it, and the length of its first word."""
    best, first = [*[FAR] * size, 0.0], [0] * (size + 1)
    for start, end, cost in reversed(edges):
        if start < least:
            break
        bits = best[end] + cost
        if bits < best[start]:
            best[start], first[start] = bits, end - start
    return best, first


def is_han(char: str) -> bool:
    """Tell whether a character is a common Chinese one."""
    return "\u4e00" <= char <= "\u9fff"


@lru_cache(maxsize=1)
def default_words() -> WordList:
    """Give the list that comes with the product."""
    packed = (files("crm.linking") / "data" / "words.txt.gz").read_bytes()
    lines = (line.split(" ", 3) for line in gzip.decompress(packed).decode().splitlines())
    older = {
        text[at : at + int(size)]: word
        for level, kind, size, text in lines
        for word in (Word(TOTAL_BITS - int(level), int(level), kind),)
        for at in range(0, len(text), int(size))
    }
    recent = Word(TOTAL_BITS - RECENT, RECENT, "n")
    for name in words("news_words"):
        older.setdefault(name, recent)
    for name in words("boundary_words"):
        older[name] = older.get(name, recent)._replace(binds=True)
    return WordList.of((name, word) for name, word in older.items() if len(name) <= LONGEST)
