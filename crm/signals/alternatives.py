"""Cut a pattern at its outermost bars, so that each alternative is tried only where its own words stand. Pure."""

from __future__ import annotations

import re
from heapq import heapify, heappop, heapreplace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SPECIAL = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]", re.DOTALL)


def alternatives(pattern: str) -> list[str]:
    """Give the outermost alternatives in order; one that opens with a flag is not cut."""
    if pattern.startswith("(?") and pattern[2:3].isalpha():
        return [pattern]
    depth, start, found = 0, 0, []
    for special in SPECIAL.finditer(pattern):
        if special[0] == "(":
            depth += 1
        elif special[0] == ")":
            depth -= 1
        elif special[0] == "|" and depth == 0:
            found.append(pattern[start : special.start()])
            start = special.end()
    return [*found, pattern[start:]]


def matches(parts: Iterable[re.Pattern[str]], text: str) -> Iterator[re.Match[str]]:
    """Match one after another as the whole pattern would: what begins first, among equals by the first alternative.

    Each alternative goes through the text once, however often the others match.
    """
    cut = list(parts)
    waiting = [(found.start(), at, found) for at, part in enumerate(cut) if (found := part.search(text)) is not None]
    heapify(waiting)
    start = 0
    while waiting:
        begin, at, found = waiting[0]
        if begin >= start:
            yield found
            start = max(found.end(), begin + 1)
        later = cut[at].search(text, start)
        if later is None:
            heappop(waiting)
        else:
            heapreplace(waiting, (later.start(), at, later))
