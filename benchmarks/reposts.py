"""Measure reposts: python -m benchmarks.reposts [--shared ../shared] [--copies 10] [--database N].

Documents with known clusters are made by a tool kept outside the repository (without it a message, and success), or
given with ``--documents``. Prints recall by similarity to the base, pair precision, processor time a document and
memory, with bootstrap intervals over clusters. ``--copies 10`` adds the same texts in nine other alphabets, which makes
a million. ``--database N`` places documents, as taking in a feed does, in a SQLite file that knows N stories.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from itertools import islice
from math import comb
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import repoststore
from crm.news import similar
from crm.news.storyindex import StoryIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BANDS = ((0.8, 1.01), (0.5, 0.8), (0.3, 0.5))
DRAWS, SAMPLE, PLACED = 200, 6000, 3000
FIRST, LAST = 0x4E00, 0x9FA5


class Document(NamedTuple):
    """A text, the cluster it was made for, and how similar it is to the base of that cluster (the base itself: 2)."""

    cluster: int
    likeness: float
    text: str


def main() -> None:
    """Make or find the documents and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--documents", type=Path)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--database", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.documents or make(options.shared, Path(folder) / "documents.jsonl")
        if path is None:
            return
        if options.database:
            texts = [document.text for document in islice(documents(path), PLACED)]
            repoststore.measure(Path(folder) / "stories.db", options.database, texts)
            return
        found = in_memory(path, options.copies)
        judge(list(documents(path)), found)


def make(shared: Path, path: Path) -> Path | None:
    """Have the documents made; None without the tool."""
    tool = shared / "tools/near_duplicates.py"
    if not tool.exists():
        print(f"No {tool}: nothing measured.")
        return None
    subprocess.run([sys.executable, str(tool), str(shared / "data"), str(path)], check=True)  # noqa: S603 (ours)
    return path


def documents(path: Path) -> Iterator[Document]:
    """Read the documents."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            likeness = 2.0 if row["severity"] == "base" else row["jaccard_to_base"]
            yield Document(row["cluster"], likeness, row["text"])


def alphabet(copy: int) -> dict[int, int]:
    """Exchange every Chinese character for another one; copy 0 stays as it is."""
    points = list(range(FIRST, LAST + 1))
    if copy:
        random.Random(copy).shuffle(points)  # noqa: S311 (no secret)
    return dict(zip(range(FIRST, LAST + 1), points, strict=True))


def in_memory(path: Path, copies: int) -> list[int]:
    """Find stories as the command does; print what it cost and return the leaders of the first copy's documents."""
    before, begun, spent, count = memory(), time.monotonic(), 0.0, 0
    found: list[int] = []
    with StoryIndex[int]() as index:
        for copy in range(copies):
            table = alphabet(copy)
            for document in documents(path):
                text = document.text.translate(table) if copy else document.text
                cpu = time.process_time()
                leader = index.place(count, text)
                spent += time.process_time() - cpu
                found += [] if copy else [leader]
                count += 1
            print(f"{count} documents: {spent / count * 1000:.3f} ms CPU a document, {memory()} MiB", flush=True)
    print(f"memory before the first: {before} MiB; {time.monotonic() - begun:.0f} s in all")
    return found


def memory() -> int:
    """Resident memory in MiB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


def judge(rows: Sequence[Document], found: Sequence[int]) -> None:
    """Print recall and precision."""
    home = {row.cluster: found[number] for number, row in enumerate(rows) if row.likeness > 1.5}  # noqa: PLR2004 (base)
    for low, high in BANDS:
        hits: dict[int, list[bool]] = defaultdict(list)
        for number, row in enumerate(rows):
            if low <= row.likeness < high:
                hits[row.cluster].append(found[number] == home[row.cluster])
        total = sum(map(len, hits.values()))
        low_end, middle, high_end = interval([(sum(one), len(one)) for one in hits.values()])
        print(f"recall at J {low}-{min(high, 1)}: {middle:.4f} [{low_end:.4f}, {high_end:.4f}] of {total}")
    precision(rows, found)


def precision(rows: Sequence[Document], found: Sequence[int]) -> None:
    """Print the share of true pairs in stories: of one cluster, or with J of at least 0.5."""
    groups: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, leader in enumerate(found[: len(rows)]):
        groups[leader][rows[number].cluster].append(number)
    drawn = random.Random(1)  # noqa: S311 (a sample)
    shares, doubtful = [], []
    for members in groups.values():
        pairs = comb(sum(map(len, members.values())), 2)
        same = sum(comb(len(one), 2) for one in members.values())
        shares.append((same, pairs))
        doubtful += [(members, pairs - same)] if pairs > same else []
    true = 0
    for members, _ in drawn.choices(doubtful, [weight for _, weight in doubtful], k=SAMPLE) if doubtful else ():
        true += near(rows, *other_pair(members, drawn))
    share = true / SAMPLE if doubtful else 0.0
    low, middle, high = interval([(same + (pairs - same) * share, pairs) for same, pairs in shares if pairs])
    print(f"pair precision: {middle:.4f} [{low:.4f}, {high:.4f}] of {sum(pairs for _, pairs in shares)} pairs")
    followers = [(number, leader) for number, leader in enumerate(found[: len(rows)]) if number != leader]
    sample = drawn.sample(followers, min(SAMPLE, len(followers)))
    print(f"J >= 0.5 with the first report: {sum(near(rows, *pair) for pair in sample) / max(1, len(sample)):.4f}")


def other_pair(members: dict[int, list[int]], drawn: random.Random) -> tuple[int, int]:
    """Draw two documents of a story that were made for different clusters."""
    flat = [(number, cluster) for cluster, numbers in members.items() for number in numbers]
    while True:
        one, other = drawn.sample(flat, 2)
        if one[1] != other[1]:
            return one[0], other[0]


def near(rows: Sequence[Document], one: int, other: int) -> bool:
    """Whether two documents are near copies, by their five-character shingles themselves."""
    first, second = (shingles(rows[number].text) for number in (one, other))
    return len(first & second) >= similar.SAME_STORY * max(1, len(first | second))


def shingles(text: str) -> set[str]:
    """The five-character shingles of the folded text."""
    folded = similar.normalise(text)
    return {folded[start : start + 5] for start in range(len(folded) - 4)}


def interval(groups: Sequence[tuple[float, int]]) -> tuple[float, float, float]:
    """The share over all groups with its 95 % interval, groups drawn anew."""
    drawn = random.Random(2)  # noqa: S311 (a bootstrap)
    shares = []
    for _ in range(DRAWS if len(groups) > 1 else 0):
        sample = drawn.choices(groups, k=len(groups))
        shares.append(sum(hit for hit, _ in sample) / max(1, sum(size for _, size in sample)))
    shares.sort()
    middle = sum(hit for hit, _ in groups) / max(1, sum(size for _, size in groups))
    if not shares:
        return middle, middle, middle
    return shares[int(len(shares) * 0.025)], middle, shares[int(len(shares) * 0.975)]


if __name__ == "__main__":
    main()
