"""Make the table of what stands before and behind names (``crm/linking/data/context.json``) from much news.

    python -m benchmarks.linkcontext [--shared ../shared] [--register DIR] [--write]

Names of four characters or more that mean nothing else are what stands at an enterprise; common words of the same
texts are what does not. Only pieces seen often are kept, as log odds: counts of one to three characters, no text.
Prints how near the table made is to the one in use; whoever writes it trains the weights anew (``train_linker``).
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import linkdata
from crm.linking.folding import fold_article
from crm.linking.hints import BEGIN, END, LEFT, RIGHT
from crm.linking.wordlist import default_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm.linking.matcher import AliasIndex

TABLE = Path(__file__).resolve().parent.parent / "crm/linking/data/context.json"
PLAIN_NAME, OFTEN, MOST, SHARE, LONGEST_WORD = 4, 25, 4.0, 0.12, 4
ORDINARY_KINDS = frozenset("nvaspo")
Table = dict[str, dict[str, float]]


class Counts:
    """How often pieces stand before and behind spans."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.spans = 0
        self.pieces: dict[str, Counter[str]] = {"before": Counter(), "behind": Counter()}

    def add(self, text: str, start: int, end: int) -> None:
        """Count the pieces around one span."""
        self.spans += 1
        before = (BEGIN * LEFT + text[max(0, start - LEFT) : start])[-LEFT:]
        behind = (text[end : end + RIGHT] + END * RIGHT)[:RIGHT]
        self.pieces["before"].update(before[-size:] for size in range(1, LEFT + 1))
        self.pieces["behind"].update(behind[:size] for size in range(1, RIGHT + 1))


def texts(path: Path) -> Iterator[str]:
    """Titles and bodies, each beginning once."""
    seen: set[str] = set()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            for part in filter(None, (row.get("title"), row["text"])):
                if part[:60] not in seen:
                    seen.add(part[:60])
                    yield fold_article(part).text


def names_in(index: AliasIndex, text: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Spans that surely name an enterprise, and all spans that may."""
    words = default_words()
    hits = index.names.finder.hits(text)
    sure = []
    for start, end, number in hits:
        key = index.names.keys[number]
        inside = any((a, b) != (start, end) and a <= start and b >= end for a, b, _ in hits)
        if inside or len(key) < PLAIN_NAME or key.isascii() or words.level(key):
            continue
        cut = words.around(text, start, end)
        if cut.left <= 0 and cut.right <= 0:
            sure.append((start, end))
    return sure, [(start, end) for start, end, _ in hits]


def ordinary(text: str, dice: random.Random) -> Iterator[tuple[int, int]]:
    """Some of the common words of a text, longest first from left to right."""
    words, at = default_words(), 0
    while at < min(300, len(text)):
        size = next((n for n in range(LONGEST_WORD, 1, -1) if words.level(text[at : at + n])), 1)
        if size > 1 and words.kind(text[at : at + size]) in ORDINARY_KINDS and dice.random() < SHARE:
            yield at, at + size
        at += size


def made(shared: Path, register: Path) -> Table:
    """Count, and give the log odds."""
    index, _names = linkdata.load(linkdata.register(shared, register))
    dice, at_names, at_words = random.Random(3), Counts(), Counts()  # noqa: S311 — a sample, no secret
    for text in texts(linkdata.news(shared)):
        sure, possible = names_in(index, text)
        for start, end in sure:
            at_names.add(text, start, end)
        for start, end in ordinary(text, dice):
            if not any(start < b and a < end for a, b in possible):
                at_words.add(text, start, end)
    sys.stdout.write(f"{at_names.spans} names, {at_words.spans} common words\n")
    return {side: _odds(side, at_names, at_words) for side in ("before", "behind")}


def _odds(side: str, names: Counts, words: Counts) -> dict[str, float]:
    table = {}
    for piece in sorted(set(names.pieces[side]) | set(words.pieces[side])):
        yes, no = names.pieces[side][piece], words.pieces[side][piece]
        if yes + no >= OFTEN:
            odds = math.log((yes + 1) / (names.spans + 2)) - math.log((no + 1) / (words.spans + 2))
            table[piece] = round(max(-MOST, min(MOST, odds)), 2)
    return table


def main() -> int:
    """Make the table, compare it with the one in use, write it when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--register", type=Path, default=Path("/tmp/yinfeng-linking"))  # noqa: S108 — rebuilt at will
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if not linkdata.news(options.shared).exists():
        sys.stdout.write(f"No news texts under {options.shared}: nothing made.\n")
        return 0
    table, known = made(options.shared, options.register), json.loads(TABLE.read_text(encoding="utf-8"))
    for side, odds in table.items():
        both = sorted(odds.keys() & known[side].keys())
        alike = np.corrcoef([odds[one] for one in both], [known[side][one] for one in both])[0, 1]
        sys.stdout.write(f"{side}: {len(odds)} pieces, {len(both)} of the {len(known[side])} in use, r {alike:.3f}\n")
    if options.write:
        TABLE.write_text(json.dumps(table, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
