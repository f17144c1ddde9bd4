"""Measure linking: how right it is by cross-validation, and how fast, through a database the product imported.

    python -m benchmarks.linking [--shared ../shared] [--register DIR] [--million] [--quick]

Rows: precision, recall, F1 and precision counting the group with bootstrap intervals, false friends linked, matching
alone at 20,000 and (``--million``) 1,000,000 names, linking and classifying in one process. Figures are of items that
the weights at work were not trained on. Prints a message and succeeds when the gold set is absent.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import resource
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import linkdata, train_linker
from benchmarks.linkjudging import intervals, rates
from crm.linking import automaton
from crm.linking.folding import fold_article
from crm.linking.thresholds import LINK
from crm.signals.rules import find_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crm.linking.matcher import AliasIndex

ARTICLE = 700
DOCUMENTS = 3000
SIZES = (20_000, 1_000_000)
PARTS = "华鼎云岭新海天宏瑞金泰盛远达科信安康和通"
TRADES = ("科技", "实业", "电子", "能源", "材料", "食品", "医药", "机械", "化工", "物流", "环保", "精密", "汽车")


def say(line: str) -> None:
    """Print a row at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def articles(shared: Path) -> list[str]:
    """Join the unjudged news into articles of about 700 characters."""
    found, whole = [], ""
    with gzip.open(linkdata.news(shared), "rt", encoding="utf-8") as lines:
        for line in lines:
            whole += json.loads(line)["text"] + "\n"
            if len(whole) >= ARTICLE - 50:
                found.append(whole[: ARTICLE + 100])
                whole = ""
            if len(found) == DOCUMENTS:
                break
    return found


def invented() -> Iterator[str]:
    """Invent names without end."""
    for length in (2, 3, 4):
        for parts in itertools.product(PARTS, repeat=length):
            for trade in TRADES:
                yield "".join(parts) + trade
    chance = random.Random(1)  # noqa: S311 — names, no secret
    while True:
        yield "".join(chance.choices(PARTS, k=5)) + chance.choice(TRADES)


def spent(work: Callable[[], object], rounds: int = 3) -> float:
    """Give the CPU seconds of the best of several rounds: the others were disturbed."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def quality(shared: Path, register: Path) -> None:
    """Print how right linking is."""
    sample = train_linker.load(shared, register)
    parts = train_linker.tallies(sample, train_linker.cross_validated(sample, 0), LINK)
    whole, ranges = train_linker.total(parts), intervals(parts)
    for name, value in rates(whole).items():
        say(f"link {name:16} {value:.3f}  [{ranges[name][0]:.3f}, {ranges[name][1]:.3f}]")
    say(f"false friends linked  {whole['friends_linked']} of {whole['friends']}")


def search(finder: automaton.Finder, texts: Sequence[str]) -> None:
    """Look for all names in all texts."""
    for text in texts:
        finder.hits(text)


def matching(texts: Sequence[str], keys: Sequence[str], sizes: Sequence[int]) -> None:
    """Print the rate of matching alone, and what building took."""
    wanted = dict.fromkeys(keys)
    more = invented()
    for size in sizes:
        while len(wanted) < size:
            wanted[next(more)] = None
        names = sorted(wanted)
        started = time.process_time()
        finder = automaton.build(names)
        built = time.process_time() - started
        seconds = spent(partial(search, finder, texts))
        rate = sum(len(text.encode()) for text in texts) / seconds / 1e6
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        say(f"matching alone, {size:>9,} names: {rate:.0f} MB/s; built in {built:.1f} s, process at most {memory} MB")


def speed(index: AliasIndex, texts: Sequence[str]) -> None:
    """Print how many articles a second one core links, and links and classifies."""

    def link() -> None:
        for text in texts:
            index.find(text)

    def both() -> None:
        for text in texts:
            folded = fold_article(text)
            sure = [mention for mention in index.find(text, folded) if mention.sure]
            find_signals(text, sure, folded=folded)

    length = sum(map(len, texts)) / len(texts)
    for name, work in (("linking", link), ("linking and classifying", both)):
        work()
        seconds = spent(work, 2) / len(texts)
        say(f"{name}, articles of {length:.0f} characters: {1 / seconds:.0f} a second ({seconds * 1000:.2f} ms each)")


def main() -> int:
    """Run the measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--register", type=Path, default=Path("/tmp/yinfeng-linking"))  # noqa: S108 — rebuilt at will
    parser.add_argument("--million", action="store_true", help="also build and search a million names")
    parser.add_argument("--quick", action="store_true", help="speed only")
    options = parser.parse_args()
    if not linkdata.gold(options.shared):
        say(f"No gold set under {options.shared}: nothing measured.")
        return 0
    if not options.quick:
        quality(options.shared, options.register)
    index, _names = linkdata.load(linkdata.register(options.shared, options.register))
    texts = articles(options.shared)
    matching([fold_article(text).text for text in texts], index.names.keys, SIZES if options.million else SIZES[:1])
    speed(index, texts[: DOCUMENTS // 2])
    return 0


if __name__ == "__main__":
    sys.exit(main())
