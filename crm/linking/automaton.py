"""Find all of many strings in a text in one pass: compiled where a wheel exists, plain Python elsewhere."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

try:
    from daachorse import CharwiseDoubleArrayAhoCorasick as Machine
except ImportError:  # no wheel for this machine
    Machine = None  # type: ignore[assignment,misc]  # tested for before each use

PREFIX = 2
Hit = tuple[int, int, int]


class Finder(Protocol):
    """What finds strings: all occurrences, overlapping ones too."""

    def hits(self, text: str) -> Sequence[Hit]:
        """Give (start, end, number of the string) in no promised order."""


def build(keys: Sequence[str]) -> Finder:
    """Make a finder of distinct strings of two characters or more."""
    return Compiled(keys) if Machine is not None and keys else Plain.of(keys)


class Compiled:
    """The double-array automaton of daachorse; small enough to be pickled."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Build it."""
        self._machine = Machine(list(keys))

    def hits(self, text: str) -> Sequence[Hit]:
        """Give (start, end, number of the string)."""
        found: list[Hit] = self._machine.find_overlapping(text)
        return found

    def __getstate__(self) -> bytes:
        """Pickle the finished automaton."""
        return bytes(self._machine.serialize())

    def __setstate__(self, state: bytes) -> None:
        """Take a finished automaton up again."""
        self._machine = Machine.deserialize(state)


@dataclass(frozen=True)
class Plain:
    """The same by a table of first pairs of characters."""

    numbers: dict[str, int]
    lengths: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, keys: Sequence[str]) -> Plain:
        """Build it."""
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for key in keys:
            lengths[key[:PREFIX]].add(len(key))
        return cls(
            {key: number for number, key in enumerate(keys)},
            {prefix: tuple(sorted(sizes)) for prefix, sizes in lengths.items()},
        )

    def hits(self, text: str) -> Sequence[Hit]:
        """Give (start, end, number of the string)."""
        found: list[Hit] = []
        for start in range(len(text) - 1):
            for length in self.lengths.get(text[start : start + PREFIX], ()):
                number = self.numbers.get(text[start : start + length])
                if number is not None and start + length <= len(text):
                    found.append((start, start + length, number))
        return found
