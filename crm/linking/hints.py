"""How much the characters right before and behind a span speak for an enterprise, learned from much news.

``data/context.json`` holds log odds of up to two characters in front and three behind: how much more often they
stand at the name of a listed enterprise than at a common word. They are statistics of about 23,000 news texts, made
by ``python -m benchmarks.linkcontext``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

BEGIN, END = "^", "$"
LEFT, RIGHT = 2, 3
SCALE = 4.0


@dataclass(frozen=True, slots=True)
class Hints:
    """Log odds by the characters in front and behind."""

    before: dict[str, float]
    behind: dict[str, float]

    def left(self, text: str, start: int) -> float:
        """Give what the text in front says, between -1 and 1; the longest known piece speaks."""
        piece = (BEGIN * LEFT + text[max(0, start - LEFT) : start])[-LEFT:]
        found = self.before.get(piece)
        return (self.before.get(piece[1:], 0.0) if found is None else found) / SCALE

    def right(self, text: str, end: int) -> float:
        """Give what the text behind says, between -1 and 1."""
        piece = (text[end : end + RIGHT] + END * RIGHT)[:RIGHT]
        for length in range(RIGHT, 0, -1):
            found = self.behind.get(piece[:length])
            if found is not None:
                return found / SCALE
        return 0.0


@lru_cache(maxsize=1)
def default_hints() -> Hints:
    """Give the table that comes with the product."""
    table = json.loads((files("crm.linking") / "data" / "context.json").read_text(encoding="utf-8"))
    return Hints(table["before"], table["behind"])
