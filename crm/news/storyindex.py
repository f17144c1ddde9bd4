"""Find the story of each text of a long stream in bounded memory: nothing but numpy and a scratch file.

A story is led by its first text; only leaders are kept. A text belongs to a leader when their Jaccard similarity,
counted on the shingles themselves, is at least 0.5: there are no chains, every text of a story is a near copy of the
first one. Among several leaders the earliest of those that are about as similar as the best one is chosen.
Bands lie in tables of fixed size whose rows forget their oldest entry when they are full, sketches in a scratch file of
which the oldest is written over, so memory and disk do not grow with the stream.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from crm.news import similar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    import numpy.typing as npt

Key = TypeVar("Key")

STORIES = 1_000_000
_WAYS = 16
_SLOT = similar.SKETCH * 4
_CANDIDATES = 24
_FINGER = np.uint64(31)
_ROWS = (4, 3)  # four values to a band; three for a text that found no story so, which meets more of J near 0.5
_CLOSE = 0.3
_SPREADS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0xFF51AFD7ED558CCD], np.uint64
)
_NUMBERS = np.arange(similar.BANDS, dtype=np.uint64) * np.uint64(0x27D4EB2F165667C5)


class BandTable:
    """Which texts have a band: rows of 16 entries, the newest in the place of the oldest."""

    def __init__(self, entries: int) -> None:
        """Make room for about ``entries`` bands."""
        rows = max(1, 1 << (max(entries, 1) // _WAYS - 1).bit_length())
        self._mask = np.uint64(rows - 1)
        self._marks = np.zeros((rows, _WAYS), np.uint32)
        self._texts = np.zeros((rows, _WAYS), np.uint32)
        self._next = np.zeros(rows, np.uint8)

    def meet(self, keys: npt.NDArray[np.uint64]) -> list[int]:
        """Give the texts that have one of these bands, once for each band shared; the number 0 stands for none."""
        rows = (keys & self._mask).astype(np.intp)
        equal = self._marks[rows] == _mark(keys)[:, np.newaxis]
        found: list[int] = self._texts[rows][equal].tolist()
        return found

    def add(self, keys: npt.NDArray[np.uint64], text: int) -> None:
        """Keep the bands of a text."""
        rows = (keys & self._mask).astype(np.intp)
        places = self._next[rows]
        self._marks[rows, places] = _mark(keys)
        self._texts[rows, places] = text
        self._next[rows] = (places + 1) % _WAYS


class StoryIndex(Generic[Key]):
    """The leaders of the newest stories, at most ``stories`` of them."""

    def __init__(self, stories: int = STORIES) -> None:
        """Open the scratch file; it goes when the index is closed."""
        self._stories = stories
        self._tables = [BandTable(stories * similar.BANDS) for _ in _ROWS]
        self._keys: list[Key] = []
        self._sizes = np.zeros(stories, np.uint16)
        self._count = 0
        self._scratch = tempfile.TemporaryFile(prefix="yinfeng-stories-")  # noqa: SIM115 (closed in __exit__)

    def __enter__(self) -> StoryIndex[Key]:
        """Open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the scratch file."""
        self._scratch.close()

    def place(self, key: Key, text: str) -> Key:
        """Give the key of the first text of the story; a text that tells none yet leads a new one."""
        signature, sketch = similar.both(text)
        if not sketch.size:
            return key
        bands = [_bands(signature, rows) for rows in _ROWS]
        for table, keys in zip(self._tables, bands, strict=True):
            met = Counter(table.meet(keys)).most_common(_CANDIDATES)
            leader = self._choose(sketch, [number for number, _ in met])
            if leader is not None:
                return self._keys[leader]
        self._lead(key, sketch, bands)
        return key

    def _choose(self, sketch: similar.Sketch, numbers: Iterable[int]) -> int | None:
        """Give the place of the earliest leader that is nearly as similar as the best one, None when none is."""
        places = ((number - 1) % self._stories for number in sorted(numbers) if number > self._count - self._stories)
        likeness = {place: similar.resemblance(sketch, self._sketch(place)) for place in places}
        best = max(likeness.values(), default=0.0)
        if best < similar.SAME_STORY:
            return None
        enough = max(similar.SAME_STORY, best - _CLOSE)
        return next(place for place, value in likeness.items() if value >= enough)

    def _lead(self, key: Key, sketch: similar.Sketch, bands: Iterable[npt.NDArray[np.uint64]]) -> None:
        place = self._count % self._stories
        self._count += 1
        for table, keys in zip(self._tables, bands, strict=True):
            table.add(keys, self._count)
        self._sizes[place] = sketch.size
        os.pwrite(self._scratch.fileno(), sketch.tobytes(), place * _SLOT)
        self._keys[place : place + 1] = [key]

    def _sketch(self, place: int) -> similar.Sketch:
        return np.frombuffer(os.pread(self._scratch.fileno(), int(self._sizes[place]) * 4, place * _SLOT), np.uint32)


def stories(texts: Iterable[tuple[Key, str]], limit: int = STORIES) -> Iterator[tuple[Key, Key]]:
    """Give each text's key with the key of the first text of its story, in the order they come."""
    with StoryIndex[Key](limit) as index:
        for key, text in texts:
            yield key, index.place(key, text)


def _bands(signature: similar.Signature, rows: int) -> npt.NDArray[np.uint64]:
    """Give 32 keys of some values of a signature each; the band's number is part of its key."""
    values = signature[: similar.BANDS * rows].reshape(similar.BANDS, rows).astype(np.uint64)
    keys: npt.NDArray[np.uint64] = (values * _SPREADS[:rows]).sum(axis=1, dtype=np.uint64) + _NUMBERS
    keys ^= keys >> np.uint64(32)
    keys *= _SPREADS[4]
    keys ^= keys >> np.uint64(29)
    return keys


def _mark(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
    return (keys >> _FINGER).astype(np.uint32)
