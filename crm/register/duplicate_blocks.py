"""Which stems are spelled alike: compared only where they share something rare, in memory that hardly grows with them.

One slip: two stems that differ in one character become equal when one character is left out, so each stem is filed
under itself and under what is left of it without each of its characters. More slips: pieces of two characters, next
to each other or one apart; how often a piece occurs is counted in a table of fixed size (pieces that fall into one
slot look more frequent than they are), and stems that share one of their rarest pieces are compared.
"""

from __future__ import annotations

from array import array
from itertools import chain, groupby
from typing import TYPE_CHECKING

from rapidfuzz.distance import Indel

from crm.register.duplicate_rules import ALIKE, SHORTEST, near, without_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SLOTS = 1 << 21
SHIFT = 24
HASH = (1 << 38) - 1
CROWD = 100
COMMON = 30
RAREST = 4
LATIN = 4
MOST_SEEN = 400_000
ROUND = 100 - ALIKE


def alike_pairs(stems: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Give the positions of stems that are near each other, the lower first, each pair once (nearly always)."""
    seen: set[int] = set()
    for one, other in _near(stems):
        low, high = min(one, other), max(one, other)
        packed = low << SHIFT | high
        if packed in seen:
            continue
        if len(seen) >= MOST_SEEN:
            seen.clear()
        seen.add(packed)
        yield low, high


def slots(stem: str) -> set[int]:
    """Give the slots of the pieces of a stem, none of a short one; Latin letters are cut into longer pieces."""
    if len(stem) < SHORTEST:
        return set()
    if stem.isascii():
        pieces = {stem[at : at + LATIN] for at in range(len(stem) - LATIN + 1)}
        return {sum(ord(char) * 131**power for power, char in enumerate(piece)) % SLOTS for piece in pieces}
    found = set()
    for gap in (1, 2):
        for at in range(len(stem) - gap):
            found.add((ord(stem[at]) * 0x9E3779B1 + ord(stem[at + gap]) * 0x85EBCA6B * gap) % SLOTS)
    return found


def _near(stems: Sequence[str]) -> Iterator[tuple[int, int]]:
    yield from _placed(stems)
    for block in chain(_slips(stems), _rare(stems)):
        members = sorted(block, key=lambda at: len(stems[at]))
        for position, one in enumerate(members):
            mine = stems[one]
            for other in members[position + 1 :]:
                its = stems[other]
                if (len(its) - len(mine)) * 100 > ROUND * (len(its) + len(mine)):
                    break
                ratio = Indel.normalized_similarity(mine, its, score_cutoff=ALIKE / 100)
                if ratio and near(mine, its) is not None:
                    yield one, other


def _placed(stems: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Stems that are another one with a place in front."""
    at_stem = {stem: at for at, stem in enumerate(stems)}
    for at, stem in enumerate(stems):
        bare = without_place(stem)
        other = None if bare is None else at_stem.get(bare)
        if other is not None:
            yield at, other


def _slips(stems: Sequence[str]) -> Iterator[list[int]]:
    """Positions of stems that become equal when each leaves out one character at most."""
    filed: list[int] = []
    for at, stem in enumerate(stems):
        if len(stem) >= SHORTEST:
            left = {stem, *(stem[:gap] + stem[gap + 1 :] for gap in range(len(stem)))}
            filed += ((hash(text) & HASH) << SHIFT | at for text in left)
    yield from _shared(filed, CROWD)


def _rare(stems: Sequence[str]) -> Iterator[list[int]]:
    """Positions of stems that share one of their rarest pieces."""
    counts = array("I", bytes(4 * SLOTS))
    for stem in stems:
        for slot in slots(stem):
            counts[slot] += 1
    filed: list[int] = []
    for at, stem in enumerate(stems):
        rare = sorted((counts[slot], slot) for slot in slots(stem) if 1 < counts[slot] <= COMMON)
        filed += (slot << SHIFT | at for _count, slot in rare[:RAREST])
    yield from _shared(filed, COMMON)


def _shared(filed: list[int], most: int) -> Iterator[list[int]]:
    """Positions filed under the same number, where they are two to ``most``; the list is used up."""
    filed.sort()
    mask = (1 << SHIFT) - 1
    for _number, rows in groupby(filed, key=lambda entry: entry >> SHIFT):
        block = [entry & mask for entry in rows]
        if 1 < len(block) <= most:
            yield block
